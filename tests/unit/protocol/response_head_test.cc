#include "protocol/response_head.h"

#include <gtest/gtest.h>

namespace wsecho::protocol {
namespace {

TEST(response_head, has_its_status_line_and_headers) {
    const auto head =
        ResponseHead::parse("HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\n\r\n");
    ASSERT_TRUE(head);
    EXPECT_EQ(head->status(), 503U);
    EXPECT_EQ(head->reason(), "Service Unavailable");
    EXPECT_EQ(head->version(), "HTTP/1.1");
    EXPECT_EQ(head->lines().header("retry-after"), "5");
}

TEST(response_head, may_have_no_reason) {
    for (const char* const text : {"HTTP/1.1 200 \r\n\r\n", "HTTP/1.0 200\r\n\r\n"}) {
        const auto head = ResponseHead::parse(text);
        ASSERT_TRUE(head) << text;
        EXPECT_EQ(head->status(), 200U);
        EXPECT_EQ(head->reason(), "");
    }
}

TEST(response_head, that_is_none_is_refused) {
    for (const char* const text :
         {"", "\r\n\r\n", "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n",
          "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
          "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 200 O\x01K\r\n\r\n", "SSH-2.0-OpenSSH\r\n\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"})
        EXPECT_FALSE(ResponseHead::parse(text)) << text;
}

}  // namespace
}  // namespace wsecho::protocol
