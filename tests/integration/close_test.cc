// How a connection ends, from either side, and what the close callback is told of it.
#include <gtest/gtest.h>

#include <string>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

void expect_close(const Close& close, unsigned code, const std::string& reason,
                  wsecho_close_cause cause, wsecho_initiator initiator) {
    EXPECT_EQ(close.code, code);
    EXPECT_EQ(close.reason, reason);
    EXPECT_EQ(close.cause, cause);
    EXPECT_EQ(close.initiator, initiator);
}

TEST(close, the_peers_code_and_reason_are_echoed_and_told) {
    TestServer server;
    auto client = open_client(server);
    client.send(close_frame(4001, "gehe sp\xC3\xA4ter"));
    const Frame answer = client.read_frame();
    EXPECT_EQ(answer.opcode, test::close);
    EXPECT_EQ(answer.close_code(), 4001U);
    client.read_to_end();  // the server is the one to hang up
    const Close close = server.await_close();
    EXPECT_EQ(close.id, server.await_open());
    expect_close(close, 4001, "gehe sp\xC3\xA4ter", WSECHO_CLOSE_PEER, WSECHO_INITIATOR_PEER);
}

TEST(close, every_code_that_may_be_sent_is_taken) {
    TestServer server;
    std::size_t closed = 0;
    for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U,
                                1012U, 1013U, 1014U, 3000U, 4999U}) {
        auto client = open_client(server);
        client.send(close_frame(code));
        EXPECT_EQ(client.read_frame().close_code(), code);
        client.read_to_end();
        expect_close(server.await_close(closed++), code, "", WSECHO_CLOSE_PEER,
                     WSECHO_INITIATOR_PEER);
    }
}

TEST(close, a_close_frame_without_a_code_is_told_as_1005) {
    TestServer server;
    auto client = open_client(server);
    client.send(frame(test::close, ""));
    EXPECT_EQ(client.read_frame().payload, "");
    client.read_to_end();
    expect_close(server.await_close(), 1005, "", WSECHO_CLOSE_PEER, WSECHO_INITIATOR_PEER);
}

TEST(close, our_code_and_reason_reach_the_peer_and_its_answer_ends_the_connection) {
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    EXPECT_EQ(server.close(id, 3000, "that is all"), WSECHO_OK);
    const Frame frame = client.read_frame();
    EXPECT_EQ(frame.opcode, test::close);
    EXPECT_EQ(frame.close_code(), 3000U);
    EXPECT_EQ(frame.close_reason(), "that is all");

    // Not before the answer: until then it is closing, and nothing more is sent.
    EXPECT_EQ(server.state(id), WSECHO_STATE_CLOSING);
    EXPECT_EQ(server.send_text(id, "too late"), WSECHO_ERR_CLOSING);
    EXPECT_EQ(server.close(id, 1000), WSECHO_ERR_CLOSING);
    EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_ERR_CLOSING);
    EXPECT_TRUE(server.record().closes.empty());

    client.send(close_frame(3000));
    client.read_to_end();
    expect_close(server.await_close(), 3000, "that is all", WSECHO_CLOSE_LOCAL,
                 WSECHO_INITIATOR_LOCAL);
}

TEST(close, a_peer_that_does_not_answer_is_hung_up_on_in_time) {
    auto options = default_options();
    options.close_timeout_ms = 100;
    TestServer server{options};
    auto client = open_client(server);
    server.close(server.await_open(), 1000, "answer me");
    EXPECT_EQ(client.read_frame().close_code(), 1000U);
    client.read_to_end();
    expect_close(server.await_close(), 1000, "answer me", WSECHO_CLOSE_LOCAL,
                 WSECHO_INITIATOR_LOCAL);
}

TEST(close, what_was_sent_before_the_close_arrives_before_it) {
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    for (int i = 0; i < 100; ++i)
        server.send_text(id, "message " + std::to_string(i));
    server.close(id, 1000);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(client.read_text(), "message " + std::to_string(i));
    EXPECT_EQ(client.take_close().close_code(), 1000U);
}

TEST(close, a_reset_is_told_as_1006_and_tcp) {
    TestServer server;
    auto client = open_client(server);
    server.await_open();
    client.reset();
    expect_close(server.await_close(), 1006, "", WSECHO_CLOSE_TCP, WSECHO_INITIATOR_PEER);
}

