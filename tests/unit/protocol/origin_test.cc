// Origins and policies: what a browser may send, and whom each policy lets in.
#include "protocol/origin.h"

#include <gtest/gtest.h>

namespace wsecho::protocol {
namespace {

bool allows(std::string_view policy, std::string_view origin,
            std::string_view host = "chat.example.com") {
    const auto parsed = OriginPolicy::parse(policy);
    EXPECT_TRUE(parsed.has_value()) << policy;
    return parsed && parsed->allows(origin, host);
}

TEST(origin, it_has_a_scheme_a_host_and_a_port) {
    const auto origin = Origin::parse("https://example.com:8443");
    ASSERT_TRUE(origin.has_value());
    EXPECT_EQ(origin->scheme, "https");
    EXPECT_EQ(origin->host, "example.com");
    EXPECT_EQ(origin->port, 8443);
}

TEST(origin, a_port_that_is_not_there_is_the_schemes_own) {
    EXPECT_EQ(Origin::parse("http://a")->port, 80);
    EXPECT_EQ(Origin::parse("HTTPS://a")->port, 443);
    EXPECT_FALSE(Origin::parse("app://a").has_value()) << "nobody knows its port";
    EXPECT_EQ(Origin::parse("app://a:7")->port, 7);
}

TEST(origin, an_ipv6_address_keeps_its_brackets) {
    const auto origin = Origin::parse("http://[2001:db8::1]:8080");
    ASSERT_TRUE(origin.has_value());
    EXPECT_EQ(origin->host, "[2001:db8::1]");
    EXPECT_EQ(origin->port, 8080);
    EXPECT_EQ(Origin::parse("http://[::1]")->port, 80);
}

TEST(origin, what_is_no_origin_is_none) {
    for (const char* text :
         {"", "null", "example.com", "://a", "https://", "https://a/", "https://a/path",
          "https://user@a", "https://a:", "https://a:0", "https://a:65536", "https://a:80x",
          "https://a:+80", "https://a b", "https://a,b", "https://[::1", "https://[]"})
        EXPECT_FALSE(Origin::parse(text).has_value()) << text;
}

TEST(origin, by_default_a_page_reaches_the_host_that_it_came_from) {
    const OriginPolicy same;
    EXPECT_TRUE(same.allows("http://chat.example.com", "chat.example.com"));
    EXPECT_TRUE(same.allows("https://Chat.Example.com", "chat.example.COM"));
    EXPECT_TRUE(same.allows("https://chat.example.com:8443", "chat.example.com:8443"));
    EXPECT_TRUE(same.allows("https://chat.example.com", "chat.example.com:443"));
    EXPECT_TRUE(same.allows("http://[::1]:9001", "[::1]:9001"));
}

TEST(origin, by_default_no_other_page_does) {
    const OriginPolicy same;
    for (const char* origin :
         {"https://evil.example", "https://chat.example.com.evil.example", "https://example.com",
          "https://a.chat.example.com", "https://chat.example.com:8443", "null", "", "nonsense"})
        EXPECT_FALSE(same.allows(origin, "chat.example.com")) << origin;
    EXPECT_FALSE(same.allows("https://chat.example.com", "chat.example.com:8443"));
    EXPECT_FALSE(same.allows("https://chat.example.com", ""));
    EXPECT_FALSE(same.allows("https://chat.example.com", "chat.example.com:"));
}

TEST(origin, a_list_allows_what_it_names_and_the_same_origin_only_if_named) {
    constexpr auto list = "https://a.example, http://b.example:8080 null";
    EXPECT_TRUE(allows(list, "https://a.example"));
    EXPECT_TRUE(allows(list, "https://A.example:443"));
    EXPECT_TRUE(allows(list, "http://b.example:8080"));
    EXPECT_TRUE(allows(list, "null"));
    EXPECT_FALSE(allows(list, "http://a.example"));
    EXPECT_FALSE(allows(list, "http://b.example"));
    EXPECT_FALSE(allows(list, "https://chat.example.com"));
    EXPECT_TRUE(allows("same,https://a.example", "https://chat.example.com"));
    EXPECT_TRUE(allows("same,https://a.example", "https://a.example"));
}

TEST(origin, a_wildcard_stands_for_subdomains_of_any_depth_and_not_for_the_domain) {
    constexpr auto list = "https://*.example.com";
    EXPECT_TRUE(allows(list, "https://a.example.com"));
    EXPECT_TRUE(allows(list, "https://a.b.EXAMPLE.com"));
    EXPECT_FALSE(allows(list, "https://example.com"));
    EXPECT_FALSE(allows(list, "https://.example.com"));
    EXPECT_FALSE(allows(list, "https://evilexample.com"));
    EXPECT_FALSE(allows(list, "http://a.example.com"));
    EXPECT_FALSE(allows(list, "https://a.example.com:8443"));
    EXPECT_FALSE(allows(list, "https://a.example.com.evil.example"));
}

TEST(origin, an_asterisk_allows_any_page) {
    for (const char* origin : {"https://evil.example", "null", "", "nonsense"})
        EXPECT_TRUE(allows("*", origin)) << origin;
}

TEST(origin, what_is_no_policy_is_refused) {
    for (const char* text : {"", " , ", "example.com", "https://*", "https://a.*.example.com",
                             "https://*.example.com/", "https://a *b", "any"})
        EXPECT_FALSE(OriginPolicy::parse(text).has_value()) << text;
}

}  // namespace
}  // namespace wsecho::protocol
