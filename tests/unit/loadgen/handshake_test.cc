// Responses to the upgrade request, good and bad.
#include "handshake.h"

#include <gtest/gtest.h>

#include <string>

namespace wsecho::loadgen {
namespace {

using Verdict = HandshakeAnswer::Verdict;

const std::string accepted =
    "HTTP/1.1 101 Switching Protocols\r\n"
    "upgrade: websocket\r\n"
    "SEC-WEBSOCKET-ACCEPT:  s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \r\n"
    "\r\n";

TEST(handshake, the_request_names_host_and_resource) {
    const std::string request = handshake_request(parse_target("ws://host:81/path?q=1"));
    EXPECT_EQ(request.rfind("GET /path?q=1 HTTP/1.1\r\nHost: host:81\r\n", 0), 0U);
    EXPECT_EQ(request.substr(request.size() - 4), "\r\n\r\n");
}

TEST(handshake, a_right_answer_is_accepted_and_its_size_told) {
    const HandshakeAnswer answer = judge_handshake(accepted + "\x81\x01x");
    EXPECT_EQ(answer.verdict, Verdict::accepted);
    EXPECT_EQ(answer.size, accepted.size());
}

TEST(handshake, any_beginning_of_an_answer_is_incomplete) {
    for (std::size_t size = 0; size < accepted.size(); ++size) {
        EXPECT_EQ(judge_handshake(accepted.substr(0, size)).verdict, Verdict::incomplete) << size;
    }
}

TEST(handshake, a_refusal_is_reported_by_its_status_line) {
    const HandshakeAnswer answer =
        judge_handshake("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n\r\n");
    EXPECT_EQ(answer.verdict, Verdict::refused);
    EXPECT_EQ(answer.problem, "HTTP/1.1 503 Service Unavailable");
}

TEST(handshake, a_wrong_or_missing_accept_is_refused) {
    for (const char* field : {"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOp=\r\n", ""}) {
        const HandshakeAnswer answer =
            judge_handshake(std::string("HTTP/1.1 101 Switching Protocols\r\n") + field + "\r\n");
        EXPECT_EQ(answer.verdict, Verdict::refused);
        EXPECT_NE(answer.problem.find("Sec-WebSocket-Accept"), std::string::npos);
    }
}

TEST(handshake, a_head_without_an_end_is_refused) {
    EXPECT_EQ(judge_handshake(std::string(20'000, 'a')).verdict, Verdict::refused);
}

}  // namespace
}  // namespace wsecho::loadgen