TEST(close, an_end_of_the_stream_without_a_close_frame_is_told_as_1006_and_tcp) {
    TestServer server;
    auto client = open_client(server);
    client.send(frame(text, "half a message").substr(0, 5));
    client.shut_down_writing();
    client.read_to_end();
    expect_close(server.await_close(), 1006, "", WSECHO_CLOSE_TCP, WSECHO_INITIATOR_PEER);
    EXPECT_TRUE(server.record().messages.empty());
}

TEST(close, nothing_behind_the_peers_close_frame_is_delivered) {
    TestServer server;
    auto client = open_client(server);
    client.send(frame(text, "before") + close_frame(1000) + frame(text, "behind") +
                frame(ping, "behind"));
    EXPECT_EQ(client.read_frame().opcode, test::close);
    EXPECT_FALSE(client.try_read_frame().has_value());
    server.await_close();
    const auto messages = server.record().messages;
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].payload, "before");
}

TEST(close, nothing_that_comes_after_our_close_is_delivered) {
    TestServer server{default_options(),
                      {.on_message = [](TestServer& self, const Message& message) {
                          self.close(message.id, 1000, "enough");
                      }}};
    auto client = open_client(server);
    client.send(frame(text, "first") + frame(text, "second"));
    EXPECT_EQ(client.read_frame().close_reason(), "enough");
    client.send(frame(text, "third") + close_frame(1000));
    client.read_to_end();
    server.await_close();
    EXPECT_EQ(server.record().messages.size(), 1U);
}

TEST(close, a_close_inside_the_open_callback_follows_the_handshake) {
    TestServer server{default_options(), {.on_open = [](TestServer& self, Id id) {
                          self.close(id, 4000, "not today");
                      }}};
    auto client = open_client(server);
    EXPECT_EQ(client.take_close().close_reason(), "not today");
    expect_close(server.await_close(), 4000, "not today", WSECHO_CLOSE_LOCAL,
                 WSECHO_INITIATOR_LOCAL);
}

TEST(close, a_close_frame_glued_behind_the_handshake_answers_a_close_in_the_open_callback) {
    auto options = default_options();
    options.close_timeout_ms = 3'600'000;  // only the peer's frame can end it
    TestServer server{options, {.on_open = [](TestServer& self, Id id) { self.close(id, 4000); }}};
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request() + close_frame(1000));
    EXPECT_EQ(client.read_response().status, 101);
    EXPECT_EQ(client.read_frame().close_code(), 4000U);
    client.read_to_end();
    expect_close(server.await_close(), 4000, "", WSECHO_CLOSE_LOCAL, WSECHO_INITIATOR_LOCAL);
}

TEST(close, closes_that_cross_end_the_connection_once) {
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    client.send(close_frame(4002));
    server.close(id, 4003);  // may come first, second or too late
    client.read_to_end();
    const auto close = server.await_close();
    EXPECT_EQ(close.code, close.initiator == WSECHO_INITIATOR_PEER ? 4002U : 4003U);
    server.stop();
    EXPECT_EQ(server.record().closes.size(), 1U);
}

