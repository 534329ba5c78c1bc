// Heartbeat and idle time: pings on an interval, round trips told, the silent found out.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

using Clock = std::chrono::steady_clock;

wsecho_server_options beating(std::uint32_t interval_ms, std::uint32_t timeout_ms) {
    auto options = default_options();
    options.heartbeat_interval_ms = interval_ms;
    options.heartbeat_timeout_ms = timeout_ms;
    return options;
}

void answer_ping(RawClient& client) {
    const Frame asked = client.read_frame();
    ASSERT_EQ(asked.opcode, ping);
    client.send(frame(pong, asked.payload));
}

TEST(heartbeat, an_answered_ping_is_told_with_its_round_trip) {
    TestServer server{beating(40, 10'000)};
    auto client = open_client(server);
    const auto before = Clock::now();
    answer_ping(client);
    const auto heartbeat = server.await_heartbeat();
    EXPECT_EQ(heartbeat.id, server.await_open());
    EXPECT_GT(heartbeat.round_trip_ns, 0U);
    EXPECT_LT(std::chrono::nanoseconds{heartbeat.round_trip_ns}, Clock::now() - before);
}

TEST(heartbeat, a_connection_keeps_what_its_round_trips_were) {
    std::vector<std::uint64_t> told;
    Callbacks callbacks;
    callbacks.on_heartbeat = [&](TestServer&, const Heartbeat& heartbeat) {
        told.push_back(heartbeat.round_trip_ns);
    };
    TestServer server{beating(0, 10'000), callbacks};
    auto client = open_client(server);
    const Id id = server.await_open();
    wsecho_round_trips kept{};
    kept.version = WSECHO_ROUND_TRIPS_VERSION;
    kept.size = sizeof kept;
    EXPECT_EQ(wsecho_connection_round_trips(server.get(), id, &kept), WSECHO_ERR_NOT_FOUND);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_OK);
        answer_ping(client);
        server.await_heartbeat(i);
    }
    EXPECT_EQ(wsecho_connection_round_trips(server.get(), id, &kept), WSECHO_OK);
    server.stop();  // the callbacks have returned
    const auto is_near = [](std::uint64_t ns, std::uint64_t other) {
        return ns <= other + 1000 && other <= ns + 1000;
    };
    EXPECT_TRUE(is_near(kept.last_ns, told.back()));
    EXPECT_TRUE(is_near(kept.minimum_ns, *std::min_element(told.begin(), told.end())));
    EXPECT_GE(kept.smoothed_ns + 1000, kept.minimum_ns);
    EXPECT_LE(kept.smoothed_ns, *std::max_element(told.begin(), told.end()) + 1000);
}

TEST(heartbeat, round_trips_that_cannot_be_told_are_an_error) {
    TestServer server;
    wsecho_round_trips kept{};
    EXPECT_EQ(wsecho_connection_round_trips(server.get(), 1, &kept), WSECHO_ERR_VERSION);
    kept.version = WSECHO_ROUND_TRIPS_VERSION;
    EXPECT_EQ(wsecho_connection_round_trips(server.get(), 1, &kept), WSECHO_ERR_VERSION);
    kept.size = sizeof kept;
    EXPECT_EQ(wsecho_connection_round_trips(server.get(), 0, &kept), WSECHO_ERR_GONE);
    EXPECT_EQ(wsecho_connection_round_trips(nullptr, 1, &kept), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_round_trips(server.get(), 1, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
}

TEST(heartbeat, the_interval_is_kept_however_long_the_timeout_is) {
    TestServer server{beating(40, 3'600'000)};
    auto client = open_client(server);
    for (int i = 0; i < 10; ++i)
        answer_ping(client);
    server.await_heartbeat(9);
}

TEST(heartbeat, the_interval_is_kept_when_it_is_longer_than_the_timeout) {
    TestServer server{beating(100, 50)};
    auto client = open_client(server);
    for (int i = 0; i < 5; ++i)
        answer_ping(client);
    server.await_heartbeat(4);
    EXPECT_TRUE(server.record().closes.empty());
}

TEST(heartbeat, a_peer_that_ignores_pings_is_closed_with_cause_heartbeat) {
    TestServer server{beating(40, 60)};
    auto client = open_client(server);
    EXPECT_EQ(client.read_frame().opcode, ping);
    client.read_to_end();
    const auto close = server.await_close();
    EXPECT_EQ(close.cause, WSECHO_CLOSE_HEARTBEAT);
    EXPECT_EQ(close.initiator, WSECHO_INITIATOR_LOCAL);
    EXPECT_EQ(server.statistics().closes[WSECHO_CLOSE_HEARTBEAT], 1U);
}

TEST(heartbeat, a_wrong_answer_is_no_round_trip) {
    TestServer server{beating(40, 10'000)};
    auto client = open_client(server);
    const Frame asked = client.read_frame();
    client.send(frame(pong, "") + frame(pong, "12345678") + frame(pong, asked.payload + "x"));
    client.send(frame(pong, asked.payload));
    client.send(frame(pong, asked.payload));  // once is enough
    client.send(close_frame(1000));
    client.read_to_end();
    server.await_close();
    EXPECT_EQ(server.record().heartbeats.size(), 1U);
}

// A ping by hand, as its peer gets it.
std::string ask(TestServer& server, RawClient& client, Id id) {
    EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_OK);
    return client.read_frame().payload;
}

TEST(heartbeat, an_answer_to_another_connection_s_ping_is_no_round_trip) {
    TestServer server{beating(0, 10'000)};
    auto client = open_client(server);
    const Id id = server.await_open(0);
    auto other = open_client(server);
    const Id id_of_other = server.await_open(1);
    ask(server, client, id);
    const auto between = ask(server, other, id_of_other);
    const auto last = ask(server, client, id);
    client.send(frame(pong, between) + frame(pong, last) + close_frame(1000));
    client.read_to_end();
    server.await_close();
    ASSERT_EQ(server.record().heartbeats.size(), 1U) << "that of its own last ping";
}

TEST(heartbeat, an_answer_made_of_two_pings_is_no_round_trip) {
    TestServer server{beating(0, 10'000)};
    auto client = open_client(server);
    const Id id = server.await_open();
    const auto first = ask(server, client, id);
    const auto last = ask(server, client, id);
    const auto half = first.size() / 2;
    client.send(frame(pong, first.substr(0, half) + last.substr(half)) +
                frame(pong, last.substr(0, half) + first.substr(half)) + close_frame(1000));
    client.read_to_end();
    server.await_close();
    EXPECT_TRUE(server.record().heartbeats.empty());
}

TEST(heartbeat, a_ping_does_not_tell_how_long_the_host_has_been_up) {
    TestServer server{beating(0, 10'000)};
    auto client = open_client(server);
    const auto payload = ask(server, client, server.await_open());
    const auto now = Clock::now().time_since_epoch();
    for (std::size_t at = 0; at + sizeof(std::uint64_t) <= payload.size(); ++at) {
        std::int64_t word = 0;
        std::memcpy(&word, payload.data() + at, sizeof word);
        const std::chrono::nanoseconds told{word};
        EXPECT_TRUE(told < now - std::chrono::hours{1} || told > now) << at;
    }
}

TEST(heartbeat, a_peer_that_talks_is_alive_though_it_does_not_answer) {
    // A pong cannot overtake a large message, so any byte counts.
    // Twenty pings take four timeouts.
    TestServer server{beating(30, 150), {.on_message = echo}};
    auto client = open_client(server);
    int pings = 0;
    for (int echoes = 0; pings < 20 || echoes < 20;) {
        client.send_text("not a pong");
        while (true) {
            const Frame next = client.read_frame();
            ASSERT_NE(next.opcode, test::close);
            if (next.opcode == text) break;
            ++pings;
        }
        ++echoes;
    }
    EXPECT_TRUE(server.record().closes.empty());
    EXPECT_TRUE(server.record().heartbeats.empty());
}

TEST(heartbeat, off_means_no_pings) {
    auto options = beating(0, 50);
    options.idle_timeout_ms = 400;  // the clock of this test
    TestServer server{options};
    auto client = open_client(server);
    EXPECT_EQ(client.read_frame().opcode, test::close);
    client.hang_up();
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_IDLE);
}

TEST(heartbeat, the_pings_of_connections_opened_at_once_are_spread_over_the_interval) {
    constexpr auto interval = std::chrono::milliseconds{600};
    TestServer server{beating(static_cast<std::uint32_t>(interval.count()), 10'000)};
    auto waiting = open_clients(server, 20);
    std::vector<Clock::time_point> pinged;
    eventually("a ping to each", [&] {
        return std::erase_if(waiting,
                             [&](RawClient& client) {
                                 if (client.is_silent()) return false;
                                 EXPECT_EQ(client.read_frame().opcode, ping);
                                 pinged.push_back(Clock::now());
                                 return true;
                             }) > 0 &&
               waiting.empty();
    });
    EXPECT_GT(pinged.back() - pinged.front(), interval / 2);
    EXPECT_LT(pinged[pinged.size() / 2] - pinged.front(), interval) << "none is left to the end";
}

TEST(ping, a_ping_by_hand_is_told_with_its_round_trip) {
    TestServer server{beating(0, 10'000)};
    auto client = open_client(server);
    const Id id = server.await_open();
    EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_OK);
    answer_ping(client);
    EXPECT_EQ(server.await_heartbeat().id, id);
}

TEST(ping, a_ping_by_hand_from_a_callback_goes_out_at_once) {
    TestServer server{beating(0, 10'000), {.on_open = [](TestServer& self, Id id) {
                          wsecho_connection_ping(self.get(), id);
                      }}};
    auto client = open_client(server);
    answer_ping(client);
    server.await_heartbeat();
}

TEST(ping, an_unanswered_ping_by_hand_ends_the_connection_though_the_heartbeat_is_off) {
    TestServer server{beating(0, 60)};
    auto client = open_client(server);
    EXPECT_EQ(wsecho_connection_ping(server.get(), server.await_open()), WSECHO_OK);
    EXPECT_EQ(client.read_frame().opcode, ping);
    client.read_to_end();
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_HEARTBEAT);
}

TEST(idle, a_connection_without_messages_is_closed_with_1001) {
    auto options = default_options();
    options.idle_timeout_ms = 60;
    TestServer server{options};
    auto client = open_client(server);
    EXPECT_EQ(client.take_close().close_code(), 1001U);
    const auto close = server.await_close();
    EXPECT_EQ(close.code, 1001U);
    EXPECT_EQ(close.cause, WSECHO_CLOSE_IDLE);
    EXPECT_EQ(close.initiator, WSECHO_INITIATOR_LOCAL);
}

TEST(idle, messages_postpone_it) {
    constexpr auto idle = std::chrono::milliseconds{150};
    auto options = default_options();
    options.idle_timeout_ms = static_cast<std::uint32_t>(idle.count());
    TestServer server{options, {.on_message = echo}};
    auto client = open_client(server);
    const auto begin = Clock::now();
    while (Clock::now() - begin < 3 * idle) {
        client.send_text("busy");
        ASSERT_EQ(client.read_text(), "busy");
    }
    const auto last = Clock::now();
    EXPECT_EQ(client.take_close().close_code(), 1001U);
    EXPECT_GE(Clock::now() - last, idle / 2);
}

TEST(idle, pings_and_pongs_do_not_count_as_messages) {
    auto options = beating(30, 10'000);
    options.idle_timeout_ms = 200;
    TestServer server{options};
    auto client = open_client(server);
    for (;;) {
        const Frame next = client.read_frame();
        if (next.opcode == test::close) break;
        // Both sides keep the wire busy, with nothing said.
        if (next.opcode == ping) client.send(frame(pong, next.payload) + frame(ping, ""));
    }
    client.hang_up();
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_IDLE);
}

}  // namespace
}  // namespace wsecho::test
