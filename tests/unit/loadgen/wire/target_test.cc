// Addresses that are understood, and the words for those that are not.
#include "wire/target.h"

#include <gtest/gtest.h>

#include <string>

namespace wsecho::loadgen {
namespace {

std::string refusal(std::string_view address) {
    try {
        static_cast<void>(parse_target(address));
    } catch (const TargetError& error) {
        return error.what();
    }
    return {};
}

TEST(target, a_full_address_is_taken_apart) {
    const Target target = parse_target("ws://127.0.0.1:9000/chat/room?name=a&b=c");
    EXPECT_EQ(target.host, "127.0.0.1");
    EXPECT_EQ(target.port, 9000);
    EXPECT_EQ(target.resource, "/chat/room?name=a&b=c");
    EXPECT_EQ(target.authority, "127.0.0.1:9000");
}

TEST(target, the_port_defaults_to_80_and_the_path_to_a_slash) {
    const Target target = parse_target("ws://localhost");
    EXPECT_EQ(target.host, "localhost");
    EXPECT_EQ(target.port, 80);
    EXPECT_EQ(target.resource, "/");
}

TEST(target, a_query_without_a_path_belongs_to_the_root) {
    EXPECT_EQ(parse_target("ws://host:1?x=1").resource, "/?x=1");
}

TEST(target, an_ipv6_host_loses_its_brackets_but_the_host_header_keeps_them) {
    const Target target = parse_target("ws://[::1]:9000/");
    EXPECT_EQ(target.host, "::1");
    EXPECT_EQ(target.port, 9000);
    EXPECT_EQ(target.authority, "[::1]:9000");
}

TEST(target, a_colon_in_the_path_is_no_port) {
    const Target target = parse_target("ws://host/a:b@c");
    EXPECT_EQ(target.port, 80);
    EXPECT_EQ(target.resource, "/a:b@c");
}

TEST(target, another_scheme_is_refused_with_those_that_work) {
    EXPECT_NE(refusal("http://host/").find("wss://"), std::string::npos);
}

TEST(target, a_port_out_of_range_is_refused_with_the_port_named) {
    for (const char* port : {"0", "65536", "-1", "12a", "", "99999999999"}) {
        const std::string words = refusal(std::string("ws://host:") + port + "/");
        EXPECT_NE(words.find("port"), std::string::npos) << port << ": " << words;
    }
}

TEST(target, what_cannot_be_an_address_is_refused) {
    for (const char* address : {"", "host:80", "http://host/", "ws://", "ws:///path", "ws://:80/",
                                "ws://[::1", "ws://[::1]x/", "ws://user@host/", "ws://host/#part",
                                "ws://host/a b", "ws://host/\r\nX: y"}) {
        EXPECT_NE(refusal(address), "") << address;
    }
}

TEST(target, wss_means_tls_and_port_443) {
    const Target target = parse_target("wss://host/x");
    EXPECT_TRUE(target.tls);
    EXPECT_EQ(target.port, 443);
    EXPECT_EQ(parse_target("wss://host:8443/").port, 8443);
    EXPECT_FALSE(parse_target("ws://host/").tls);
}

}  // namespace
}  // namespace wsecho::loadgen
