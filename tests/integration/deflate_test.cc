// permessage-deflate (RFC 7692) as a peer sees it: what is agreed on, what travels, and what those
// get who mean harm.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/deflate_peer.h"
#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

using namespace std::string_literals;

const std::string large = [] {
    std::string text;
    while (text.size() < 5000)
        text += "so many words, " + std::to_string(text.size()) + " ";
    return text;
}();

wsecho_server_options compressing(bool takes_over = false) {
    auto options = default_options();
    options.deflate = 1;
    options.deflate_threshold_bytes = 100;
    options.deflate_context_takeover = takes_over ? 1 : 0;
    return options;
}

// --- What is agreed on ---

TEST(deflate, it_is_off_by_default_and_nobody_reads_what_is_offered) {
    TestServer server;
    for (const auto* header : {"permessage-deflate", "permessage-deflate;;", "\"", "x-other"}) {
        DeflatePeer peer{server, "Sec-WebSocket-Extensions: "s + header + "\r\n"};
        EXPECT_EQ(peer.extensions, "") << header;
    }
}

TEST(deflate, an_offer_is_answered_with_what_holds) {
    TestServer server{compressing()};
    EXPECT_EQ(DeflatePeer(server).extensions,
              "permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    TestServer other{compressing(true)};
    EXPECT_EQ(DeflatePeer(other).extensions, "permessage-deflate");
}

TEST(deflate, lines_of_the_header_are_one_list) {
    TestServer server{compressing(true)};
    DeflatePeer peer{server,
                     "Sec-WebSocket-Extensions: x-other, permessage-deflate; unknown\r\n"
                     "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=12\r\n"};
    EXPECT_EQ(peer.extensions, "permessage-deflate; server_max_window_bits=12");
}

TEST(deflate, who_offers_nothing_that_can_be_kept_goes_without) {
    TestServer server{compressing(), {.on_message = echo}};
    for (const std::string& headers :
         {""s, "Sec-WebSocket-Extensions: x-other\r\n"s,
          "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=8\r\n"s}) {
        DeflatePeer peer{server, headers};
        EXPECT_EQ(peer.extensions, "");
        peer.client.send_text(large);
        EXPECT_EQ(peer.read(), large);
    }
}

TEST(deflate, a_malformed_header_is_refused_with_400) {
    TestServer server{compressing()};
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request("/", "Sec-WebSocket-Extensions: permessage-deflate;\r\n"));
    EXPECT_EQ(client.read_response().status, 400);
    EXPECT_TRUE(server.record().opened.empty());
}

TEST(deflate, it_is_agreed_on_behind_a_handshake_callback_too) {
    TestServer server{compressing(),
                      {.on_handshake =
                           [](TestServer& self, Id id, const wsecho_handshake&) {
                               wsecho_handshake_accept(self.get(), id, nullptr);
                           },
                       .on_message = echo}};
    DeflatePeer peer{server};
    peer.send(large);
    EXPECT_EQ(peer.read(), large);
    EXPECT_TRUE(peer.was_compressed);
}

// --- What travels ---

TEST(deflate, a_message_is_compressed_from_the_threshold_on) {
    TestServer server{compressing(), {.on_message = echo}};
    DeflatePeer peer{server};
    for (const std::size_t size : {0UL, 99UL, 100UL, 5000UL, 200'000UL}) {
        const std::string payload(size, 'p');
        peer.send(payload);
        EXPECT_EQ(peer.read(), payload);
        EXPECT_EQ(peer.was_compressed, size >= 100) << size;
    }
}

TEST(deflate, a_peer_may_send_as_it_is_what_it_likes) {
    TestServer server{compressing(), {.on_message = echo}};
    DeflatePeer peer{server};
    peer.client.send_text("plain");
    EXPECT_EQ(peer.read(), "plain");
    peer.client.send(first_fragment(text, "plain, ") + frame(ping, "between") +
                     last_fragment("in two"));
    EXPECT_EQ(peer.client.read_frame().opcode, unsigned{pong});
    EXPECT_EQ(peer.read(), "plain, in two");
}

TEST(deflate, a_compressed_message_may_come_in_any_pieces) {
    TestServer server{compressing(), {.on_message = echo}};
    DeflatePeer peer{server};
    const auto data = deflated(large);
    const auto middle = data.size() / 2;
    const auto in_two = frame(text, data.substr(0, middle), {.fin = false, .reserved_bits = 4}) +
                        frame(ping, "between") + last_fragment(data.substr(middle));
    peer.client.send_in_pieces(in_two, 50);
    EXPECT_EQ(peer.client.read_frame().opcode, unsigned{pong});
    EXPECT_EQ(peer.read(), large);
}

TEST(deflate, what_many_get_is_compressed_for_those_who_agreed) {
    auto options = compressing();
    options.threads = 2;
    TestServer server{options};
    std::vector<std::unique_ptr<DeflatePeer>> peers;
    for (int i = 0; i < 8; ++i)
        peers.push_back(std::make_unique<DeflatePeer>(server, i % 2 == 0 ? deflate_offer : ""));
    server.await_open(7);
    for (const auto& message : {large, "small"s, large + large})
        server.broadcast_text(message);
    for (int i = 0; i < 8; ++i)
        for (const auto& message : {large, "small"s, large + large}) {
            EXPECT_EQ(peers[static_cast<std::size_t>(i)]->read(), message);
            EXPECT_EQ(peers[static_cast<std::size_t>(i)]->was_compressed,
                      i % 2 == 0 && message.size() > 100);
        }
}

TEST(deflate, a_window_smaller_than_the_server_s_gets_what_many_get_as_it_is) {
    TestServer server{compressing()};
    DeflatePeer peer{server,
                     "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9\r\n"};
    const Id id = server.await_open();
    server.broadcast_text(large);
    EXPECT_EQ(peer.read(), large);
    EXPECT_FALSE(peer.was_compressed);
    EXPECT_EQ(server.queued_bytes(id), 0U);
}

TEST(deflate, what_comes_from_another_thread_is_compressed_and_counted_right) {
    TestServer server{compressing()};
    DeflatePeer peer{server};
    const Id id = server.await_open();
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(server.send_text(id, large), WSECHO_OK);
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(peer.read(), large);
        EXPECT_TRUE(peer.was_compressed);
    }
    peer.client.hang_up();
    server.await_close();
    EXPECT_EQ(server.statistics().bytes_queued, 0U);
    EXPECT_LT(server.statistics().bytes_sent, 20 * large.size());
}

