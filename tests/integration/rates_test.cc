// What one connection may send in a second: who sends more waits, or is closed.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <thread>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

wsecho_server_options limited(std::uint32_t messages, std::uint64_t bytes,
                              wsecho_rate_policy policy = WSECHO_RATE_SLOW) {
    auto options = default_options();
    options.heartbeat_interval_ms = 0;
    options.max_messages_per_second = messages;
    options.max_bytes_per_second = bytes;
    options.rate_policy = policy;
    return options;
}

std::string texts(int count) {
    std::string frames;
    for (int i = 0; i < count; ++i)
        frames += frame(text, std::to_string(i));
    return frames;
}

std::string fragments(int count) {
    std::string frames = first_fragment(text, "x");
    for (int i = 0; i < count - 2; ++i)
        frames += middle_fragment("");
    return frames + last_fragment("y");
}

std::string pings(int count) {
    std::string frames;
    for (int i = 0; i < count; ++i)
        frames += frame(ping, std::to_string(i));
    return frames;
}

void expect_closed_for_its_rate(TestServer& server, RawClient& client) {
    EXPECT_EQ(client.take_close().close_code(), 1008U);
    client.hang_up();
    const auto close = server.await_close();
    EXPECT_EQ(close.code, 1008U);
    EXPECT_EQ(close.cause, WSECHO_CLOSE_LIMIT);
    EXPECT_EQ(close.initiator, WSECHO_INITIATOR_LOCAL);
    EXPECT_EQ(server.statistics().rate_closes, 1U);
    EXPECT_EQ(server.statistics().rate_pauses, 0U);
    EXPECT_EQ(server.statistics().closes[WSECHO_CLOSE_LIMIT], 1U);
}

TEST(rate_slow, all_messages_come_in_their_order_and_no_sooner_than_the_rate_allows) {
    TestServer server{limited(20, 0)};
    auto client = open_client(server);
    const auto begin = Clock::now();
    client.send(texts(51));
    for (std::size_t i = 0; i < 51; ++i)
        EXPECT_EQ(server.await_message(i).payload, std::to_string(i));
    // Twenty at once, one on credit, thirty at 50 ms each.
    EXPECT_GE(Clock::now() - begin, milliseconds{1500});
    EXPECT_GE(server.statistics().rate_pauses, 1U);
    EXPECT_EQ(server.statistics().rate_closes, 0U);
    EXPECT_EQ(server.state(server.await_open()), WSECHO_STATE_OPEN);
}

TEST(rate_slow, who_keeps_to_the_rate_never_waits) {
    TestServer server{limited(20, 20 * 8)};
    auto client = open_client(server);
    client.send(texts(20));
    server.await_message(19);
    EXPECT_EQ(server.statistics().rate_pauses, 0U);
}

TEST(rate_slow, one_connections_rate_is_not_anothers) {
    TestServer server{limited(5, 0)};
    auto one = open_client(server);
    auto other = open_client(server);
    one.send(texts(5));
    other.send(texts(5));
    server.await_message(9);
    EXPECT_EQ(server.statistics().rate_pauses, 0U);
}

TEST(rate_slow, each_part_of_a_message_counts) {
    TestServer server{limited(10, 0)};
    auto client = open_client(server);
    const auto begin = Clock::now();
    client.send(fragments(16));
    EXPECT_EQ(server.await_message().payload, "xy");
    EXPECT_GE(Clock::now() - begin, milliseconds{500});
    EXPECT_GE(server.statistics().rate_pauses, 1U);
}

TEST(rate_slow, pings_count_and_each_is_answered) {
    TestServer server{limited(10, 0)};
    auto client = open_client(server);
    const auto begin = Clock::now();
    client.send(pings(16));
    for (int i = 0; i < 16; ++i) {
        const Frame answer = client.read_frame();
        EXPECT_EQ(answer.opcode, pong);
        EXPECT_EQ(answer.payload, std::to_string(i));
    }
    EXPECT_GE(Clock::now() - begin, milliseconds{500});
    EXPECT_GE(server.statistics().rate_pauses, 1U);
}

TEST(rate_slow, a_frame_cut_anywhere_counts_once) {
    TestServer server{limited(10, 0)};
    auto client = open_client(server);
    client.send_in_pieces(texts(10), 1);
    EXPECT_EQ(server.await_message(9).payload, "9");
    EXPECT_EQ(server.statistics().rate_pauses, 0U);
}

