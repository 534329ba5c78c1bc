// Addresses as RFC 4291 has them and RFC 5952 writes them, and what only looks like one; checked
// against the system's own reader, and a writer that tries every way to shorten.
#include "protocol/ip_address.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <set>
#include <string>
#include <unordered_set>

namespace wsecho::protocol {
namespace {

IpAddress address(std::string_view text) {
    const auto parsed = IpAddress::parse(text);
    EXPECT_TRUE(parsed.has_value()) << text;
    return parsed.value_or(IpAddress{});
}

bool is_address(std::string_view text) {
    return IpAddress::parse(text).has_value();
}

std::string rewritten(std::string_view text) {
    return address(text).to_text();
}

// --- Reading ---

TEST(ip_address, four_decimal_numbers_are_an_ipv4_address) {
    const IpAddress::Bytes mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 255};
    EXPECT_EQ(address("192.0.2.255").bytes(), mapped);
    EXPECT_TRUE(address("0.0.0.0").is_v4());
}

TEST(ip_address, other_texts_with_dots_are_no_ipv4_address) {
    for (const char* text :
         {"",           ".",           "1",        "1.2",       "1.2.3",     "1.2.3.",
          ".1.2.3",     "1..2.3",      "1.2.3.4.", "1.2.3.4.5", "256.1.1.1", "1.1.1.256",
          "1.1.1.1000", "1.1.1.65537", "01.2.3.4", "1.2.3.00",  "+1.2.3.4",  "1.2.3.-4",
          "1.2.3.4 ",   " 1.2.3.4",    "1.2.3. 4", "0x1.2.3.4", "a.b.c.d",   "1.2.3.4%eth0",
          "1,2,3,4",    "1.2.3.4/32",  "[1.2.3.4]"})
        EXPECT_FALSE(is_address(text)) << '"' << text << '"';
}

TEST(ip_address, a_nul_ends_no_address) {
    using namespace std::string_view_literals;
    EXPECT_FALSE(is_address("1.2.3.4\0"sv));
    EXPECT_FALSE(is_address("::1\0"sv));
    EXPECT_FALSE(is_address("::1%\0"sv));
}

TEST(ip_address, eight_groups_are_an_ipv6_address) {
    const IpAddress::Bytes bytes{0x20, 0x01, 0x0D, 0xB8, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0xFE, 0xDC};
    EXPECT_EQ(address("2001:db8:1:2:3:4:5:fedc").bytes(), bytes);
    EXPECT_EQ(address("2001:0DB8:0001:0002:0003:0004:0005:FEDC").bytes(), bytes);
    EXPECT_FALSE(address("2001:db8:1:2:3:4:5:fedc").is_v4());
}

TEST(ip_address, two_colons_stand_for_one_or_more_groups_of_zeros) {
    EXPECT_EQ(address("::"), IpAddress{});
    EXPECT_EQ(address("1::8"), address("1:0:0:0:0:0:0:8"));
    EXPECT_EQ(address("::8"), address("0:0:0:0:0:0:0:8"));
    EXPECT_EQ(address("1::"), address("1:0:0:0:0:0:0:0"));
    EXPECT_EQ(address("1:2:3::5:6:7:8"), address("1:2:3:0:5:6:7:8"));
    EXPECT_EQ(address("1:2:3:4:5:6:7::"), address("1:2:3:4:5:6:7:0"));
    EXPECT_EQ(address("::2:3:4:5:6:7:8"), address("0:2:3:4:5:6:7:8"));
}

TEST(ip_address, the_last_32_bits_may_be_written_as_an_ipv4_address) {
    EXPECT_EQ(address("64:ff9b::192.0.2.33"), address("64:ff9b::c000:221"));
    EXPECT_EQ(address("1:2:3:4:5:6:7.8.9.10"), address("1:2:3:4:5:6:708:90a"));
    EXPECT_EQ(address("1:2:3:4:5::7.8.9.10"), address("1:2:3:4:5:0:708:90a"));
}

TEST(ip_address, other_texts_with_colons_are_no_ipv6_address) {
    for (const char* text : {":",
                             ":::",
                             "::::",
                             "1:",
                             ":1",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:",
                             ":2:3:4:5:6:7:8",
                             "1:2:3:4:5:6:7:8:9",
                             "1:2:3:4::5:6:7:8",
                             "1:2:3:4:5:6:7:8::",
                             "::1:2:3:4:5:6:7:8",
                             "1::2::3",
                             "1:::2",
                             "::1:",
                             ":1::",
                             "12345::",
                             "::00001",
                             "::g",
                             "::-1",
                             "::+1",
                             ":: 1",
                             "::1 ",
                             " ::1",
                             "::0x1",
                             "1.2.3.4::",
                             "::1.2.3.4:5",
                             "::1.2.3",
                             "::1.2.3.256",
                             "::1.2.3.04",
                             "1:2:3:4:5:6:7:1.2.3.4",
                             "1:2:3:4:5:1.2.3.4",
                             "1:2:3:4:5:6::1.2.3.4",
                             "[::1]",
                             "::1/128"})
        EXPECT_FALSE(is_address(text)) << '"' << text << '"';
}

TEST(ip_address, a_zone_is_dropped) {
    EXPECT_EQ(address("fe80::1%eth0"), address("fe80::1"));
    EXPECT_EQ(address("fe80::1%1"), address("fe80::1"));
    for (const char* text : {"fe80::1%", "fe80::1% ", "fe80::1%e h", "%eth0", "fe80%eth0::1"})
        EXPECT_FALSE(is_address(text)) << '"' << text << '"';
}

TEST(ip_address, random_texts_are_read_as_the_system_reads_them) {
    constexpr std::string_view pieces[] = {":", ":",  ":",   "::",  "0",    "1",   "0",
                                           "a", "Ff", "1.2", "3.4", "10.0", "255", "12345"};
    std::mt19937 random{4291};
    int accepted = 0;
    for (int round = 0; round < 200'000; ++round) {
        std::string text;
        for (auto left = random() % 16 + 1; left > 0; --left)
            text += pieces[random() % std::size(pieces)];
        in6_addr v6{};
        in_addr v4{};
        const auto parsed = IpAddress::parse(text);
        if (inet_pton(AF_INET6, text.c_str(), &v6) == 1) {
            ASSERT_TRUE(parsed.has_value()) << text;
            ASSERT_TRUE(std::equal(parsed->bytes().begin(), parsed->bytes().end(), v6.s6_addr));
            ++accepted;
        } else {
            ASSERT_EQ(parsed.has_value(), inet_pton(AF_INET, text.c_str(), &v4) == 1) << text;
        }
    }
    EXPECT_GT(accepted, 1000) << "some texts must be addresses";
    EXPECT_LT(accepted, 100'000) << "and some not";
}

// --- Writing ---

TEST(ip_address, an_ipv4_address_is_written_in_decimal) {
    for (const char* text : {"0.0.0.0", "1.20.255.3", "255.255.255.255"})
        EXPECT_EQ(rewritten(text), text);
}

TEST(ip_address, an_ipv6_address_is_written_as_rfc_5952_has_it) {
    EXPECT_EQ(rewritten("2001:0DB8::0001"), "2001:db8::1");               // 4.1, 4.3
    EXPECT_EQ(rewritten("2001:db8:0:0:0:0:2:1"), "2001:db8::2:1");        // 4.2.1
    EXPECT_EQ(rewritten("2001:db8::1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");  // 4.2.2
    EXPECT_EQ(rewritten("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");          // 4.2.3
    EXPECT_EQ(rewritten("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");    // 4.2.3
    EXPECT_EQ(rewritten("0:0:0:0:0:0:0:0"), "::");
    EXPECT_EQ(rewritten("1:0:0:0:0:0:0:0"), "1::");
    EXPECT_EQ(rewritten("0:1:1:1:1:1:1:0"), "0:1:1:1:1:1:1:0");
}

TEST(ip_address, a_mapped_address_is_the_ipv4_address) {
    EXPECT_EQ(address("::ffff:10.0.0.1"), address("10.0.0.1"));
    EXPECT_EQ(address("::FFFF:a00:1"), address("10.0.0.1"));
    EXPECT_EQ(rewritten("::ffff:a00:1"), "10.0.0.1");
    EXPECT_NE(address("::10.0.0.1"), address("10.0.0.1"));
    EXPECT_FALSE(address("::1:ffff:10.0.0.1").is_v4());
}

std::string joined_groups(const IpAddress::Bytes& bytes, std::size_t from, std::size_t to) {
    std::string text;
    for (std::size_t group = from; group < to; ++group) {
        char digits[8];
        std::snprintf(digits, sizeof digits, "%x", bytes[2 * group] << 8 | bytes[2 * group + 1]);
        text.append(group > from ? ":" : "").append(digits);
    }
    return text;
}

// RFC 5952, section 4.2, by trying: leaves out most groups, at least two, as far left as may be.
std::string written_by_trying(const IpAddress::Bytes& bytes) {
    for (std::size_t left_out = 8; left_out >= 2; --left_out)
        for (std::size_t begin = 0; begin + left_out <= 8; ++begin)
            if (std::all_of(bytes.begin() + 2 * begin, bytes.begin() + 2 * (begin + left_out),
                            [](std::uint8_t byte) { return byte == 0; }))
                return joined_groups(bytes, 0, begin) +
                       "::" + joined_groups(bytes, begin + left_out, 8);
    return joined_groups(bytes, 0, 8);
}

TEST(ip_address, random_addresses_are_written_as_trying_every_way_tells_and_read_back) {
    std::mt19937 random{5952};
    std::set<std::size_t> lengths;
    for (int round = 0; round < 50'000; ++round) {
        IpAddress::Bytes bytes{};
        for (std::size_t i = 0; i < bytes.size(); i += 2) {
            const auto group = random() % 2 == 0 ? 0 : random() & (0xFFFFU >> (random() % 16));
            bytes[i] = static_cast<std::uint8_t>(group >> 8U);
            bytes[i + 1] = static_cast<std::uint8_t>(group & 0xFFU);
        }
        if (IpAddress{bytes}.is_v4()) continue;
        const auto text = IpAddress{bytes}.to_text();
        ASSERT_EQ(text, written_by_trying(bytes));
        ASSERT_EQ(address(text).bytes(), bytes) << text;
        ASSERT_EQ(address(joined_groups(bytes, 0, 8)).bytes(), bytes) << text;
        lengths.insert(text.size());
    }
    EXPECT_GT(lengths.size(), 25U) << "the addresses must not be all alike";
}

// --- Networks, order and hash ---

TEST(ip_address, a_prefix_keeps_the_bits_of_its_own_family) {
    const auto v4 = address("203.0.113.255");
    EXPECT_EQ(v4.prefix(24, 0), address("203.0.113.0"));
    EXPECT_EQ(v4.prefix(25, 64), address("203.0.113.128"));
    EXPECT_EQ(v4.prefix(32, 64), v4);
    EXPECT_EQ(v4.prefix(0, 64), address("0.0.0.0"));

    const auto v6 = address("2001:db8:ffff:ffff:ffff::1");
    EXPECT_EQ(v6.prefix(0, 64), address("2001:db8:ffff:ffff::"));
    EXPECT_EQ(v6.prefix(32, 51), address("2001:db8:ffff:e000::"));
    EXPECT_EQ(v6.prefix(32, 128), v6);
    EXPECT_EQ(v6.prefix(32, 0), IpAddress{});
}

TEST(ip_address, a_prefix_has_no_more_bits_than_the_address) {
    EXPECT_EQ(address("1.2.3.4").prefix(33, 0), address("1.2.3.4"));
    EXPECT_EQ(address("1.2.3.4").prefix(~0U, 0), address("1.2.3.4"));
    EXPECT_EQ(address("1::2").prefix(0, ~0U), address("1::2"));
}

TEST(ip_address, addresses_are_ordered_by_their_bytes) {
    const std::set<IpAddress> ordered{address("10.0.0.2"), address("2001::"), address("10.0.0.10"),
                                      address("::1"), address("::ffff:10.0.0.2")};
    std::string texts;
    for (const auto& each : ordered)
        texts += each.to_text() + " ";
    EXPECT_EQ(texts, "::1 10.0.0.2 10.0.0.10 2001:: ");
}

TEST(ip_address, a_set_knows_one_address_from_another) {
    const std::unordered_set<IpAddress> set{address("10.0.0.1"), address("::1")};
    EXPECT_TRUE(set.contains(address("::ffff:10.0.0.1")));
    EXPECT_FALSE(set.contains(address("10.0.0.2")));
}

// A table that looks at a few bits of the hash sees all parts of the address in them.
TEST(ip_address, neighbouring_networks_are_spread_by_the_low_bits_of_their_hash) {
    for (const std::size_t byte : {0U, 1U, 5U, 7U, 8U, 11U, 14U, 15U}) {
        std::set<std::uint64_t> low_bits;
        for (unsigned i = 0; i < 256; ++i) {
            IpAddress::Bytes bytes{};
            bytes[byte] = static_cast<std::uint8_t>(i);
            low_bits.insert(IpAddress{bytes}.hash() & 0xFFU);
        }
        // 256 balls in 256 bins fill 162 of them, give or take 6.
        EXPECT_GT(low_bits.size(), 130U) << "byte " << byte;
    }
}

TEST(ip_address, a_seed_makes_other_hashes) {
    EXPECT_NE(address("::1").hash(1), address("::1").hash(2));
    EXPECT_EQ(address("::1").hash(1), address("::1").hash(1));
    EXPECT_NE(address("1::").hash(1), address("::1").hash(1));
}

// --- Endpoints ---

TEST(endpoint, it_is_an_address_with_or_without_a_port) {
    const auto v4 = address("1.2.3.4");
    const auto v6 = address("2001:db8::1");
    EXPECT_EQ(Endpoint::parse("1.2.3.4"), (Endpoint{v4, std::nullopt}));
    EXPECT_EQ(Endpoint::parse("1.2.3.4:567"), (Endpoint{v4, 567}));
    EXPECT_EQ(Endpoint::parse("1.2.3.4:0"), (Endpoint{v4, 0}));
    EXPECT_EQ(Endpoint::parse("2001:db8::1"), (Endpoint{v6, std::nullopt}));
    EXPECT_EQ(Endpoint::parse("[2001:db8::1]"), (Endpoint{v6, std::nullopt}));
    EXPECT_EQ(Endpoint::parse("[2001:db8::1]:65535"), (Endpoint{v6, 65535}));
    EXPECT_EQ(Endpoint::parse("[fe80::1%eth0]:1"), (Endpoint{address("fe80::1"), 1}));
}

TEST(endpoint, other_texts_are_none) {
    for (const char* text : {"",
                             ":",
                             ":80",
                             "1.2.3.4:",
                             "1.2.3.4:65536",
                             "1.2.3.4:080",
                             "1.2.3.4:-1",
                             "1.2.3.4:8 ",
                             "1.2.3.4 :8",
                             "1.2.3.4:8:9",
                             "[1.2.3.4]",
                             "[1.2.3.4]:80",
                             "[",
                             "[]",
                             "[::1",
                             "::1]",
                             "[::1]80",
                             "[::1]:",
                             "[::1]:http",
                             "[::1]]",
                             "[[::1]]",
                             "[::1]:65536",
                             "[::1] ",
                             "localhost",
                             "localhost:1",
                             "unix:",
                             "unknown",
                             "1.2.3.4:_hid",
                             "[::1]x80"})
        EXPECT_FALSE(Endpoint::parse(text).has_value()) << '"' << text << '"';
}

TEST(endpoint, brackets_stand_only_where_a_port_follows) {
    EXPECT_EQ((Endpoint{address("::1"), 567}).to_text(), "[::1]:567");
    EXPECT_EQ((Endpoint{address("::1"), std::nullopt}).to_text(), "::1");
    EXPECT_EQ((Endpoint{address("1.2.3.4"), 0}).to_text(), "1.2.3.4:0");
    EXPECT_EQ((Endpoint{address("::ffff:1.2.3.4"), 65535}).to_text(), "1.2.3.4:65535");
    EXPECT_EQ((Endpoint{address("1.2.3.4"), std::nullopt}).to_text(), "1.2.3.4");
}

// --- Decimal numbers ---

TEST(parse_decimal, it_reads_digits_up_to_a_maximum) {
    EXPECT_EQ(parse_decimal("0", 0), 0);
    EXPECT_EQ(parse_decimal("255", 255), 255);
    EXPECT_EQ(parse_decimal("65535", 65535), 65535);
}

TEST(parse_decimal, it_refuses_signs_spaces_leading_zeros_and_more) {
    for (const char* text :
         {"", "256", "65536", "4294967296", "00", "01", "+1", "-1", " 1", "1 ", "1a", "0x1", "1.0"})
        EXPECT_FALSE(parse_decimal(text, 255).has_value()) << '"' << text << '"';
}

TEST(ip_address, the_loopback_addresses_are_known) {
    for (const char* const text : {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"})
        EXPECT_TRUE(IpAddress::parse(text)->is_loopback()) << text;
    for (const char* const text :
         {"128.0.0.1", "126.0.0.1", "0.0.0.0", "::", "::2", "1::1", "fe80::1", "::127.0.0.1"})
        EXPECT_FALSE(IpAddress::parse(text)->is_loopback()) << text;
}

}  // namespace
}  // namespace wsecho::protocol