// Own messages refer back, those of many stand alone, in one pass and over several.
void answer_by_every_way(TestServer& server, const Message& message) {
    wsecho_subscribe(server.get(), message.id, "news");
    const auto& payload = message.payload;
    server.send_text(message.id, payload);
    server.broadcast_text(payload);
    server.send_text(message.id, payload);
    wsecho_publish(server.get(), "news", WSECHO_TEXT, payload.data(), payload.size(), 0, nullptr);
    server.broadcast_text("small");
    server.send_text(message.id, payload);
}

TEST(deflate, with_context_takeover_what_stands_alone_may_come_in_between) {
    TestServer server{compressing(true), {.on_message = answer_by_every_way}};
    DeflatePeer peer{server};
    for (int round = 0; round < 30; ++round) {
        const auto payload = large.substr(0, 150 + static_cast<std::size_t>(round) * 100);
        peer.client.send_text(payload);
        int small = 0;
        for (int i = 0; i < 6; ++i) {
            const auto read = peer.read();
            small += read == "small" ? 1 : 0;
            EXPECT_EQ(read, read == "small" ? "small" : payload);
        }
        EXPECT_EQ(small, 1);
    }
}

TEST(deflate, with_context_takeover_a_peer_may_refer_to_its_messages_before) {
    TestServer server{compressing(true), {.on_message = echo}};
    DeflatePeer peer{server};
    peer.client.send(compressed_frame(text, "\xF2\x48\xCD\xC9\xC9\x07\x00"s));
    EXPECT_EQ(peer.read(), "Hello");
    peer.client.send(compressed_frame(text, "\xF2\x00\x11\x00\x00"s));
    EXPECT_EQ(peer.read(), "Hello");
}

// What was refused had been compressed: the next message must not refer to it.
TEST(deflate, with_context_takeover_what_is_refused_is_not_referred_to) {
    auto options = compressing(true);
    options.max_queued_bytes = 2000;
    std::mt19937_64 random{3};
    std::string dense;
    while (dense.size() < 4000)
        dense += static_cast<char>('a' + random() % 26);
    std::vector<int> results;
    TestServer server{options, {.on_message = [&](TestServer& self, const Message& message) {
                          results.push_back(self.send_text(message.id, dense));
                          results.push_back(self.send_text(message.id, large.substr(0, 200)));
                      }}};
    DeflatePeer peer{server};
    peer.client.send_text("go");
    EXPECT_EQ(peer.read(), large.substr(0, 200));
    peer.client.send_text("go");
    EXPECT_EQ(peer.read(), large.substr(0, 200));
    peer.client.hang_up();
    server.await_close();
    EXPECT_EQ(results,
              (std::vector<int>{WSECHO_ERR_TOO_BIG, WSECHO_OK, WSECHO_ERR_TOO_BIG, WSECHO_OK}));
}

TEST(deflate, with_context_takeover_what_is_dropped_is_not_referred_to) {
    constexpr int count = 4000;
    auto options = compressing(true);
    options.max_queued_bytes = 100'000;
    options.backpressure_policy = WSECHO_BACKPRESSURE_DROP_OLDEST;
    options.heartbeat_interval_ms = 0;
    std::mt19937_64 random{5};
    std::string dense;
    while (dense.size() < 3000)
        dense += static_cast<char>('a' + random() % 26);
    int sent = 0;
    TestServer server{options, {.on_message = [&](TestServer& self, const Message& message) {
                          while (sent < count)
                              EXPECT_EQ(self.send_text(message.id, std::to_string(sent++) + dense),
                                        WSECHO_OK);
                      }}};
    DeflatePeer peer{server};
    peer.client.send_text("go");
    server.await_message();
    eventually("all to be sent", [&] { return server.statistics().messages_sent == count; });
    EXPECT_GT(server.statistics().messages_dropped, 0U);
    int before = -1;
    while (before < count - 1) {
        const int number = std::stoi(peer.read());
        ASSERT_GT(number, before);
        before = number;
    }
}