TEST(rate_slow, a_message_over_the_rate_of_bytes_comes_and_is_paid_for_after) {
    TestServer server{limited(0, 50'000)};
    auto client = open_client(server);
    const auto begin = Clock::now();
    client.send_binary(std::string(100'000, 'x'));
    server.await_message();
    client.send_text("waits");
    EXPECT_EQ(server.await_message(1).payload, "waits");
    EXPECT_GE(Clock::now() - begin, milliseconds{1000});
    EXPECT_GE(server.statistics().rate_pauses, 1U);
}

TEST(rate_slow, the_peer_is_held_back_by_tcp) {
    constexpr std::size_t kernel_room = 64UL * 1024 * 1024;  // more than any socket's buffers hold
    auto options = limited(0, 1);
    options.close_timeout_ms = 60'000;  // all of it has to be read until the close is answered
    TestServer server{options};
    auto client = open_client(server);
    auto sending = std::async(std::launch::async, [&] {
        const std::string chunk(64UL * 1024, 'x');
        for (std::size_t sent = 0; sent < kernel_room; sent += chunk.size())
            client.send_binary(chunk);
    });
    eventually("a pause", [&] { return server.statistics().rate_pauses == 1; });
    auto other = open_client(server);  // the loop has passed on
    EXPECT_LT(server.statistics().bytes_received, 1024U * 1024);
    EXPECT_EQ(server.close(server.await_open(), 1000), WSECHO_OK);
    sending.get();
    EXPECT_EQ(client.take_close().close_code(), 1000U) << "a close goes on reading";
    server.await_close();
}

TEST(rate_slow, a_resume_by_hand_does_not_lift_it) {
    TestServer server{limited(5, 0)};
    auto client = open_client(server);
    const Id id = server.await_open();
    const auto begin = Clock::now();
    client.send(texts(12));
    while (server.record().messages.size() < 12)
        ASSERT_EQ(wsecho_connection_resume_reading(server.get(), id), WSECHO_OK);
    EXPECT_GE(Clock::now() - begin, milliseconds{1200});
}

TEST(rate_slow, its_end_does_not_lift_a_pause_by_hand) {
    TestServer server{limited(5, 0), {.on_message = [](TestServer& itself, const Message& told) {
                          if (told.payload == "5" && told.id == itself.await_open()) {
                              EXPECT_EQ(wsecho_connection_pause_reading(itself.get(), told.id),
                                        WSECHO_OK);
                          }
                      }}};
    auto client = open_client(server);
    client.send(texts(7));
    EXPECT_EQ(server.await_message(5).payload, "5");
    auto clock = open_client(server);
    clock.send(texts(7));  // its wait is over behind that of the other
    server.await_message(5 + 7);
    EXPECT_EQ(server.record().messages.size(), 6U + 7U);
    EXPECT_EQ(wsecho_connection_resume_reading(server.get(), server.await_open()), WSECHO_OK);
    EXPECT_EQ(server.await_message(13).payload, "6");
}

TEST(rate_slow, who_waits_is_not_taken_for_dead_or_idle) {
    auto options = limited(4, 0);
    options.heartbeat_interval_ms = 30;
    options.heartbeat_timeout_ms = 60;
    options.idle_timeout_ms = 150;  // shorter than the wait
    TestServer server{options};
    auto client = open_client(server);
    client.send(texts(10));
    EXPECT_EQ(server.await_message(9).payload, "9");
    EXPECT_TRUE(server.record().closes.empty());
    client.read_to_end();  // and now it is
    server.await_close();
}

TEST(rate_slow, frames_right_behind_the_handshake_count) {
    TestServer server{limited(10, 0)};
    auto client = RawClient::tcp(server.port());
    const auto begin = Clock::now();
    client.send(upgrade_request() + texts(16));
    EXPECT_EQ(client.read_response().status, 101);
    EXPECT_EQ(server.await_message(15).payload, "15");
    EXPECT_GE(Clock::now() - begin, milliseconds{500});
}

TEST(rate_slow, a_peer_that_leaves_meanwhile_is_told_of_to_its_end) {
    TestServer server{limited(10, 0)};
    auto client = open_client(server);
    client.send(texts(15) + close_frame(1000));
    EXPECT_EQ(client.take_close().close_code(), 1000U);
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_PEER);
    EXPECT_EQ(server.record().messages.size(), 15U);
}

TEST(rate_slow, a_stop_does_not_wait_for_it) {
    TestServer server{limited(0, 1)};
    auto client = open_client(server);
    client.send_text("a debt of seconds");
    server.await_message();
    auto stopping = std::async(std::launch::async, [&] { return server.stop(); });
    EXPECT_EQ(client.take_close().close_code(), 1001U);
    EXPECT_EQ(stopping.get(), WSECHO_OK);
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_DRAIN);
}

TEST(rate_close, more_messages_than_a_second_allows_end_the_connection) {
    TestServer server{limited(10, 0, WSECHO_RATE_CLOSE)};
    auto client = open_client(server);
    client.send(texts(30));
    expect_closed_for_its_rate(server, client);
    EXPECT_EQ(server.record().messages.size(), 10U) << "what is too much is not told";
}

TEST(rate_close, so_do_pings) {
    TestServer server{limited(10, 0, WSECHO_RATE_CLOSE)};
    auto client = open_client(server);
    client.send(pings(11));
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(client.read_frame().opcode, pong);
    expect_closed_for_its_rate(server, client);
}

TEST(rate_close, so_do_the_parts_of_a_message) {
    TestServer server{limited(10, 0, WSECHO_RATE_CLOSE)};
    auto client = open_client(server);
    client.send(fragments(11));
    expect_closed_for_its_rate(server, client);
    EXPECT_TRUE(server.record().messages.empty());
}

TEST(rate_close, so_do_bytes) {
    TestServer server{limited(0, 1000, WSECHO_RATE_CLOSE)};
    auto client = open_client(server);
    client.send_text(std::string(2000, 'x'));
    expect_closed_for_its_rate(server, client);
    EXPECT_TRUE(server.record().messages.empty());
}

TEST(rate_close, so_do_frames_right_behind_the_handshake) {
    TestServer server{limited(10, 0, WSECHO_RATE_CLOSE)};
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request() + texts(11));
    EXPECT_EQ(client.read_response().status, 101);
    expect_closed_for_its_rate(server, client);
    EXPECT_EQ(server.record().messages.size(), 10U);
}

TEST(rate_close, the_close_of_a_peer_that_used_its_second_up_is_its_own) {
    TestServer server{limited(10, 0, WSECHO_RATE_CLOSE)};
    auto client = open_client(server);
    client.send(texts(10) + close_frame(1000));
    EXPECT_EQ(client.take_close().close_code(), 1000U);
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_PEER);
    EXPECT_EQ(server.statistics().rate_closes, 0U);
}

