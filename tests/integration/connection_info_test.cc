// What may be asked about a connection: its request, its address, the pointer that is kept.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

std::string ask_header(const TestServer& server, Id id, const char* name) {
    std::array<char, 512> buffer{};
    EXPECT_EQ(
        wsecho_connection_header(server.get(), id, name, buffer.data(), buffer.size(), nullptr),
        WSECHO_OK)
        << name;
    return buffer.data();
}

TEST(connection_info, path_and_query_are_as_they_were_sent) {
    TestServer server;
    auto client = open_client(server, "/a%20room/b?name=x&y=%3F?z");
    const Id id = server.await_open();
    EXPECT_EQ(server.ask(wsecho_connection_uri, id), "/a%20room/b");
    EXPECT_EQ(server.ask(wsecho_connection_query, id), "name=x&y=%3F?z");

    auto plain = open_client(server, "/");
    EXPECT_EQ(server.ask(wsecho_connection_uri, server.await_open(1)), "/");
    EXPECT_EQ(server.ask(wsecho_connection_query, server.await_open(1)), "");
}

TEST(connection_info, the_remote_address_is_the_peers_own) {
    TestServer server;
    auto client = open_client(server);
    EXPECT_EQ(server.ask(wsecho_connection_remote_address, server.await_open()),
              client.local_address());
}

TEST(connection_info, a_header_is_found_in_any_case_and_the_first_counts) {
    TestServer server;
    auto client = RawClient::tcp(server.port());
    client.shake_hands("/", "X-Token: one\r\nx-token: two\r\nX-Empty:\r\nX-Spaced:   a b \t\r\n");
    const Id id = server.await_open();
    EXPECT_EQ(ask_header(server, id, "X-Token"), "one");
    EXPECT_EQ(ask_header(server, id, "x-tOKEN"), "one");
    EXPECT_EQ(ask_header(server, id, "host"), "test");
    EXPECT_EQ(ask_header(server, id, "X-Empty"), "");
    EXPECT_EQ(ask_header(server, id, "X-Spaced"), "a b");
    for (const char* missing : {"X-Toke", "X-Tokens", "", "GET / HTTP/1.1", "X-Token: one"})
        EXPECT_EQ(wsecho_connection_header(server.get(), id, missing, nullptr, 0, nullptr),
                  WSECHO_ERR_NOT_FOUND)
            << missing;
}

TEST(connection_info, a_text_is_cut_to_the_buffer_and_its_length_is_told) {
    TestServer server;
    auto client = open_client(server, "/abcdef");
    const Id id = server.await_open();
    std::array<char, 8> buffer{};
    std::size_t length = 0;

    buffer.fill('#');
    EXPECT_EQ(wsecho_connection_uri(server.get(), id, buffer.data(), 4, &length), WSECHO_OK);
    EXPECT_EQ(std::string(buffer.data(), 5), std::string("/ab\0#", 5)) << "not a byte beyond";
    EXPECT_EQ(length, 7U);

    buffer.fill('#');
    EXPECT_EQ(wsecho_connection_uri(server.get(), id, buffer.data(), 8, &length), WSECHO_OK);
    EXPECT_STREQ(buffer.data(), "/abcdef");

    buffer.fill('#');
    EXPECT_EQ(wsecho_connection_uri(server.get(), id, buffer.data(), 1, nullptr), WSECHO_OK);
    EXPECT_EQ(std::string(buffer.data(), 2), std::string("\0#", 2));

    length = 0;
    EXPECT_EQ(wsecho_connection_uri(server.get(), id, nullptr, 0, &length), WSECHO_OK);
    EXPECT_EQ(length, 7U);
}

