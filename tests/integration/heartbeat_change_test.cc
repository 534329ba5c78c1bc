// Heartbeats that adapt, that forgive, and that change while the server runs.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

wsecho_heartbeat heartbeat(std::uint32_t interval_ms, std::uint32_t timeout_ms = 10'000) {
    wsecho_heartbeat result = WSECHO_HEARTBEAT_INIT;
    result.interval_ms = interval_ms;
    result.timeout_ms = timeout_ms;
    return result;
}

wsecho_heartbeat adaptive(std::uint32_t from_ms, std::uint32_t to_ms) {
    wsecho_heartbeat result = heartbeat(from_ms);
    result.max_interval_ms = to_ms;
    return result;
}

wsecho_server_options silent(std::uint32_t threads = 1) {
    auto options = default_options();
    options.heartbeat_interval_ms = 0;
    options.threads = threads;
    return options;
}

int set(TestServer& server, Id id, const wsecho_heartbeat& to) {
    return wsecho_connection_set_heartbeat(server.get(), id, &to);
}
int set_path(TestServer& server, const char* path, const wsecho_heartbeat& to) {
    return wsecho_server_set_heartbeat(server.get(), path, &to);
}

// When the server sent it, by the loop's clock, which is the host's moved by an offset that only
// the loop knows.
nanoseconds sent_at(const Frame& asked) {
    std::int64_t stamp = 0;
    EXPECT_EQ(asked.opcode, ping);
    EXPECT_EQ(asked.payload.size(), 2 * sizeof stamp);
    std::memcpy(&stamp, asked.payload.data(), sizeof stamp);
    return nanoseconds{stamp};
}
nanoseconds read_ping(RawClient& client) {
    return sent_at(client.read_frame());
}
nanoseconds answer_ping(RawClient& client) {
    const Frame asked = client.read_frame();
    client.send(frame(pong, asked.payload));
    return sent_at(asked);
}

// Answers until pings come so far apart; false: they never do.
bool grows_to(RawClient& client, nanoseconds interval) {
    nanoseconds last = answer_ping(client);
    for (int i = 0; i < 50; ++i) {
        const nanoseconds next = answer_ping(client);
        if (next - last >= interval) return true;
        last = next;
    }
    return false;
}

// So many pings of a connection beside those that are watched, on their loop.
class LoopClock {
  public:
    explicit LoopClock(TestServer& server, std::size_t opened_before)
        : client_(open_client(server)) {
        EXPECT_EQ(set(server, server.await_open(opened_before), heartbeat(30)), WSECHO_OK);
        wait(1);
    }
    void wait(int pings) {
        for (int i = 0; i < pings; ++i)
            answer_ping(client_);
    }

  private:
    RawClient client_;
};

TEST(heartbeat_adaptive, the_interval_grows_while_answers_come) {
    TestServer server{silent()};
    EXPECT_EQ(set_path(server, nullptr, adaptive(40, 400)), WSECHO_OK);
    auto client = open_client(server);
    EXPECT_TRUE(grows_to(client, milliseconds{250}));
}

TEST(heartbeat_adaptive, the_options_of_the_server_and_of_a_path_have_it) {
    auto options = silent();
    options.heartbeat_interval_ms = 40;
    options.heartbeat_max_interval_ms = 400;
    TestServer server{TestServer::NotStarted{}, options};
    wsecho_path_options of_path = WSECHO_PATH_OPTIONS_INIT;
    EXPECT_EQ(wsecho_server_add_path(server.get(), "/same", &of_path, nullptr, nullptr), WSECHO_OK);
    EXPECT_EQ(server.start(), WSECHO_OK);
    auto client = open_client(server);
    auto same = open_client(server, "/same");
    EXPECT_TRUE(grows_to(client, milliseconds{250}));
    EXPECT_TRUE(grows_to(same, milliseconds{250}));
}

TEST(heartbeat_misses, the_options_of_a_path_have_them) {
    TestServer server{TestServer::NotStarted{}, silent()};
    wsecho_path_options of_path = WSECHO_PATH_OPTIONS_INIT;
    of_path.heartbeat_interval_ms = 10'000'000;
    of_path.heartbeat_timeout_ms = 40;
    of_path.heartbeat_misses = 3;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.on_open = [](wsecho_server* of, Id id, void*) { wsecho_connection_ping(of, id); };
    EXPECT_EQ(wsecho_server_add_path(server.get(), "/a", &of_path, &callbacks, nullptr), WSECHO_OK);
    EXPECT_EQ(server.start(), WSECHO_OK);
    auto client = open_client(server, "/a");
    for (int i = 0; i < 3; ++i)
        read_ping(client);
    EXPECT_EQ(client.read_frame().opcode, test::close);
}