TEST(rate_options, each_path_has_its_own) {
    TestServer server{TestServer::NotStarted{}, limited(10, 0, WSECHO_RATE_CLOSE)};
    wsecho_callbacks told = WSECHO_CALLBACKS_INIT;
    told.on_message = [](wsecho_server* of, Id id, int type, const void* payload,
                         std::size_t length,
                         void*) { wsecho_connection_send(of, id, type, payload, length); };
    wsecho_path_options options = WSECHO_PATH_OPTIONS_INIT;
    EXPECT_EQ(wsecho_server_add_path(server.get(), "/as-server", &options, &told, nullptr),
              WSECHO_OK);
    options.max_messages_per_second = 0;
    EXPECT_EQ(wsecho_server_add_path(server.get(), "/free", &options, &told, nullptr), WSECHO_OK);
    options.max_messages_per_second = 10;
    options.rate_policy = WSECHO_RATE_SLOW;
    EXPECT_EQ(wsecho_server_add_path(server.get(), "/slow", &options, &told, nullptr), WSECHO_OK);
    options.max_messages_per_second = 0;
    options.max_bytes_per_second = 50;
    options.rate_policy = WSECHO_RATE_CLOSE;
    EXPECT_EQ(wsecho_server_add_path(server.get(), "/bytes", &options, &told, nullptr), WSECHO_OK);
    EXPECT_EQ(server.start(), WSECHO_OK);
    const auto echoes = [&](const char* path) {
        auto client = open_client(server, path);
        client.send(texts(12));
        int count = 0;
        while (count < 12 && client.try_read_frame().value_or(Frame{}).opcode == text)
            ++count;
        return count;
    };
    EXPECT_EQ(echoes("/as-server"), 10);
    EXPECT_EQ(echoes("/free"), 12);
    EXPECT_EQ(server.statistics().rate_pauses, 0U);
    EXPECT_EQ(echoes("/slow"), 12);
    EXPECT_GE(server.statistics().rate_pauses, 1U);
    EXPECT_EQ(echoes("/bytes"), 0);
    EXPECT_EQ(server.statistics().rate_closes, 2U);
}

TEST(rate_options, of_a_path_each_wrong_field_is_named) {
    TestServer server{TestServer::NotStarted{}, default_options()};
    const auto refused = [&](std::uint64_t wsecho_path_options::*field, std::uint64_t value,
                             const std::string& name) {
        wsecho_path_options options = WSECHO_PATH_OPTIONS_INIT;
        options.*field = value;
        EXPECT_EQ(wsecho_server_add_path(server.get(), "/a", &options, nullptr, nullptr),
                  WSECHO_ERR_INVALID_OPTION);
        EXPECT_EQ(std::string{wsecho_error_detail()}.substr(0, name.size() + 1), name + ":");
    };
    refused(&wsecho_path_options::rate_policy, 2, "rate_policy");
    refused(&wsecho_path_options::rate_policy, UINT64_MAX - 1, "rate_policy");
    refused(&wsecho_path_options::max_messages_per_second, 10'000'000'001,
            "max_messages_per_second");
    refused(&wsecho_path_options::max_bytes_per_second, 10'000'000'001, "max_bytes_per_second");
    refused(&wsecho_path_options::heartbeat_max_interval_ms, 1, "heartbeat_max_interval_ms");
    refused(&wsecho_path_options::heartbeat_misses, 0, "heartbeat_misses");
    refused(&wsecho_path_options::heartbeat_misses, (1ULL << 32U) + 1, "heartbeat_misses");
}

}  // namespace
}  // namespace wsecho::test