// --- Those who mean harm ---

// A decompressor serves one connection after the other: what the one left in it, in the middle of a
// message that was refused, is neither in the way of the next nor within its reach.
TEST(deflate, a_message_refused_in_its_middle_leaves_nothing_to_the_next_connection) {
    const std::string secret = "the text of another connection: " + large.substr(0, 300);
    const std::string referring = deflated_behind(secret, secret);
    for (const bool is_whole : {true, false}) {
        TestServer server{compressing(), {.on_message = echo}};
        DeflatePeer poisoner{server};
        poisoner.client.send(frame(text, deflated(secret + "\xFF") + (is_whole ? "" : "\xF2"),
                                   {.fin = is_whole, .reserved_bits = 4}));
        EXPECT_EQ(poisoner.client.read_frame().close_code(), 1007U);
        DeflatePeer innocent{server};
        innocent.send(large);
        EXPECT_EQ(innocent.read(), large);

        DeflatePeer another{server};
        another.client.send(frame(text, deflated(secret + "\xFF"), {.reserved_bits = 4}));
        EXPECT_EQ(another.client.read_frame().close_code(), 1007U);
        DeflatePeer thief{server};
        thief.client.send(compressed_frame(text, referring));
        EXPECT_EQ(thief.client.read_frame().close_code(), 1007U) << "its window is empty";
    }
}

void expect_closed(const std::string& bytes, unsigned code, wsecho_close_cause cause) {
    auto options = compressing();
    options.max_message_bytes = 100'000;
    TestServer server{options, {.on_message = echo}};
    DeflatePeer peer{server};
    peer.client.send(bytes);
    EXPECT_EQ(peer.client.read_frame().close_code(), code);
    peer.client.hang_up();
    EXPECT_EQ(server.await_close().cause, cause);
    DeflatePeer another{server};
    another.send("all is well");
    EXPECT_EQ(another.read(), "all is well");
    EXPECT_EQ(server.record().messages.size(), 1U);
}

TEST(deflate, a_bomb_is_closed_with_1009) {
    expect_closed(compressed_frame(binary, deflated(std::string(50'000'000, '\0'))), 1009,
                  WSECHO_CLOSE_TOO_BIG);
}

TEST(deflate, data_that_does_not_inflate_is_closed_with_1007) {
    expect_closed(compressed_frame(text, "\xFF\xFF\xFF"), 1007, WSECHO_CLOSE_PROTOCOL);
    expect_closed(compressed_frame(text, ""), 1007, WSECHO_CLOSE_PROTOCOL);
    const auto data = deflated(large);
    expect_closed(compressed_frame(text, data.substr(0, data.size() - 1)), 1007,
                  WSECHO_CLOSE_PROTOCOL);
}

TEST(deflate, without_takeover_a_reference_to_the_message_before_is_closed_with_1007) {
    TestServer server{compressing(), {.on_message = echo}};
    DeflatePeer peer{server};
    peer.client.send(compressed_frame(text, "\xF2\x48\xCD\xC9\xC9\x07\x00"s));
    EXPECT_EQ(peer.read(), "Hello");
    peer.client.send(compressed_frame(text, "\xF2\x00\x11\x00\x00"s));
    EXPECT_EQ(peer.client.read_frame().close_code(), 1007U);
}

TEST(deflate, text_is_judged_once_it_is_inflated) {
    expect_closed(compressed_frame(text, deflated("no text: \xFF")), 1007, WSECHO_CLOSE_PROTOCOL);
}

TEST(deflate, the_bit_of_compression_on_another_frame_is_closed_with_1002) {
    for (const auto& bytes : {frame(ping, "", {.reserved_bits = 4}),
                              frame(text, "", {.fin = false, .reserved_bits = 4}) +
                                  frame(continuation, "", {.reserved_bits = 4}),
                              frame(text, "", {.reserved_bits = 6})})
        expect_closed(bytes, 1002, WSECHO_CLOSE_PROTOCOL);
}

TEST(deflate, noise_harms_nobody_else) {
    TestServer server{compressing(), {.on_message = echo}};
    DeflatePeer bystander{server};
    std::mt19937_64 random{11};
    for (int round = 0; round < 100; ++round) {
        std::string noise = deflated(large.substr(0, random() % 3000));
        for (auto wrong = random() % 4; wrong > 0; --wrong)
            noise[random() % noise.size()] = static_cast<char>(random() & 0xFFU);
        DeflatePeer peer{server};
        peer.client.send(compressed_frame(random() % 2 == 0 ? text : binary, noise));
        const Frame answer = peer.client.read_frame();
        const bool is_echo = answer.opcode != test::close;
        EXPECT_TRUE(is_echo || answer.close_code() == 1007 || answer.close_code() == 1009);
        bystander.send(large);
        ASSERT_EQ(bystander.read(), large);
    }
}

}  // namespace
}  // namespace wsecho::test