TEST(heartbeat_adaptive, it_shrinks_after_misses) {
    TestServer server{silent()};
    auto client = open_client(server);
    auto settings = adaptive(40, 10'000);
    settings.timeout_ms = 50;
    settings.misses = 100;
    EXPECT_EQ(set(server, server.await_open(), settings), WSECHO_OK);
    EXPECT_TRUE(grows_to(client, milliseconds{250}));
    for (int missed = 0; missed < 8; ++missed)
        read_ping(client);
    // From here on none is missed, so that it stays as it is: ten pings and more in a second, where
    // it would be four at the most.
    settings.timeout_ms = 100'000;
    EXPECT_EQ(set(server, server.await_open(), settings), WSECHO_OK);
    auto clock = open_client(server);
    EXPECT_EQ(set(server, server.await_open(1), heartbeat(1000)), WSECHO_OK);
    const nanoseconds begin = read_ping(clock);
    const nanoseconds end = read_ping(clock);
    int pings = 0;
    for (nanoseconds sent = read_ping(client); sent < end; sent = read_ping(client))
        pings += sent > begin ? 1 : 0;
    EXPECT_GE(pings, 10);
}

TEST(heartbeat_misses, the_last_that_is_allowed_is_followed_by_the_end) {
    TestServer server{silent()};
    auto client = open_client(server);
    auto settings = heartbeat(0, 60);
    settings.misses = 3;
    const Id id = server.await_open();
    EXPECT_EQ(set(server, id, settings), WSECHO_OK);
    EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_OK);
    for (int i = 0; i < 3; ++i)
        read_ping(client);
    EXPECT_EQ(client.try_read_frame().value_or(Frame{}).opcode, test::close);
    client.read_to_end();
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_HEARTBEAT);
    EXPECT_EQ(server.statistics().closes[WSECHO_CLOSE_HEARTBEAT], 1U);
}

TEST(heartbeat_misses, an_answer_in_between_begins_the_row_anew) {
    TestServer server{silent()};
    auto client = open_client(server);
    auto settings = heartbeat(0, 1000);
    settings.misses = 2;
    const Id id = server.await_open();
    EXPECT_EQ(set(server, id, settings), WSECHO_OK);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_OK);
        read_ping(client);
        answer_ping(client);  // to the next, which was sent at once
        server.await_heartbeat(i);
    }
    EXPECT_TRUE(server.record().closes.empty());
}

TEST(heartbeat_change, it_holds_for_connections_that_are_open) {
    TestServer server{silent()};
    auto client = open_client(server);
    server.await_open();
    EXPECT_EQ(set_path(server, nullptr, heartbeat(30)), WSECHO_OK);
    for (int i = 0; i < 3; ++i)
        answer_ping(client);
}

TEST(heartbeat_change, it_holds_for_connections_on_every_loop) {
    TestServer server{silent(4)};
    auto clients = open_clients(server, 20);
    EXPECT_EQ(set_path(server, nullptr, heartbeat(40)), WSECHO_OK);
    for (auto& client : clients)
        answer_ping(client);
    server.await_heartbeat(19);
}

TEST(heartbeat_change, it_holds_for_connections_to_come) {
    TestServer server{silent()};
    EXPECT_EQ(set_path(server, nullptr, heartbeat(30)), WSECHO_OK);
    auto client = open_client(server);
    answer_ping(client);
}

TEST(heartbeat_change, the_next_pings_of_all_are_spread_over_the_interval) {
    constexpr std::uint32_t interval_ms = 600;
    TestServer server{silent()};
    auto clients = open_clients(server, 20);
    EXPECT_EQ(set_path(server, nullptr, heartbeat(interval_ms)), WSECHO_OK);
    std::vector<nanoseconds> sent;
    for (auto& client : clients)
        sent.push_back(read_ping(client));
    const auto [first, last] = std::minmax_element(sent.begin(), sent.end());
    EXPECT_GT(*last - *first, milliseconds{interval_ms} / 2);
}

TEST(heartbeat_change, off_is_the_end_of_the_pings) {
    TestServer server{silent()};
    EXPECT_EQ(set_path(server, nullptr, heartbeat(20)), WSECHO_OK);
    auto client = open_client(server);
    answer_ping(client);
    EXPECT_EQ(set_path(server, nullptr, heartbeat(0)), WSECHO_OK);
    LoopClock clock{server, 1};
    while (!client.is_silent())
        answer_ping(client);
    clock.wait(5);
    EXPECT_TRUE(client.is_silent());
}