TEST(close, a_code_or_reason_that_may_not_be_sent_is_refused) {
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    for (const unsigned code : {0U, 999U, 1004U, 1005U, 1006U, 1015U, 1016U, 2999U, 5000U, 65535U})
        EXPECT_EQ(server.close(id, code), WSECHO_ERR_INVALID_ARGUMENT) << code;
    EXPECT_EQ(server.close(id, 1000, std::string(124, 'x')), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(server.close(id, 1000, "\xFF"), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_NE(std::string{wsecho_error_detail()}.find("UTF-8"), std::string::npos);
    EXPECT_EQ(server.state(id), WSECHO_STATE_OPEN);

    EXPECT_EQ(server.close(id, 1000, std::string(123, 'x')), WSECHO_OK);
    EXPECT_EQ(client.take_close().close_reason(), std::string(123, 'x'));
}

TEST(close, the_id_is_asked_in_the_close_callback_and_stale_behind_it) {
    wsecho_connection_state seen{};
    int sent = 0;
    TestServer server{default_options(), {.on_close = [&](TestServer& self, const Close& close) {
                          seen = self.state(close.id);
                          sent = self.send_text(close.id, "are you there");
                      }}};
    auto client = open_client(server);
    client.hang_up();
    const Id id = server.await_close().id;
    eventually("the id to be stale", [&] { return server.state(id) == WSECHO_STATE_GONE; });
    server.stop();  // behind the callback
    EXPECT_EQ(seen, WSECHO_STATE_CLOSED);
    EXPECT_EQ(sent, WSECHO_ERR_GONE);
    EXPECT_EQ(server.send_text(id, "hello"), WSECHO_ERR_GONE);
    EXPECT_EQ(server.close(id, 1000), WSECHO_ERR_GONE);
}

TEST(close, each_open_gets_one_close_and_the_causes_are_counted) {
    TestServer server;
    for (int i = 0; i < 5; ++i) {
        auto polite = open_client(server);
        polite.send(close_frame(1000));
        polite.read_to_end();
        open_client(server).reset();
    }
    server.await("ten closes", [](const Record& record) { return record.closes.size() == 10; });
    server.stop();
    EXPECT_EQ(server.record().opened.size(), 10U);
    EXPECT_EQ(server.record().closes.size(), 10U);
    const auto statistics = server.statistics();
    EXPECT_EQ(statistics.closes[WSECHO_CLOSE_PEER], 5U);
    EXPECT_EQ(statistics.closes[WSECHO_CLOSE_TCP], 5U);
    EXPECT_EQ(statistics.connections, 0U);
    EXPECT_EQ(statistics.connections_total, 10U);
}

TEST(close_numbers, they_are_what_went_over_the_connection) {
    TestServer server{default_options(), {.on_message = echo}};
    auto other = open_client(server);
    auto client = open_client(server);
    server.await_open(1);
    for (const std::size_t size : {10U, 1000U, 100'000U}) {
        client.send_text(std::string(size, 'x'));
        EXPECT_EQ(client.read_text().size(), size);
    }
    server.broadcast_text("to all");
    EXPECT_EQ(client.read_text(), "to all");
    client.send(close_frame(1000));
    client.read_to_end();
    const wsecho_close_event numbers = server.await_close().numbers;
    EXPECT_EQ(numbers.messages_received, 3U);
    EXPECT_EQ(numbers.messages_sent, 4U);
    EXPECT_EQ(numbers.bytes_received, client.bytes_sent());
    EXPECT_EQ(numbers.bytes_sent, client.bytes_received());
    EXPECT_EQ(numbers.bytes_unsent, 0U);
    EXPECT_EQ(numbers.round_trip_ns, 0U) << "no ping was answered";
}

TEST(close_numbers, what_waited_for_a_peer_that_is_gone_is_told) {
    auto options = default_options();
    options.max_queued_bytes = 64U << 20U;
    TestServer server{options};
    auto client = open_client(server);
    const Id id = server.await_open();
    constexpr std::size_t size = 1U << 20U;
    constexpr std::size_t frame_size = size + 10;
    for (int i = 0; i < 30; ++i)
        ASSERT_EQ(server.send_binary(id, std::string(size, 'x')), WSECHO_OK);
    eventually("the loop has all of them", [&] { return server.statistics().messages_sent == 30; });
    client.reset();
    const wsecho_close_event numbers = server.await_close().numbers;
    EXPECT_EQ(numbers.messages_sent, 30U);
    EXPECT_GT(numbers.bytes_unsent, 0U);
    EXPECT_EQ(numbers.bytes_sent, server.statistics().bytes_sent);
    // The answer to the handshake was sent, too.
    EXPECT_GT(numbers.bytes_sent + numbers.bytes_unsent, 30 * frame_size);
    EXPECT_LT(numbers.bytes_sent + numbers.bytes_unsent, 30 * frame_size + 1000);
}

TEST(close_numbers, age_and_round_trip_are_the_connection_s) {
    auto options = default_options();
    options.heartbeat_interval_ms = 60;
    TestServer server{options};
    auto client = open_client(server);
    for (std::size_t i = 0; i < 3; ++i) {
        client.send(frame(pong, client.read_frame().payload));
        server.await_heartbeat(i);
    }
    client.reset();
    const wsecho_close_event numbers = server.await_close().numbers;
    EXPECT_GE(numbers.age_ms, 100U) << "two intervals, less the wheel's ticks";
    EXPECT_GT(numbers.round_trip_ns, 0U);
    EXPECT_LT(numbers.round_trip_ns, numbers.age_ms * 1'000'000);
}

}  // namespace
}  // namespace wsecho::test
