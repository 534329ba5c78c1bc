// The opening handshake: who is let in, who is refused with which status, and that the operator
// sees it in the statistics.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

// A request that is right, but for one line.
std::string request_with(const std::string& line, const std::string& instead) {
    std::string request = upgrade_request("/chat");
    const auto at = request.find(line);
    if (at == std::string::npos) throw std::runtime_error("no such line: " + line);
    return request.replace(at, line.size(), instead);
}

class Refusals : public testing::Test {
  protected:
    static wsecho_server_options only_chat() {
        auto options = default_options();
        options.path = "/chat";
        return options;
    }

    // Sends the request on a connection of its own, and reads the refusal to its end.
    Response refuse(const std::string& request, wsecho_refusal counted) {
        const auto before = server_.statistics();
        auto client = RawClient::tcp(server_.port());
        client.send(request);
        auto response = client.read_response();
        client.read_to_end();
        EXPECT_EQ(response.header("Connection"), "close");
        EXPECT_GT(response.body.size(), 1U) << "a line that says why";
        EXPECT_EQ(std::count(response.body.begin(), response.body.end(), '\n'), 1);
        const auto after = server_.statistics();
        for (std::size_t i = 0; i < WSECHO_REFUSALS; ++i)
            EXPECT_EQ(after.refusals[i] - before.refusals[i], i == counted ? 1U : 0U) << i;
        EXPECT_EQ(after.connections_total, 0U);
        return response;
    }

    TestServer server_{only_chat()};
};

TEST(handshake, the_answer_proves_that_the_key_was_read) {
    TestServer server;
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request());
    const auto response = client.read_response();
    EXPECT_EQ(response.head.substr(0, 12), "HTTP/1.1 101");
    EXPECT_EQ(response.header("Upgrade"), "websocket");
    EXPECT_EQ(response.header("Connection"), "Upgrade");
    EXPECT_EQ(response.header("Sec-WebSocket-Accept"), sample_accept);
    EXPECT_EQ(response.header("Sec-WebSocket-Extensions"), "") << "none was agreed on";
}

