// A drain of many at once: each peer that answers gets all that was queued for it and then 1001,
// and the deadline ends the others.
//
// The clients are a process of their own, since both ends of 10,000 connections are more
// descriptors than one process has. WSECHO_DRAIN=CONNECTIONS makes it larger.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/client_crowd.h"
#include "support/client_process.h"
#include "support/frames.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr unsigned most = 20'000;
constexpr std::uint32_t deadline_ms = 5000;
constexpr unsigned broadcasts = 16;
constexpr std::size_t small = 1024;
// To each tenth: more than the kernel takes for a peer that does not read yet.
constexpr unsigned large_ones = 4;
constexpr std::size_t large = 64UL * 1024;

unsigned connections() {
    const char* const asked = std::getenv("WSECHO_DRAIN");
    const unsigned count = asked == nullptr ? 300 : static_cast<unsigned>(std::atoi(asked));
    if (count == 0 || count > most) throw std::runtime_error("WSECHO_DRAIN is not 1 to 20,000");
    return count;
}

bool gets_large_ones(std::size_t client) {
    return client % 10 == 0;
}
// One in a hundred reads all and says nothing.
bool is_silent(std::size_t client) {
    return client % 100 == 55;
}

// What a client has seen, in memory that both processes see.
struct Seen {
    unsigned small_ones = 0;
    unsigned large_ones = 0;
    unsigned own = 0;  // the one message that is for it alone, with its number
    unsigned close_code = 0;
    bool is_wrong = false;  // something behind its close frame, or not what it should be
};

struct Board {
    std::atomic<bool> may_read;
    std::array<Seen, most> seen;
};

// Each goes on until the server hangs up.
bool note(Seen& seen, const ClientCrowd::Client& client, const Frame& came) {
    if (seen.close_code != 0) seen.is_wrong = true;
    if (came.opcode == test::close) {
        seen.close_code = came.close_code();
        if (!is_silent(client.number) && !client.send(close_frame(seen.close_code)))
            seen.is_wrong = true;
    } else if (came.payload.size() == small) {
        ++seen.small_ones;
    } else if (came.payload.size() == large) {
        ++seen.large_ones;
    } else if (came.payload == std::to_string(client.number)) {
        ++seen.own;
    } else {
        seen.is_wrong = true;
    }
    return true;
}

void connect_and_read(int port, unsigned count, Board& board) {
    const auto note_it = [&](const ClientCrowd::Client& client, const Frame& came) {
        return note(board.seen[client.number], client, came);
    };
    constexpr int receive_buffer = 32768;  // so that the kernel does not take all
    ClientCrowd clients{port, count, note_it, receive_buffer};
    while (!board.may_read)
        usleep(1000);
    clients.read_all();
}

class drain_storm : public testing::Test {
  protected:
    drain_storm()
        : board_(new (mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0)) Board) {}
    ~drain_storm() override { munmap(board_, sizeof(Board)); }

    const unsigned count_ = connections();
    Board* board_;
    ClientProcess clients_{[this](int port) { connect_and_read(port, count_, *board_); }};
};

TEST_F(drain_storm, who_answers_gets_all_and_1001_and_the_deadline_ends_the_others) {
    auto options = default_options();
    options.threads = 2;
    options.heartbeat_interval_ms = 0;
    std::vector<Id> ids(count_);
    std::atomic<unsigned> opened{0};
    Callbacks callbacks;
    callbacks.on_open = [&](TestServer& server, Id id) {
        ids[std::stoul(server.ask(wsecho_connection_query, id))] = id;
        ++opened;
    };
    // When the last of those ended that were not cut off.
    std::atomic<Clock::rep> last_answer{0};
    std::atomic<Clock::rep> cut_off{0};
    callbacks.on_close = [&](TestServer&, const Close&) {
        const auto now = Clock::now().time_since_epoch().count();
        if (now < cut_off) last_answer = now;
    };
    TestServer server{options, callbacks};
    clients_.connect_to(server.port());
    while (opened < count_) {
        ASSERT_FALSE(clients_.has_ended());
        usleep(1000);
    }

    const std::string little(small, 's');
    const std::string much(large, 'l');
    for (unsigned i = 0; i < broadcasts; ++i)
        ASSERT_EQ(server.broadcast_text(little), WSECHO_OK);
    wsecho_message* message = nullptr;
    ASSERT_EQ(wsecho_message_prepare(&message, WSECHO_TEXT, much.data(), much.size()), WSECHO_OK);
    for (std::size_t client = 0; client < count_; ++client) {
        for (unsigned i = 0; i < large_ones && gets_large_ones(client); ++i)
            ASSERT_EQ(wsecho_connection_send_prepared(server.get(), ids[client], message),
                      WSECHO_OK);
        ASSERT_EQ(server.send_text(ids[client], std::to_string(client)), WSECHO_OK);
    }
    wsecho_message_release(message);

    wsecho_drain_options drain = WSECHO_DRAIN_OPTIONS_INIT;
    drain.deadline_ms = deadline_ms;
    drain.spread_ms = 1000;
    wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;
    const std::uint64_t queued = server.statistics().bytes_queued;
    board_->may_read = true;
    const auto begin = Clock::now();
    cut_off = (begin + std::chrono::milliseconds{deadline_ms}).time_since_epoch().count();
    ASSERT_EQ(wsecho_server_drain(server.get(), &drain, &report), WSECHO_OK);
    const Seconds took = Clock::now() - begin;
    const Seconds answered = Clock::duration{last_answer} - begin.time_since_epoch();
    ASSERT_EQ(clients_.wait(), 0);

    unsigned silent = 0;
    for (std::size_t client = 0; client < count_; ++client) {
        SCOPED_TRACE(client);
        const Seen& seen = board_->seen[client];
        ASSERT_FALSE(seen.is_wrong);
        ASSERT_EQ(seen.small_ones, broadcasts);
        ASSERT_EQ(seen.large_ones, gets_large_ones(client) ? large_ones : 0);
        ASSERT_EQ(seen.own, 1U);
        ASSERT_EQ(seen.close_code, 1001U);
        if (is_silent(client)) ++silent;
    }
    EXPECT_EQ(report.connections, count_);
    EXPECT_EQ(report.answered, count_ - silent);
    EXPECT_EQ(report.forced, silent);
    EXPECT_EQ(report.left + report.broken + report.bytes_unsent, 0U);
    EXPECT_EQ(server.statistics().messages_refused, 0U);
    EXPECT_TRUE(silent == 0 || took >= std::chrono::milliseconds{deadline_ms});
    std::printf("%u connections, %llu bytes queued: %llu answered in %.2f s, %llu forced, %.2f s\n",
                count_, static_cast<unsigned long long>(queued),
                static_cast<unsigned long long>(report.answered), answered.count(),
                static_cast<unsigned long long>(report.forced), took.count());
}

}  // namespace
}  // namespace wsecho::test
