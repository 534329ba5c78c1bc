#include "engine/proxies.h"

#include <gtest/gtest.h>

namespace wsecho::engine {
namespace {

using protocol::NetworkList;
using protocol::RequestHead;

ProxyOptions trusting(std::string_view networks, ProxyHeader header = ProxyHeader::forwarded) {
    return {header, *NetworkList::parse(networks)};
}

std::string client(const ProxyOptions& options, std::string_view peer) {
    const auto head = RequestHead::parse(
        "GET / HTTP/1.1\r\nForwarded: for=203.0.113.9\r\nX-Forwarded-For: 203.0.113.10\r\n\r\n");
    return find_client(options, *head, peer).value_or("the peer");
}

TEST(proxies, a_peer_is_trusted_by_its_network_or_its_socket) {
    EXPECT_TRUE(is_trusted(trusting("10.0.0.0/8"), "10.1.2.3:4711"));
    EXPECT_TRUE(is_trusted(trusting("loopback"), "[::1]:4711"));
    EXPECT_FALSE(is_trusted(trusting("10.0.0.0/8"), "192.0.2.1:4711"));
    EXPECT_TRUE(is_trusted(trusting("unix"), "unix"));
    EXPECT_FALSE(is_trusted(trusting("loopback"), "unix"));
    EXPECT_FALSE(is_trusted({}, "127.0.0.1:4711"));
}

TEST(proxies, the_header_that_is_asked_for_is_read_and_no_other) {
    EXPECT_EQ(client(trusting("loopback"), "127.0.0.1:4711"), "203.0.113.9");
    EXPECT_EQ(client(trusting("loopback", ProxyHeader::x_forwarded_for), "127.0.0.1:4711"),
              "203.0.113.10");
    EXPECT_EQ(client(trusting("loopback", ProxyHeader::proxy_protocol), "127.0.0.1:4711"),
              "the peer");
    EXPECT_EQ(client({}, "127.0.0.1:4711"), "the peer");
}

TEST(proxies, a_stranger_is_its_own_client) {
    EXPECT_EQ(client(trusting("10.0.0.0/8"), "127.0.0.1:4711"), "the peer");
    EXPECT_EQ(client(trusting("loopback"), "unix"), "the peer");
    EXPECT_EQ(client(trusting("unix"), "unix"), "203.0.113.9");
}

TEST(proxies, a_peer_of_this_machine_is_known_by_its_loopback_address) {
    EXPECT_TRUE(is_loopback("127.0.0.1:4711"));
    EXPECT_TRUE(is_loopback("[::1]:4711"));
    EXPECT_FALSE(is_loopback("192.0.2.1:4711"));
    EXPECT_FALSE(is_loopback("unix"));
    EXPECT_FALSE(is_loopback(""));
}

}  // namespace
}  // namespace wsecho::engine
