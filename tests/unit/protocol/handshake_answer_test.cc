// What an application may answer a handshake with, and what of it goes over the wire.
#include "protocol/handshake_answer.h"

#include <gtest/gtest.h>

namespace wsecho::protocol {
namespace {

constexpr std::string_view request =
    "GET / HTTP/1.1\r\nHost: a\r\nSec-WebSocket-Protocol: chat, v2.chat\r\n"
    "Sec-WebSocket-Protocol: plain\r\n\r\n";

std::string problem_of_acceptance(Acceptance acceptance) {
    const auto head = RequestHead::parse(request);
    return problem_of(acceptance, *head);
}

TEST(handshake_answer, an_acceptance_is_a_101_with_what_was_agreed_on) {
    EXPECT_EQ(response_of(Acceptance{}, "key="),
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: key=\r\n\r\n");
    EXPECT_EQ(response_of(Acceptance{"chat", {{"Set-Cookie", "a=1"}, {"X-Empty", ""}}}, "key="),
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: key=\r\nSec-WebSocket-Protocol: chat\r\n"
              "Set-Cookie: a=1\r\nX-Empty: \r\n\r\n");
}

TEST(handshake_answer, an_extension_that_was_agreed_on_is_told) {
    EXPECT_EQ(response_of(Acceptance{}, "key=", "permessage-deflate"),
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: key=\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
}

TEST(handshake_answer, a_rejection_has_its_status_headers_and_body) {
    EXPECT_EQ(response_of(Rejection{401, {{"WWW-Authenticate", "Bearer"}}, "no token\n"}),
              "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n"
              "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 9\r\n"
              "Connection: close\r\n\r\nno token\n");
    EXPECT_EQ(response_of(Rejection{302, {{"Location", "/login"}}, ""}),
              "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n"
              "Connection: close\r\n\r\n");
    EXPECT_EQ(response_of(Rejection{403, {{"content-type", "application/json"}}, "{}"}),
              "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\nContent-Length: 2\r\n"
              "Connection: close\r\n\r\n{}");
}

TEST(handshake_answer, a_subprotocol_must_have_been_offered) {
    for (const char* offered : {"", "chat", "v2.chat", "plain"})
        EXPECT_EQ(problem_of_acceptance({offered, {}}), "") << offered;
    for (const char* other : {"Chat", "v1.chat", "chat, v2.chat", "chat\r\nX: y"})
        EXPECT_NE(problem_of_acceptance({other, {}}), "") << other;
}

TEST(handshake_answer, a_header_is_a_name_and_a_value_on_one_line) {
    EXPECT_EQ(problem_of_acceptance({"", {{"X-Id", "7 \t\xC3\xA4"}}}), "");
    for (const HeaderField& field : {HeaderField{"", "a"}, HeaderField{"a b", "c"},
                                     HeaderField{"a:", "b"}, HeaderField{"a", "b\r\nc: d"}}) {
        EXPECT_NE(problem_of_acceptance({"", {field}}), "") << field.name;
        EXPECT_NE(problem_of(Rejection{403, {field}, ""}), "") << field.name;
    }
}

TEST(handshake_answer, headers_that_say_how_the_connection_goes_on_are_the_servers) {
    for (const char* name : {"Upgrade", "connection", "Sec-WebSocket-Accept",
                             "sec-websocket-extensions", "Content-Length", "Transfer-Encoding"})
        EXPECT_NE(problem_of_acceptance({"", {{name, "x"}}}), "") << name;
    for (const char* name : {"connection", "Content-Length", "Transfer-Encoding"})
        EXPECT_NE(problem_of(Rejection{403, {{name, "x"}}, ""}), "") << name;
    EXPECT_EQ(problem_of(Rejection{426, {{"Upgrade", "websocket"}}, ""}), "");
}

TEST(handshake_answer, a_rejection_is_a_redirection_or_an_error) {
    for (const unsigned status : {300U, 403U, 599U})
        EXPECT_EQ(problem_of(Rejection{status, {}, ""}), "") << status;
    for (const unsigned status : {0U, 101U, 200U, 299U, 304U, 600U})
        EXPECT_NE(problem_of(Rejection{status, {}, ""}), "") << status;
}

TEST(handshake_answer, its_size_is_bounded) {
    EXPECT_EQ(problem_of(Rejection{403, {}, std::string(max_answer_bytes, 'x')}), "");
    EXPECT_NE(problem_of(Rejection{403, {{"a", ""}}, std::string(max_answer_bytes, 'x')}), "");
    EXPECT_EQ(problem_of_acceptance({"", {{"a", std::string(max_answer_bytes - 5, 'x')}}}), "");
    EXPECT_NE(problem_of_acceptance({"", {{"a", std::string(max_answer_bytes - 4, 'x')}}}), "");
}

}  // namespace
}  // namespace wsecho::protocol
