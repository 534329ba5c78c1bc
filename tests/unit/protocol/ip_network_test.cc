// Which addresses a network holds, and lists of networks as an operator writes them.
#include "protocol/ip_network.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace wsecho::protocol {
namespace {

IpAddress address(std::string_view text) {
    const auto parsed = IpAddress::parse(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(IpAddress{});
}

bool holds(std::string_view network, std::string_view member) {
    const auto parsed = Network::parse(network);
    EXPECT_TRUE(parsed.has_value()) << network;
    return parsed && parsed->contains(address(member));
}

NetworkList list(std::string_view text) {
    const auto parsed = NetworkList::parse(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(NetworkList{});
}

bool trusts(std::string_view text, std::string_view member) {
    return list(text).contains(address(member));
}

// --- One network ---

TEST(network, it_holds_the_addresses_from_its_first_to_its_last) {
    EXPECT_TRUE(holds("10.0.0.0/8", "10.0.0.0"));
    EXPECT_TRUE(holds("10.0.0.0/8", "10.255.255.255"));
    EXPECT_FALSE(holds("10.0.0.0/8", "9.255.255.255"));
    EXPECT_FALSE(holds("10.0.0.0/8", "11.0.0.0"));
    EXPECT_TRUE(holds("192.0.2.64/27", "192.0.2.95"));
    EXPECT_FALSE(holds("192.0.2.64/27", "192.0.2.96"));
    EXPECT_TRUE(holds("2001:db8::/33", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"));
    EXPECT_FALSE(holds("2001:db8::/33", "2001:db8:8000::"));
}

TEST(network, an_address_alone_holds_nothing_else) {
    EXPECT_TRUE(holds("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(holds("192.0.2.1", "192.0.2.0"));
    EXPECT_TRUE(holds("2001:db8::1", "2001:db8::1"));
    EXPECT_FALSE(holds("2001:db8::1", "2001:db8::"));
}

TEST(network, an_ipv4_network_holds_mapped_addresses_however_it_is_written) {
    EXPECT_TRUE(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
    EXPECT_TRUE(holds("::ffff:10.0.0.0/104", "10.1.2.3"));
    EXPECT_FALSE(holds("::ffff:10.0.0.0/104", "11.1.2.3"));
    EXPECT_TRUE(holds("::ffff:10.0.0.1", "10.0.0.1"));
}

TEST(network, all_of_one_family_is_nothing_of_the_other) {
    EXPECT_TRUE(holds("0.0.0.0/0", "255.1.2.3"));
    EXPECT_FALSE(holds("0.0.0.0/0", "::1"));
    EXPECT_TRUE(holds("::ffff:0:0/96", "255.1.2.3"));
    EXPECT_TRUE(holds("::/0", "2001:db8::1"));
    EXPECT_FALSE(holds("::/0", "255.1.2.3"));
    EXPECT_FALSE(holds("::/64", "255.1.2.3"));
}

TEST(network, bits_beyond_the_prefix_are_an_error) {
    for (const char* text : {"10.0.0.1/8", "10.128.0.0/8", "192.0.2.1/31", "0.0.0.1/0", "fd00::1/8",
                             "::1/127", "8000::/0", "::ffff:0:0/95", "::ffff:10.0.0.0/8"})
        EXPECT_FALSE(Network::parse(text).has_value()) << text;
}

TEST(network, a_malformed_one_is_an_error) {
    for (const char* text :
         {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/ 8",
          "10.0.0.0/8/8", "10/8", "10.0.0/8", "::/129", "::/", "::/1234567", "10.0.0.0/255.0.0.0",
          "10.0.0.0/8 ", "[::1]/128", "1.2.3.4:80", "example.org"})
        EXPECT_FALSE(Network::parse(text).has_value()) << '"' << text << '"';
}

TEST(network, a_zone_is_an_error_since_it_would_not_be_compared) {
    EXPECT_FALSE(Network::parse("fe80::1%eth0").has_value());
    EXPECT_FALSE(Network::parse("fe80::%eth0/10").has_value());
}

bool bit(const IpAddress& of, unsigned index) {
    return (of.bytes()[index / 8] >> (7U - index % 8) & 1U) != 0;
}

TEST(network, random_networks_hold_what_shares_their_bits_one_by_one) {
    std::mt19937 random{4632};
    int held = 0;
    for (int round = 0; round < 20'000; ++round) {
        IpAddress::Bytes bytes{0x20};
        for (std::size_t i = 1; i < bytes.size(); ++i)
            bytes[i] = static_cast<std::uint8_t>(random() & 0xFFU);
        const auto bits = static_cast<unsigned>(random() % 129);
        const auto first = IpAddress{bytes}.prefix(32, bits);
        const auto flipped = static_cast<unsigned>(random() % 128);
        bytes[flipped / 8] ^= static_cast<std::uint8_t>(0x80U >> flipped % 8);
        const IpAddress member{bytes};

        bool shares = true;
        for (unsigned i = 0; i < bits; ++i)
            shares = shares && bit(first, i) == bit(member, i);
        ASSERT_EQ(holds(first.to_text() + "/" + std::to_string(bits), member.to_text()), shares);
        held += shares ? 1 : 0;
    }
    EXPECT_GT(held, 5000);
    EXPECT_LT(held, 15'000);
}

// --- Lists ---

TEST(network_list, an_empty_one_trusts_nobody) {
    for (const char* text : {"", " ", ",", " , \t"}) {
        EXPECT_FALSE(trusts(text, "127.0.0.1")) << '"' << text << '"';
        EXPECT_FALSE(list(text).trusts_unix()) << '"' << text << '"';
    }
}

TEST(network_list, spaces_or_commas_stand_between_its_elements) {
    for (const char* text : {"10.0.0.0/8 2001:db8::/32", "10.0.0.0/8,2001:db8::/32",
                             " 10.0.0.0/8 , 2001:db8::/32 ", ",,10.0.0.0/8\t2001:db8::/32,"}) {
        EXPECT_TRUE(trusts(text, "10.1.2.3")) << text;
        EXPECT_TRUE(trusts(text, "2001:db8::1")) << text;
        EXPECT_FALSE(trusts(text, "11.0.0.0")) << text;
    }
}

TEST(network_list, one_wrong_element_spoils_it) {
    for (const char* text : {"10.0.0.0/8 x", "10.0.0.0/8;192.0.2.1", "10.0.0.1/8", "Private",
                             "loopbacks", "unix:", "all", "10.0.0.0 /8", "10.0.0.0/8\n::1"})
        EXPECT_FALSE(NetworkList::parse(text).has_value()) << text;
}

TEST(network_list, this_host_is_trusted_by_its_word) {
    for (const char* member : {"127.0.0.1", "127.255.255.255", "::1", "::ffff:127.0.0.1"})
        EXPECT_TRUE(trusts("loopback", member)) << member;
    for (const char* member : {"126.255.255.255", "128.0.0.0", "::", "::2", "10.0.0.1"})
        EXPECT_FALSE(trusts("loopback", member)) << member;
}

TEST(network_list, a_private_network_is_trusted_by_its_word) {
    for (const char* member : {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255",
                               "192.168.0.0", "192.168.255.255", "169.254.0.0", "169.254.255.255",
                               "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::",
                               "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "127.0.0.1", "::1"})
        EXPECT_TRUE(trusts("private", member)) << member;
    for (const char* member : {"9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0",
                               "192.167.255.255", "192.169.0.0", "169.253.255.255", "169.255.0.0",
                               "fbff::", "fe00::", "fe7f::", "fec0::", "2001:db8::1", "8.8.8.8"})
        EXPECT_FALSE(trusts("private", member)) << member;
}

TEST(network_list, a_unix_socket_is_trusted_by_its_word_only) {
    EXPECT_TRUE(list("unix").trusts_unix());
    EXPECT_TRUE(list("10.0.0.0/8, unix").trusts_unix());
    EXPECT_FALSE(list("private loopback 0.0.0.0/0 ::/0").trusts_unix());
    EXPECT_FALSE(trusts("unix", "127.0.0.1"));
}

}  // namespace
}  // namespace wsecho::protocol