TEST(heartbeat_change, null_is_what_the_path_began_with) {
    TestServer server{silent()};
    EXPECT_EQ(set_path(server, nullptr, heartbeat(20)), WSECHO_OK);
    auto client = open_client(server);
    answer_ping(client);
    EXPECT_EQ(wsecho_server_set_heartbeat(server.get(), nullptr, nullptr), WSECHO_OK);
    LoopClock clock{server, 1};
    while (!client.is_silent())
        answer_ping(client);
    clock.wait(5);
    EXPECT_TRUE(client.is_silent());
}

TEST(heartbeat_change, a_shorter_timeout_holds_for_what_is_awaited_already) {
    TestServer server{silent()};
    EXPECT_EQ(set_path(server, nullptr, heartbeat(0, 3'600'000)), WSECHO_OK);
    auto client = open_client(server);
    const Id id = server.await_open();
    EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_OK);
    read_ping(client);
    EXPECT_EQ(set_path(server, nullptr, heartbeat(0, 50)), WSECHO_OK);
    client.read_to_end();
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_HEARTBEAT);
}

TEST(heartbeat_change, each_path_has_its_own) {
    TestServer server{TestServer::NotStarted{}, silent()};
    EXPECT_EQ(wsecho_server_add_path(server.get(), "/a", nullptr, nullptr, nullptr), WSECHO_OK);
    EXPECT_EQ(wsecho_server_add_path(server.get(), "/b/*", nullptr, nullptr, nullptr), WSECHO_OK);
    EXPECT_EQ(server.start(), WSECHO_OK);
    auto a = open_client(server, "/a");
    auto b = open_client(server, "/b/1");
    auto other = open_client(server, "/");
    server.await_open();
    EXPECT_EQ(set_path(server, "/a", heartbeat(30)), WSECHO_OK);
    for (int i = 0; i < 4; ++i)
        answer_ping(a);
    EXPECT_TRUE(b.is_silent());
    EXPECT_EQ(set_path(server, "/b/*", heartbeat(20)), WSECHO_OK);
    for (int i = 0; i < 4; ++i)
        answer_ping(b);
    EXPECT_TRUE(other.is_silent());
    EXPECT_EQ(set_path(server, nullptr, heartbeat(20)), WSECHO_OK);
    answer_ping(other);
}

TEST(heartbeat_change, null_is_the_one_path_of_the_options_too) {
    auto options = silent();
    options.path = "/only";
    TestServer server{options};
    auto client = open_client(server, "/only");
    server.await_open();
    EXPECT_EQ(set_path(server, nullptr, heartbeat(30)), WSECHO_OK);
    answer_ping(client);
    EXPECT_EQ(set_path(server, "/only", heartbeat(20)), WSECHO_OK);
    answer_ping(client);
}

TEST(heartbeat_change, a_connections_own_stands_against_its_paths) {
    TestServer server{silent()};
    auto client = open_client(server);
    const Id id = server.await_open();
    EXPECT_EQ(set(server, id, heartbeat(0)), WSECHO_OK);
    LoopClock clock{server, 1};
    EXPECT_EQ(set_path(server, nullptr, heartbeat(20)), WSECHO_OK);
    clock.wait(5);
    EXPECT_TRUE(client.is_silent());
    EXPECT_EQ(wsecho_connection_set_heartbeat(server.get(), id, nullptr), WSECHO_OK);
    answer_ping(client);
}

TEST(heartbeat_change, in_a_callback_it_holds_at_once) {
    TestServer server{
        silent(),
        {.on_open = [](TestServer& itself,
                       Id id) { EXPECT_EQ(set(itself, id, heartbeat(40)), WSECHO_OK); },
         .on_heartbeat =
             [](TestServer& itself, const Heartbeat& told) {
                 EXPECT_EQ(set(itself, told.id, heartbeat(20)), WSECHO_OK);
                 EXPECT_EQ(set_path(itself, nullptr, heartbeat(25)), WSECHO_OK);
             }}};
    auto client = open_client(server);
    for (int i = 0; i < 5; ++i)
        answer_ping(client);
    server.await_heartbeat(4);
}

TEST(heartbeat_change, while_reading_is_paused_it_holds_from_the_resume_on) {
    TestServer server{silent()};
    auto client = open_client(server);
    const Id id = server.await_open();
    EXPECT_EQ(wsecho_connection_pause_reading(server.get(), id), WSECHO_OK);
    EXPECT_EQ(set(server, id, heartbeat(20, 20)), WSECHO_OK);
    LoopClock clock{server, 1};
    clock.wait(5);
    EXPECT_TRUE(client.is_silent());
    EXPECT_EQ(wsecho_connection_resume_reading(server.get(), id), WSECHO_OK);
    read_ping(client);
}

