#include "protocol/client_handshake.h"

#include <gtest/gtest.h>

namespace wsecho::protocol {
namespace {

constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::string answer(std::string_view more, std::string_view upgrade = "Upgrade: websocket\r\n",
                   std::string_view connection = "Connection: Upgrade\r\n") {
    return std::string{"HTTP/1.1 101 Switching Protocols\r\n"}
        .append(upgrade)
        .append(connection)
        .append(more)
        .append("\r\n");
}

std::string accepting(std::string_view more = {}) {
    return "Sec-WebSocket-Accept: " + std::string{accept} + "\r\n" + std::string{more};
}

// The subprotocol that was agreed on, or why not.
std::string judged(const std::string& text, const ClientRequest& request = {}) {
    const auto head = ResponseHead::parse(text);
    if (!head) return "no head";
    const auto verdict = judge_answer(*head, request, accept);
    if (const auto* bad = std::get_if<AnswerViolation>(&verdict)) return std::string{bad->why};
    return "agreed on '" + std::string{std::get<Agreement>(verdict).subprotocol} + "'";
}

TEST(client_handshake, asks_as_section_4_1_wants) {
    const auto text = request_text({}, *Url::parse("ws://server.example.com/chat?a=b"), key);
    EXPECT_EQ(text,
              "GET /chat?a=b HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\n"
              "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              "Sec-WebSocket-Version: 13\r\n\r\n");
}

TEST(client_handshake, asks_with_subprotocols_and_headers) {
    const ClientRequest request{{"chat", "superchat"}, {{"X-Token", "1 2"}, {"Origin", "null"}}};
    const auto text = request_text(request, *Url::parse("ws://a:81"), key);
    EXPECT_NE(text.find("\r\nHost: a:81\r\n"), std::string::npos);
    EXPECT_NE(text.find("\r\nSec-WebSocket-Protocol: chat, superchat\r\n"), std::string::npos);
    EXPECT_TRUE(text.ends_with("\r\nX-Token: 1 2\r\nOrigin: null\r\n\r\n"));
}

TEST(client_handshake, says_who_asks_unless_a_header_does) {
    const auto url = *Url::parse("ws://Aladdin:open%20sesame@a");
    EXPECT_NE(request_text({}, url, key)
                  .find("\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n"),
              std::string::npos);
    const auto own = request_text({{}, {{"authorization", "Bearer x"}}}, url, key);
    EXPECT_EQ(own.find("Basic"), std::string::npos);
}

TEST(client_handshake, names_what_is_wrong_with_a_request) {
    EXPECT_EQ(problem_of(ClientRequest{{"a", "b"}, {{"X", "y"}}}), "");
    EXPECT_EQ(problem_of(ClientRequest{{"a b"}, {}}), "subprotocols: 'a b' is none");
    EXPECT_EQ(problem_of(ClientRequest{{""}, {}}), "subprotocols: '' is none");
    EXPECT_EQ(problem_of(ClientRequest{{"a", "b", "a"}, {}}),
              "subprotocols: 'a' stands there twice");
    EXPECT_EQ(problem_of(ClientRequest{{}, {{"X y", ""}}}), "headers: 'X y' is no header name");
    EXPECT_EQ(problem_of(ClientRequest{{}, {{"X", "a\r\nY: b"}}}), "headers: X: no header value");
    for (const char* const name : {"host", "Upgrade", "Connection", "Content-Length",
                                   "Transfer-Encoding", "sec-websocket-key"})
        EXPECT_NE(problem_of(ClientRequest{{}, {{name, "x"}}}), "") << name;
    EXPECT_EQ(problem_of(ClientRequest{{}, {{"X", std::string(65536, 'x')}}}),
              "headers: over 65536 bytes");
}

TEST(client_handshake, takes_a_right_answer) {
    EXPECT_EQ(judged(answer(accepting())), "agreed on ''");
    EXPECT_EQ(judged(answer(accepting(), "upgrade: WebSocket\r\n", "connection: a, upgrade\r\n")),
              "agreed on ''");
    EXPECT_EQ(judged(answer(accepting("Sec-WebSocket-Protocol: b\r\n")), {{"a", "b"}, {}}),
              "agreed on 'b'");
}

TEST(client_handshake, refuses_an_answer_that_is_not_of_this_key) {
    EXPECT_NE(judged(answer("")).find("Accept"), std::string::npos);
    EXPECT_NE(judged(answer("Sec-WebSocket-Accept: x\r\n")).find("Accept"), std::string::npos);
    EXPECT_NE(judged(answer(accepting(accepting()))).find("Accept"), std::string::npos);
}

TEST(client_handshake, refuses_an_answer_that_upgrades_to_something_else) {
    EXPECT_NE(judged(answer(accepting(), "")).find("Upgrade"), std::string::npos);
    EXPECT_NE(judged(answer(accepting(), "Upgrade: h2c\r\n")).find("Upgrade"), std::string::npos);
    EXPECT_NE(judged(answer(accepting(), "Upgrade: websocket\r\n", "Connection: close\r\n"))
                  .find("Connection"),
              std::string::npos);
}

TEST(client_handshake, refuses_what_was_not_asked_for) {
    EXPECT_NE(judged(answer(accepting("Sec-WebSocket-Extensions: permessage-deflate\r\n")))
                  .find("extension"),
              std::string::npos);
    for (const char* const more :
         {"Sec-WebSocket-Protocol: c\r\n", "Sec-WebSocket-Protocol: A\r\n",
          "Sec-WebSocket-Protocol: a, b\r\n", "Sec-WebSocket-Protocol:\r\n",
          "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a\r\n"})
        EXPECT_NE(judged(answer(accepting(more)), {{"a", "b"}, {}}).find("subprotocol"),
                  std::string::npos)
            << more;
}

TEST(client_handshake, knows_answers_that_will_be_the_same_again) {
    for (const unsigned status : {301U, 307U, 400U, 401U, 403U, 404U, 405U, 407U, 410U, 426U})
        EXPECT_TRUE(is_permanent(status)) << status;
    for (const unsigned status : {200U, 408U, 421U, 425U, 429U, 500U, 502U, 503U, 504U})
        EXPECT_FALSE(is_permanent(status)) << status;
}

}  // namespace
}  // namespace wsecho::protocol