TEST(connection_info, null_where_something_is_needed_is_an_invalid_argument) {
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    std::array<char, 8> buffer{};
    EXPECT_EQ(wsecho_connection_uri(server.get(), id, nullptr, 8, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_header(server.get(), id, nullptr, buffer.data(), 8, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_query(nullptr, id, buffer.data(), 8, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_send(server.get(), id, WSECHO_TEXT, nullptr, 1),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_send(server.get(), id, 0, "x", 1), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_NE(std::string{wsecho_error_detail()}.find("type"), std::string::npos);
}

TEST(connection_info, the_user_pointer_is_kept_for_each_connection) {
    int one = 1;
    int two = 2;
    std::vector<void*> in_close_callbacks;
    TestServer server{
        default_options(), {.on_close = [&](TestServer& self, const Close& close) {
            in_close_callbacks.push_back(wsecho_connection_user(self.get(), close.id));
        }}};
    auto first = open_client(server);
    auto second = open_client(server);
    const Id first_id = server.await_open(0);
    const Id second_id = server.await_open(1);
    EXPECT_EQ(wsecho_connection_user(server.get(), first_id), nullptr);

    EXPECT_EQ(wsecho_connection_set_user(server.get(), first_id, &one), WSECHO_OK);
    EXPECT_EQ(wsecho_connection_set_user(server.get(), second_id, &two), WSECHO_OK);
    EXPECT_EQ(wsecho_connection_user(server.get(), first_id), &one);
    EXPECT_EQ(wsecho_connection_user(server.get(), second_id), &two);

    second.hang_up();
    server.await_close(0);
    first.hang_up();
    server.await_close(1);
    server.stop();
    EXPECT_EQ(in_close_callbacks, (std::vector<void*>{&two, &one}));
    EXPECT_EQ(wsecho_connection_user(server.get(), second_id), nullptr);
    EXPECT_EQ(wsecho_connection_set_user(server.get(), second_id, &one), WSECHO_ERR_GONE);
}

TEST(connection_info, everything_may_be_asked_in_the_open_and_the_close_callback) {
    std::string in_open;
    std::string in_close;
    TestServer server{default_options(),
                      {.on_open =
                           [&](TestServer& self, Id id) {
                               in_open = self.ask(wsecho_connection_uri, id) + " " +
                                         ask_header(self, id, "Host") + " " +
                                         self.ask(wsecho_connection_remote_address, id);
                           },
                       .on_close =
                           [&](TestServer& self, const Close& close) {
                               in_close = self.ask(wsecho_connection_uri, close.id) + " " +
                                          ask_header(self, close.id, "Host") + " " +
                                          self.ask(wsecho_connection_remote_address, close.id);
                           }}};
    auto client = open_client(server, "/who");
    const auto expected = "/who test " + client.local_address();
    client.hang_up();
    server.await_close();
    server.stop();
    EXPECT_EQ(in_open, expected);
    EXPECT_EQ(in_close, expected);
}

TEST(connection_info, an_id_that_never_was_is_gone_for_every_function) {
    TestServer server;
    auto client = open_client(server);
    const Id real = server.await_open();
    std::array<char, 8> buffer{};
    for (const Id id :
         {Id{0}, Id{1}, real + 1, real ^ (Id{1} << 32U), real ^ (Id{1} << 24U), ~Id{0}, ~real}) {
        EXPECT_EQ(server.send_text(id, "x"), WSECHO_ERR_GONE) << id;
        EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_ERR_GONE) << id;
        EXPECT_EQ(server.close(id, 1000), WSECHO_ERR_GONE) << id;
        for (const TestServer::TextFunction function :
             {wsecho_connection_remote_address, wsecho_connection_uri, wsecho_connection_query})
            EXPECT_EQ(function(server.get(), id, buffer.data(), buffer.size(), nullptr),
                      WSECHO_ERR_GONE)
                << id;
        EXPECT_EQ(wsecho_connection_header(server.get(), id, "Host", buffer.data(), buffer.size(),
                                           nullptr),
                  WSECHO_ERR_GONE)
            << id;
        EXPECT_EQ(wsecho_connection_set_user(server.get(), id, &buffer), WSECHO_ERR_GONE) << id;
        EXPECT_EQ(wsecho_connection_user(server.get(), id), nullptr) << id;
        EXPECT_EQ(server.queued_bytes(id), 0U) << id;
        EXPECT_EQ(server.state(id), WSECHO_STATE_GONE) << id;
    }
    EXPECT_EQ(server.state(real), WSECHO_STATE_OPEN);
}

TEST(connection_info, a_connection_in_its_handshake_has_no_id_to_be_guessed) {
    TestServer server;
    auto first = open_client(server);
    const Id open = server.await_open();
    auto half = RawClient::tcp(server.port());
    half.send("GET / HTTP/1.1\r\n");
    auto third = open_client(server);  // accepted behind it, so the second slot is taken
    const Id next = server.await_open(1);
    EXPECT_EQ(next - open, 2U);
    EXPECT_EQ(server.state(open + 1), WSECHO_STATE_GONE);
    EXPECT_EQ(server.send_text(open + 1, "hello?"), WSECHO_ERR_GONE);
    EXPECT_EQ(server.close(open + 1, 1000), WSECHO_ERR_GONE);
    EXPECT_EQ(wsecho_connection_ping(server.get(), open + 1), WSECHO_ERR_GONE);
}

}  // namespace
}  // namespace wsecho::test
