#include "protocol/url.h"

#include <gtest/gtest.h>

namespace wsecho::protocol {
namespace {

TEST(url, of_all_parts_is_taken_apart) {
    const auto url = Url::parse("wss://chat.example.com:8443/rooms/1?token=a%20b");
    ASSERT_TRUE(url);
    EXPECT_TRUE(url->is_secure());
    EXPECT_EQ(url->host, "chat.example.com");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->target, "/rooms/1?token=a%20b");
    EXPECT_EQ(url->user_info, "");
    EXPECT_EQ(url->host_header(), "chat.example.com:8443");
}

TEST(url, without_a_port_has_the_scheme_s) {
    EXPECT_EQ(Url::parse("ws://a")->port, 80);
    EXPECT_EQ(Url::parse("WSS://a")->port, 443);
    EXPECT_EQ(Url::parse("http://a")->port, 80);
    EXPECT_EQ(Url::parse("ws://a")->host_header(), "a");
    EXPECT_EQ(Url::parse("ws://a:80")->host_header(), "a");
    EXPECT_EQ(Url::parse("wss://a:80")->host_header(), "a:80");
    EXPECT_EQ(Url::parse("ws://a")->authority(), "a:80");
}

TEST(url, without_a_path_asks_for_the_root) {
    EXPECT_EQ(Url::parse("ws://a")->target, "/");
    EXPECT_EQ(Url::parse("ws://a?b=c")->target, "/?b=c");
}

TEST(url, may_name_an_address) {
    EXPECT_EQ(Url::parse("ws://127.0.0.1:9001/")->host, "127.0.0.1");
    const auto ipv6 = Url::parse("ws://[2001:db8::1]:9001/");
    ASSERT_TRUE(ipv6);
    EXPECT_EQ(ipv6->host, "2001:db8::1");
    EXPECT_EQ(ipv6->port, 9001);
    EXPECT_EQ(ipv6->host_header(), "[2001:db8::1]:9001");
    EXPECT_EQ(Url::parse("ws://[::1]")->host_header(), "[::1]");
}

TEST(url, has_its_credentials_decoded_and_told_to_nobody) {
    const auto url = Url::parse("http://ada:p%40ss%3Aword@proxy:3128");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->user_info, "ada:p@ss:word");
    EXPECT_EQ(url->host, "proxy");
    EXPECT_EQ(url->text, "http://proxy:3128");
}

TEST(url, that_is_none_is_refused) {
    for (const char* const text : {"",
                                   "a",
                                   "ws:/a",
                                   "ws://",
                                   "ws:///path",
                                   "ftp://a",
                                   "https://a",
                                   "ws://a:0",
                                   "ws://a:65536",
                                   "ws://a:",
                                   "ws://a:1x",
                                   "ws://a:-1",
                                   "ws://a b/",
                                   "ws://a/b c",
                                   "ws://a/#fragment",
                                   "ws://a\r\nX: y",
                                   "ws://a/\r\nX: y",
                                   "ws://[::1",
                                   "ws://[127.0.0.1]",
                                   "ws://[g::1]",
                                   "ws://[::1]x",
                                   "ws://::1",
                                   "ws://u%0D%0A@a",
                                   "ws://u%4@a",
                                   "ws://u%zz@a",
                                   "ws://a/\xC3\xA4",
                                   "ws://a\x7F",
                                   "ws://a_b,c"})
        EXPECT_FALSE(Url::parse(text)) << text;
    EXPECT_FALSE(Url::parse("ws://" + std::string(254, 'a')));
    EXPECT_TRUE(Url::parse("ws://" + std::string(253, 'a')));
}

}  // namespace
}  // namespace wsecho::protocol