TEST(heartbeat_change, of_changes_by_many_threads_the_last_holds_on_every_loop) {
    TestServer server{silent(4)};
    auto clients = open_clients(server, 12);
    std::vector<std::thread> threads;
    for (std::uint32_t t = 0; t < 4; ++t)
        threads.emplace_back([&server, t] {
            for (std::uint32_t i = 0; i < 200; ++i) {
                EXPECT_EQ(set_path(server, nullptr, adaptive(10'000 + i + t, 20'000)), WSECHO_OK);
                EXPECT_EQ(set(server, server.await_open(i % 12), heartbeat(10'000 + i + t)),
                          WSECHO_OK);
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(set_path(server, nullptr, heartbeat(40)), WSECHO_OK);
    for (std::size_t i = 0; i < 12; ++i)
        EXPECT_EQ(wsecho_connection_set_heartbeat(server.get(), server.await_open(i), nullptr),
                  WSECHO_OK);
    for (auto& client : clients)
        answer_ping(client);
}

TEST(heartbeat_change, each_wrong_field_is_named) {
    TestServer server{silent()};
    const auto refused = [&](wsecho_heartbeat wrong, const std::string& field) {
        for (const bool of_path : {false, true}) {
            EXPECT_EQ(of_path ? set_path(server, nullptr, wrong) : set(server, 0, wrong),
                      WSECHO_ERR_INVALID_OPTION);
            EXPECT_EQ(std::string{wsecho_error_detail()}.substr(0, field.size() + 1), field + ":");
        }
    };
    constexpr std::uint32_t over_49_days = 49U * 24 * 3600 * 1000 + 1;
    refused(heartbeat(UINT32_MAX), "interval_ms");
    refused(adaptive(1000, 999), "max_interval_ms");
    refused(adaptive(1000, UINT32_MAX), "max_interval_ms");
    refused(heartbeat(1000, 0), "timeout_ms");
    refused(heartbeat(1000, over_49_days), "timeout_ms");
    auto wrong = heartbeat(1000);
    wrong.misses = 0;
    refused(wrong, "misses");
    wrong.misses = 101;
    refused(wrong, "misses");
}

TEST(heartbeat_change, a_version_or_a_size_that_is_not_known_is_refused) {
    TestServer server{silent()};
    auto wrong = heartbeat(1000);
    wrong.version = 2;
    EXPECT_EQ(set_path(server, nullptr, wrong), WSECHO_ERR_VERSION);
    EXPECT_EQ(set(server, 0, wrong), WSECHO_ERR_VERSION);
    wrong.version = 1;
    wrong.size -= 1;
    EXPECT_EQ(set_path(server, nullptr, wrong), WSECHO_ERR_VERSION);
    EXPECT_EQ(set(server, 0, wrong), WSECHO_ERR_VERSION);
}

TEST(heartbeat_change, a_path_that_is_not_served_is_not_found) {
    auto options = silent();
    options.path = "/only";
    TestServer server{options};
    EXPECT_EQ(set_path(server, "/other", heartbeat(1000)), WSECHO_ERR_NOT_FOUND);
    EXPECT_EQ(set_path(server, "/only/*", heartbeat(1000)), WSECHO_ERR_NOT_FOUND);
    EXPECT_EQ(set_path(server, "/", heartbeat(1000)), WSECHO_ERR_NOT_FOUND);
}

TEST(heartbeat_change, a_server_that_does_not_run_is_in_the_wrong_state) {
    TestServer server{TestServer::NotStarted{}, silent()};
    EXPECT_EQ(set_path(server, nullptr, heartbeat(1000)), WSECHO_ERR_WRONG_STATE);
    EXPECT_EQ(server.start(), WSECHO_OK);
    EXPECT_EQ(set_path(server, nullptr, heartbeat(1000)), WSECHO_OK);
    EXPECT_EQ(server.stop(), WSECHO_OK);
    EXPECT_EQ(set_path(server, nullptr, heartbeat(1000)), WSECHO_ERR_WRONG_STATE);
}

TEST(heartbeat_change, one_that_is_closing_or_gone_has_none) {
    TestServer server{silent(), {.on_open = [](TestServer& itself, Id id) {
                          EXPECT_EQ(itself.close(id, 1000), WSECHO_OK);
                          EXPECT_EQ(set(itself, id, heartbeat(1000)), WSECHO_ERR_CLOSING);
                      }}};
    auto client = open_client(server);
    EXPECT_EQ(client.read_frame().opcode, test::close);
    const Id id = server.await_open();
    EXPECT_EQ(set(server, id, heartbeat(1000)), WSECHO_ERR_CLOSING);
    client.hang_up();
    server.await_close();
    server.stop();
    EXPECT_EQ(set(server, id, heartbeat(1000)), WSECHO_ERR_GONE);
}

}  // namespace
}  // namespace wsecho::test
