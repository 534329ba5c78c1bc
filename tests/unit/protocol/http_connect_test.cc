#include "protocol/http_connect.h"

#include <gtest/gtest.h>

namespace wsecho::protocol {
namespace {

TEST(http_connect, asks_for_a_tunnel_to_host_and_port) {
    const auto endpoint = *Url::parse("wss://chat.example.com/path");
    EXPECT_EQ(connect_request(endpoint, *Url::parse("http://proxy:3128")),
              "CONNECT chat.example.com:443 HTTP/1.1\r\nHost: chat.example.com:443\r\n\r\n");
    const auto ipv6 = *Url::parse("ws://[::1]:9001/");
    EXPECT_EQ(connect_request(ipv6, *Url::parse("http://proxy")),
              "CONNECT [::1]:9001 HTTP/1.1\r\nHost: [::1]:9001\r\n\r\n");
}

// RFC 7617, section 2, has this example.
TEST(http_connect, says_who_asks) {
    const auto proxy = *Url::parse("http://Aladdin:open%20sesame@proxy:3128");
    EXPECT_EQ(connect_request(*Url::parse("ws://a"), proxy),
              "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n"
              "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

// RFC 9110, section 9.3.6.
TEST(http_connect, has_a_tunnel_with_any_2xx) {
    EXPECT_TRUE(opens_tunnel(200));
    EXPECT_TRUE(opens_tunnel(299));
    for (const unsigned status : {101U, 199U, 300U, 407U, 502U})
        EXPECT_FALSE(opens_tunnel(status));
}

}  // namespace
}  // namespace wsecho::protocol
