// Responses to the upgrade request, good and bad.
#include "wire/handshake.h"

#include <gtest/gtest.h>

#include <string>

namespace wsecho::loadgen {
namespace {

using Verdict = HandshakeAnswer::Verdict;

const std::string accepted =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "upgrade: websocket\r\n"
    "Connection: keep-alive, Upgrade\r\n"
    "SEC-WEBSOCKET-ACCEPT:  s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \r\n"
    "\r\n";

TEST(handshake, the_request_names_host_and_resource) {
    const std::string request = handshake_request(parse_target("ws://host:81/path?q=1"), {});
    EXPECT_EQ(request.rfind("GET /path?q=1 HTTP/1.1\r\nHost: host:81\r\n", 0), 0U);
    EXPECT_EQ(request.substr(request.size() - 4), "\r\n\r\n");
}

TEST(handshake, a_right_answer_is_accepted_and_its_size_told) {
    const HandshakeAnswer answer = judge_handshake(accepted + "\x81\x01x", {});
    EXPECT_EQ(answer.verdict, Verdict::accepted);
    EXPECT_EQ(answer.size, accepted.size());
}

TEST(handshake, any_beginning_of_an_answer_is_incomplete) {
    for (std::size_t size = 0; size < accepted.size(); ++size) {
        EXPECT_EQ(judge_handshake(accepted.substr(0, size), {}).verdict, Verdict::incomplete)
            << size;
    }
}

TEST(handshake, a_refusal_is_reported_by_its_status_line) {
    const HandshakeAnswer answer =
        judge_handshake("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n\r\n", {});
    EXPECT_EQ(answer.verdict, Verdict::refused);
    EXPECT_EQ(answer.problem, "HTTP/1.1 503 Service Unavailable");
}

TEST(handshake, a_wrong_or_missing_accept_is_refused) {
    for (const char* field : {"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=\r\n", ""}) {
        const HandshakeAnswer answer = judge_handshake(
            std::string("HTTP/1.1 101 Switching Protocols\r\n") + field + "\r\n", {});
        EXPECT_EQ(answer.verdict, Verdict::refused);
        EXPECT_NE(answer.problem.find("Sec-WebSocket-Accept"), std::string::npos);
    }
}

TEST(handshake, a_101_that_upgrades_to_nothing_is_refused) {
    for (const std::string field :
         {"upgrade: websocket\r\n", "Connection: keep-alive, Upgrade\r\n"}) {
        std::string response = accepted;
        response.erase(response.find(field), field.size());
        const HandshakeAnswer answer = judge_handshake(response, {});
        EXPECT_EQ(answer.verdict, Verdict::refused);
        EXPECT_NE(answer.problem.find("Upgrade"), std::string::npos);
    }
}

TEST(handshake, a_head_without_an_end_is_refused) {
    EXPECT_EQ(judge_handshake(std::string(20'000, 'a'), {}).verdict, Verdict::refused);
}

TEST(handshake, the_request_carries_what_is_offered_besides) {
    const std::string request = handshake_request(
        parse_target("ws://host/"), {"chat", true, {"Authorization: Bearer x", "X-Test: 1"}});
    EXPECT_NE(request.find("\r\nSec-WebSocket-Protocol: chat\r\n"), std::string::npos);
    EXPECT_NE(request.find("\r\nSec-WebSocket-Extensions: permessage-deflate; "
                           "server_no_context_takeover; client_no_context_takeover\r\n"),
              std::string::npos);
    EXPECT_NE(request.find("\r\nAuthorization: Bearer x\r\nX-Test: 1\r\n\r\n"), std::string::npos);
}

std::string accepted_with(const std::string& field) {
    return accepted.substr(0, accepted.size() - 2) + field + "\r\n\r\n";
}

TEST(handshake, a_subprotocol_must_be_the_one_that_was_offered) {
    const std::string chat = accepted_with("Sec-WebSocket-Protocol: chat");
    EXPECT_EQ(judge_handshake(chat, {"chat", false, {}}).verdict, Verdict::accepted);
    EXPECT_EQ(judge_handshake(chat, {"news", false, {}}).verdict, Verdict::refused);
    EXPECT_EQ(judge_handshake(chat, {}).verdict, Verdict::refused);
    EXPECT_EQ(judge_handshake(accepted, {"chat", false, {}}).verdict, Verdict::refused);
}

TEST(handshake, compression_counts_only_as_it_was_offered) {
    const HandshakeOffer offer{{}, true, {}};
    const std::string good =
        accepted_with("Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover");
    EXPECT_TRUE(judge_handshake(good, offer).deflate);
    EXPECT_EQ(judge_handshake(accepted, offer).verdict, Verdict::refused);
    EXPECT_EQ(judge_handshake(good, {}).verdict, Verdict::refused);
    const std::string with_context = accepted_with("Sec-WebSocket-Extensions: permessage-deflate");
    EXPECT_EQ(judge_handshake(with_context, offer).verdict, Verdict::refused);
    const std::string other = accepted_with("Sec-WebSocket-Extensions: x-other");
    EXPECT_EQ(judge_handshake(other, offer).verdict, Verdict::refused);
}

}  // namespace
}  // namespace wsecho::loadgen
