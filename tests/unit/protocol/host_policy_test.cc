// The names by which pages may reach a server, listed and by default.
#include "protocol/host_policy.h"

#include <gtest/gtest.h>

namespace wsecho::protocol {
namespace {

constexpr bool local = true;
constexpr bool from_elsewhere = false;

bool allows(std::string_view list, std::string_view host) {
    const auto policy = HostPolicy::parse(list);
    EXPECT_TRUE(policy) << list;
    return policy && policy->allows(host, local) && policy->allows(host, from_elsewhere);
}

TEST(host_policy, lists_names_whose_case_does_not_count) {
    EXPECT_TRUE(allows("example.com", "example.com"));
    EXPECT_TRUE(allows("example.com", "EXAMPLE.com"));
    EXPECT_FALSE(allows("example.com", "a.example.com"));
    EXPECT_FALSE(allows("example.com", "evil.example"));
    EXPECT_FALSE(allows("example.com", ""));
}

TEST(host_policy, does_not_look_at_the_port) {
    EXPECT_TRUE(allows("example.com", "example.com:8443"));
    EXPECT_TRUE(allows("[::1]", "[::1]:9001"));
}

TEST(host_policy, lists_subdomains_of_any_depth_by_a_wildcard) {
    EXPECT_TRUE(allows("*.example.com", "a.example.com"));
    EXPECT_TRUE(allows("*.example.com", "a.b.EXAMPLE.com:80"));
    EXPECT_FALSE(allows("*.example.com", "example.com"));
    EXPECT_FALSE(allows("*.example.com", ".example.com"));
    EXPECT_FALSE(allows("*.example.com", "evilexample.com"));
    EXPECT_FALSE(allows("*.example.com", "a.example.com.evil.example"));
}

TEST(host_policy, lists_addresses_however_they_are_written) {
    EXPECT_TRUE(allows("192.0.2.1", "192.0.2.1:9001"));
    EXPECT_TRUE(allows("2001:db8::1", "[2001:db8:0::1]"));
    EXPECT_TRUE(allows("[2001:db8::1]", "[2001:DB8::1]:9001"));
    EXPECT_FALSE(allows("192.0.2.1", "192.0.2.2"));
}

TEST(host_policy, lists_several_with_spaces_or_commas) {
    for (const char* const host : {"a.example", "b.example", "c.example"})
        EXPECT_TRUE(allows("a.example, b.example c.example", host)) << host;
}

TEST(host_policy, lists_all_by_an_asterisk) {
    EXPECT_TRUE(allows("*", "evil.example"));
    EXPECT_TRUE(allows("a.example *", ""));
}

TEST(host_policy, a_list_leaves_out_what_it_does_not_name_even_localhost) {
    EXPECT_FALSE(allows("example.com", "localhost"));
    EXPECT_FALSE(allows("example.com", "127.0.0.1"));
}

TEST(host_policy, what_is_no_host_is_no_list) {
    for (const char* const text : {"", " ", ",", "http://example.com", "example.com:80", "a/b",
                                   "*.", "*a", "a.*", ".example.com", "[::1", "[]", "\"a\"", "a\n"})
        EXPECT_FALSE(HostPolicy::parse(text)) << text;
}

TEST(host_policy, without_a_list_a_local_request_is_for_localhost_or_an_address) {
    const HostPolicy policy;
    for (const char* const host : {"localhost", "LocalHost:9001", "app.localhost:9001", "127.0.0.1",
                                   "127.0.0.1:9001", "[::1]:9001", "192.0.2.1:80"})
        EXPECT_TRUE(policy.allows(host, local)) << host;
    for (const char* const host :
         {"evil.example", "evil.example:9001", "localhost.evil.example", "evillocalhost",
          "127.0.0.1.evil.example", "127.0.0.1evil.example", "[::1].evil.example", "[::1", "",
          ":80", "localhost.", "localhost@evil.example", ".localhost"})
        EXPECT_FALSE(policy.allows(host, local)) << host;
}

TEST(host_policy, without_a_list_a_local_request_may_be_for_the_host_that_is_listened_on) {
    const HostPolicy policy{"devbox.example"};
    EXPECT_TRUE(policy.allows("devbox.example:9001", local));
    EXPECT_TRUE(policy.allows("localhost", local));
    EXPECT_FALSE(policy.allows("evil.example", local));
    EXPECT_FALSE(HostPolicy{""}.allows("", local));
}

TEST(host_policy, without_a_list_a_request_from_elsewhere_is_for_any_host) {
    const HostPolicy policy{"0.0.0.0"};
    EXPECT_TRUE(policy.allows("chat.example.com", from_elsewhere));
    EXPECT_FALSE(policy.allows("chat.example.com", local));
}

}  // namespace
}  // namespace wsecho::protocol
