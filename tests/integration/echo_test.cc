// Messages there and back: types, sizes, fragments, pings between them, and every way in which
// TCP may cut what a client sent.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/frames.h"
#include "support/gate.h"
#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

// Bytes that differ from place to place, and are text, too.
std::string letters(std::size_t size) {
    std::string result(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        result[i] = static_cast<char>('a' + (i * 7 + i / 26) % 26);
    return result;
}

TEST(echo, text_comes_back_as_text_and_binary_as_binary) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);

    client.send_text("gr\xC3\xBC\xC3\x9F dich");
    const Frame words = client.read_frame();
    EXPECT_EQ(words.opcode, text);
    EXPECT_EQ(words.payload, "gr\xC3\xBC\xC3\x9F dich");

    client.send_binary(std::string{"\x00\xFF\x80", 3});
    const Frame bytes = client.read_frame();
    EXPECT_EQ(bytes.opcode, binary);
    EXPECT_EQ(bytes.payload, (std::string{"\x00\xFF\x80", 3}));

    EXPECT_EQ(server.await_message(0).type, WSECHO_TEXT);
    EXPECT_EQ(server.await_message(1).type, WSECHO_BINARY);
}

TEST(echo, every_length_class_comes_back_whole_in_its_shortest_header) {
    struct Class {
        std::size_t size;
        std::size_t header;
    };
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    for (const auto& [size, header] : std::vector<Class>{{0, 2},
                                                         {1, 2},
                                                         {125, 2},
                                                         {126, 4},
                                                         {127, 4},
                                                         {4000, 4},
                                                         {4096, 4},
                                                         {65535, 4},
                                                         {65536, 10},
                                                         {300'000, 10},
                                                         {1'048'576, 10}}) {
        const std::string payload = letters(size);
        for (const unsigned opcode : {text, binary}) {
            client.send(frame(opcode, payload));
            const Frame answer = client.read_frame();
            EXPECT_EQ(answer.opcode, opcode) << size;
            EXPECT_EQ(answer.header_size, header) << size;
            EXPECT_TRUE(answer.fin) << size;
            EXPECT_TRUE(answer.payload == payload) << size;
        }
    }
}

TEST(echo, fragments_are_joined_into_one_message) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    client.send(first_fragment(text, "one ") + middle_fragment("two ") + middle_fragment("") +
                last_fragment("three"));
    EXPECT_EQ(client.read_text(), "one two three");

    client.send(first_fragment(binary, "") + last_fragment(""));
    EXPECT_EQ(client.read_frame().payload, "");
    EXPECT_EQ(server.record().messages.size(), 2U);
}

TEST(echo, a_ping_between_fragments_is_answered_before_the_message_is_whole) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    client.send(first_fragment(text, "half ") + frame(ping, "are you there"));
    const Frame answer = client.read_frame();
    EXPECT_EQ(answer.opcode, pong);
    EXPECT_EQ(answer.payload, "are you there");
    EXPECT_TRUE(server.record().messages.empty());

    client.send(last_fragment("and half"));
    EXPECT_EQ(client.read_text(), "half and half");
}

TEST(echo, ten_pings_in_one_segment_get_ten_pongs_in_their_order) {
    TestServer server;
    auto client = open_client(server);
    std::string segment;
    for (int i = 0; i < 10; ++i)
        segment += frame(ping, "ping " + std::to_string(i));
    client.send(segment);
    for (int i = 0; i < 10; ++i) {
        const Frame answer = client.read_frame();
        EXPECT_EQ(answer.opcode, pong);
        EXPECT_EQ(answer.payload, "ping " + std::to_string(i));
    }
}

TEST(echo, a_ping_of_125_bytes_and_an_empty_one_come_back_as_they_were) {
    TestServer server;
    auto client = open_client(server);
    client.send(frame(ping, letters(125)) + frame(ping, ""));
    EXPECT_EQ(client.read_frame().payload, letters(125));
    EXPECT_EQ(client.read_frame().payload, "");
}

TEST(echo, a_pong_that_nobody_asked_for_is_ignored) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    client.send(frame(pong, "unasked") + frame(pong, "12345678") + frame(text, "still here"));
    EXPECT_EQ(client.read_text(), "still here");
    EXPECT_TRUE(server.record().heartbeats.empty());
}