TEST(handshake, names_and_tokens_match_in_any_case_and_among_others) {
    TestServer server;
    auto client = RawClient::tcp(server.port());
    client.send(
        "GET /x HTTP/1.1\r\nhOST: a\r\nUPGRADE: h2c, WebSocket\r\nconnection: keep-alive, "
        "UPGRADE\r\nsec-websocket-version:13\r\nSEC-WEBSOCKET-KEY:  " +
        std::string{sample_key} + "  \r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
    const auto response = client.read_response();
    EXPECT_EQ(response.status, 101);
    EXPECT_EQ(response.header("Sec-WebSocket-Accept"), sample_accept);
}

TEST(handshake, the_served_path_is_matched_without_its_query) {
    auto options = default_options();
    options.path = "/chat";
    TestServer server{options};
    EXPECT_NO_THROW(open_client(server, "/chat"));
    EXPECT_NO_THROW(open_client(server, "/chat?room=1"));
    EXPECT_NO_THROW(open_client(server, "ws://test/chat"));
}

TEST_F(Refusals, what_is_no_http_gets_400) {
    for (const std::string& request :
         {std::string{"hello\r\n\r\n"}, std::string{"\r\n\r\n"},
          std::string{"\x16\x03\x01\x02\r\n\r\n"}, std::string{"GET /chat\r\n\r\n"},
          request_with("Host: test", "Host : test"), request_with("Host: test", " Host: test"),
          request_with("Host: test", "Host: te\x01st"),
          request_with("Host: test", "no colon in this line")})
        EXPECT_EQ(refuse(request, WSECHO_REFUSED_BAD_REQUEST).status, 400) << request;
}

TEST_F(Refusals, a_handshake_that_lacks_something_gets_400) {
    const std::string key = "Sec-WebSocket-Key: " + std::string{sample_key};
    std::string two_keys = key;
    two_keys.append("\r\n").append(key);
    for (const std::string& request :
         {request_with("HTTP/1.1", "HTTP/1.0"), request_with("Host: test\r\n", ""),
          request_with("Host: test\r\n", "Host: a\r\nHost: b\r\n"),
          request_with("Connection: Upgrade\r\n", ""),
          request_with("Connection: Upgrade", "Connection: keep-alive"),
          request_with(key + "\r\n", ""), request_with(key, two_keys),
          request_with(key, "Sec-WebSocket-Key: c2hvcnQ="),
          request_with(key, "Sec-WebSocket-Key: ******************************=="),
          request_with("Host: test", "Host: test\r\nContent-Length: 5"),
          request_with("Host: test", "Host: test\r\nTransfer-Encoding: chunked")})
        EXPECT_EQ(refuse(request, WSECHO_REFUSED_BAD_REQUEST).status, 400) << request;
}

TEST_F(Refusals, another_path_gets_404) {
    for (const char* target : {"/", "/chat/", "/chats", "/Chat", "/?path=/chat"})
        EXPECT_EQ(refuse(upgrade_request(target), WSECHO_REFUSED_NOT_FOUND).status, 404) << target;
}

TEST_F(Refusals, another_method_gets_405_and_is_told_which) {
    for (const char* method : {"POST", "HEAD", "OPTIONS", "get"}) {
        const auto response = refuse(request_with("GET", method), WSECHO_REFUSED_METHOD);
        EXPECT_EQ(response.status, 405) << method;
        EXPECT_EQ(response.header("Allow"), "GET");
    }
}

TEST_F(Refusals, a_plain_request_gets_426_and_is_told_to_what) {
    const auto response =
        refuse("GET /chat HTTP/1.1\r\nHost: test\r\n\r\n", WSECHO_REFUSED_UPGRADE_REQUIRED);
    EXPECT_EQ(response.status, 426);
    EXPECT_EQ(response.header("Upgrade"), "websocket");
}

TEST_F(Refusals, another_version_gets_426_and_is_told_ours) {
    for (const char* version : {"8", "", "13, 8", "130"}) {
        const auto response =
            refuse(request_with("Version: 13", std::string{"Version: "} + version),
                   WSECHO_REFUSED_UPGRADE_REQUIRED);
        EXPECT_EQ(response.status, 426) << version;
        EXPECT_EQ(response.header("Sec-WebSocket-Version"), "13");
    }
}

TEST_F(Refusals, a_head_over_8_kib_gets_431) {
    const auto cookies = "Cookie: " + std::string(9000, 'c') + "\r\n";
    EXPECT_EQ(refuse(upgrade_request("/chat", cookies), WSECHO_REFUSED_TOO_LARGE).status, 431);
}

TEST_F(Refusals, a_head_without_an_end_gets_431_once_it_is_too_long) {
    EXPECT_EQ(
        refuse("GET /chat HTTP/1.1\r\nCookie: " + std::string(9000, 'c'), WSECHO_REFUSED_TOO_LARGE)
            .status,
        431);
}

TEST(handshake, a_head_of_almost_8_kib_is_accepted) {
    TestServer server;
    auto client = RawClient::tcp(server.port());
    EXPECT_NO_THROW(client.shake_hands("/", "Cookie: " + std::string(7900, 'c') + "\r\n"));
}

TEST(handshake, a_request_that_does_not_come_in_time_gets_408) {
    auto options = default_options();
    options.handshake_timeout_ms = 100;
    TestServer server{options};
    auto silent = RawClient::tcp(server.port());
    auto slow = RawClient::tcp(server.port());
    slow.send("GET / HTTP/1.1\r\n");
    EXPECT_EQ(silent.read_response().status, 408);
    EXPECT_EQ(slow.read_response().status, 408);
    silent.read_to_end();
    slow.read_to_end();
    EXPECT_EQ(server.statistics().refusals[WSECHO_REFUSED_TIMEOUT], 2U);
}

TEST(handshake, the_time_for_the_handshake_does_not_end_an_open_connection) {
    auto options = default_options();
    options.handshake_timeout_ms = 50;
    options.idle_timeout_ms = 300;  // the clock of this test
    TestServer server{options};
    auto client = open_client(server);
    EXPECT_EQ(client.take_close().close_code(), 1001U);
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_IDLE);
}

TEST(handshake, a_peer_that_leaves_before_its_request_is_whole_is_counted) {
    TestServer server;
    RawClient::tcp(server.port()).hang_up();
    auto half = RawClient::tcp(server.port());
    half.send("GET / HTTP/1.1\r\n");
    half.reset();
    eventually("both to be counted",
               [&] { return server.statistics().refusals[WSECHO_REFUSED_DISCONNECTED] == 2; });
    EXPECT_TRUE(server.record().opened.empty());
    EXPECT_TRUE(server.record().closes.empty());
}

TEST(handshake, frames_behind_a_refused_request_are_not_read) {
    auto options = default_options();
    options.path = "/chat";
    TestServer server{options};
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request("/other") + frame(text, "let me in"));
    EXPECT_EQ(client.read_response().status, 404);
    client.send(upgrade_request("/chat") + frame(text, "again"));
    client.read_to_end();
    EXPECT_TRUE(server.record().opened.empty());
    EXPECT_TRUE(server.record().messages.empty());
}

}  // namespace
}  // namespace wsecho::test
