// Clients that all end at once, or all fall silent at once: each is reported once, for the right
// cause, in the heartbeat's time, and what they took is given back.
//
// WSECHO_KILLED=CONNECTIONS makes it larger; from 5,000 on the memory is looked at, too, on the
// default event loop: libuv and poll() keep tables that grow with the descriptors.
#include <gtest/gtest.h>
#include <malloc.h>

#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>

#include "support/client_crowd.h"
#include "support/client_process.h"
#include "support/frames.h"
#include "support/process.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

unsigned how_many() {
    const char* const asked = std::getenv("WSECHO_KILLED");
    return asked == nullptr ? 200 : static_cast<unsigned>(std::stoul(asked));
}

constexpr auto interval = 2s;
constexpr auto timeout = 2s;
// The time until the next ping and the timeout are two heartbeat periods; and one more second for a
// machine that is busy.
constexpr auto in_time = interval + timeout + 1s;

wsecho_server_options beating() {
    auto options = default_options();
    options.heartbeat_interval_ms = std::chrono::milliseconds{interval}.count();
    options.heartbeat_timeout_ms = std::chrono::milliseconds{timeout}.count();
    return options;
}

bool answer(const ClientCrowd::Client& client, const Frame& asked) {
    return client.send(frame(asked.opcode == ping ? pong : close, asked.payload));
}

struct Clients : ::testing::Test {
    void open_all(TestServer& server) {
        process.connect_to(server.port());
        server.await("all clients",
                     [&](const Record& record) { return record.opened.size() == count; });
    }

    // Each once, all for the one cause.
    void check_closes(const TestServer& server, wsecho_close_cause cause, unsigned code) {
        std::unordered_set<Id> ids;
        for (const Close& close : server.record().closes) {
            EXPECT_TRUE(ids.insert(close.id).second) << "closed twice";
            EXPECT_EQ(close.cause, cause);
            EXPECT_EQ(close.code, code);
        }
        EXPECT_EQ(ids.size(), count);
        eventually("the last to be gone", [&] { return server.statistics().connections == 0; });
    }

    static void check_time(Clock::time_point start) {
        if (std::getenv("WSECHO_KILLED") == nullptr) return;
        EXPECT_LT(Clock::now() - start, in_time);
    }

    static void await_closes(const TestServer& server, std::size_t closes) {
        server.await("all closes",
                     [&](const Record& record) { return record.closes.size() >= closes; });
    }

    const unsigned count = how_many();
    ClientProcess process{[this](int port) { ClientCrowd{port, count, answer}.read_all(); }};
};

using killed_clients = Clients;

TEST_F(killed_clients, each_is_reported_once_within_two_heartbeats) {
    TestServer server{beating()};
    open_client(server).reset();  // the library's code is memory, too, once it has run
    server.await_close();
    server.forget_record();
    const auto before = resident_bytes();
    open_all(server);
    const auto held = resident_bytes();
    const auto start = Clock::now();
    process.kill();
    await_closes(server, count);
    check_time(start);
    check_closes(server, WSECHO_CLOSE_TCP, 1006);
    if (count < 5000 || std::string_view{wsecho_server_event_loop(server.get())} != "epoll") return;
    server.forget_record();
    const auto untrimmed = resident_bytes();
    malloc_trim(0);  // what is freed the C library keeps to give it out again
    const auto after = resident_bytes();
    std::printf(
        "%u connections: %zu KiB before, %zu KiB with them, %zu KiB after, of which the C "
        "library keeps %zu KiB free\n",
        count, before / 1024, held / 1024, untrimmed / 1024, (untrimmed - after) / 1024);
    EXPECT_LE(after, before + before / 10);
}

TEST_F(killed_clients, those_that_fall_silent_are_found_by_the_heartbeat) {
    TestServer server{beating()};
    open_all(server);
    process.freeze();
    const auto start = Clock::now();
    await_closes(server, count);
    check_time(start);
    check_closes(server, WSECHO_CLOSE_HEARTBEAT, 1011);
}

}  // namespace
}  // namespace wsecho::test