TEST(echo, hundreds_of_messages_in_one_segment_come_back_in_order) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    std::string segment;
    for (int i = 0; i < 500; ++i)
        segment += frame(text, std::to_string(i));
    client.send(segment);
    for (int i = 0; i < 500; ++i)
        EXPECT_EQ(client.read_text(), std::to_string(i));
}

TEST(echo, frames_glued_behind_the_handshake_are_served) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = RawClient::tcp(server.port());
    const std::string last = frame(text, "and a half");
    client.send(upgrade_request() + frame(text, "glued") + frame(ping, "too") + last.substr(0, 7));
    EXPECT_EQ(client.read_response().status, 101);
    EXPECT_EQ(client.read_text(), "glued");
    EXPECT_EQ(client.read_frame().payload, "too");
    client.send(last.substr(7));
    EXPECT_EQ(client.read_text(), "and a half");
}

TEST(echo, a_handshake_and_its_frames_may_come_byte_by_byte) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = RawClient::tcp(server.port());
    client.send_in_pieces(upgrade_request(), 1);
    const auto response = client.read_response();
    EXPECT_EQ(response.status, 101);
    EXPECT_EQ(response.header("Sec-WebSocket-Accept"), sample_accept);

    client.send_in_pieces(frame(text, "slowly") + frame(ping, "control") +
                              frame(binary, letters(200)) + close_frame(1000, "done"),
                          1);
    EXPECT_EQ(client.read_text(), "slowly");
    EXPECT_EQ(client.read_frame().payload, "control");
    EXPECT_EQ(client.read_frame().payload, letters(200));
    EXPECT_EQ(client.read_frame().close_reason(), "done");
    client.read_to_end();
}

TEST(echo, a_stream_may_be_cut_in_two_at_any_byte) {
    TestServer server{default_options(), {.on_message = echo}};
    const std::string stream = first_fragment(text, "gr\xC3") + frame(ping, "p") +
                               last_fragment("\xBC\xC3\x9F") + frame(binary, letters(126));
    for (std::size_t cut = 1; cut < stream.size(); ++cut) {
        auto client = open_client(server);
        client.send(stream.substr(0, cut));
        client.send(stream.substr(cut));
        EXPECT_EQ(client.read_frame().opcode, pong) << "cut at " << cut;
        EXPECT_EQ(client.read_text(), "gr\xC3\xBC\xC3\x9F") << "cut at " << cut;
        EXPECT_TRUE(client.read_frame().payload == letters(126)) << "cut at " << cut;
    }
}

TEST(echo, a_large_message_in_small_pieces_is_the_same_message) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    client.send_in_pieces(frame(binary, letters(100'000)), 1009);
    EXPECT_TRUE(client.read_frame().payload == letters(100'000));
}

TEST(echo, a_message_with_the_end_of_the_stream_behind_it_is_answered) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    client.send_text("and that was all");
    client.shut_down_writing();
    EXPECT_EQ(client.read_text(), "and that was all");
    EXPECT_FALSE(client.try_read_frame().has_value());
}

TEST(echo, a_large_message_with_the_end_of_the_stream_behind_it_is_answered) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    client.send_text(letters(1'000'000));
    client.shut_down_writing();
    EXPECT_EQ(client.read_text(), letters(1'000'000));
}

// The loop is kept in a callback meanwhile, so that it finds all of them ready in the same pass.
TEST(echo, answers_and_what_others_send_stay_in_their_order) {
    constexpr std::size_t count = 40;
    Gate gate;
    Id first = 0;
    TestServer server{default_options(), {.on_message = [&](TestServer& self, const Message& each) {
                          if (each.payload == "wait") {
                              gate.pass();
                              return;
                          }
                          self.send_text(each.id, "own " + each.payload);
                          self.send_text(first, "of " + each.payload);
                      }}};
    auto clients = open_clients(server, count);
    first = server.record().opened.at(0);
    auto keeper = open_client(server);
    keeper.send_text("wait");
    gate.await();
    for (std::size_t i = 0; i < count; ++i)
        clients[i].send_text(std::to_string(i));
    gate.open();

    for (std::size_t i = 1; i < count; ++i)
        EXPECT_EQ(clients[i].read_text(), "own " + std::to_string(i));
    std::vector<std::string> expected;
    for (const Message& each : server.record().messages) {
        if (each.payload == "wait") continue;
        if (each.id == first) expected.push_back("own " + each.payload);
        expected.push_back("of " + each.payload);
    }
    for (const std::string& each : expected)
        EXPECT_EQ(clients[0].read_text(), each);
}

}  // namespace
}  // namespace wsecho::test
