// What one address may take, and that nothing is remembered for long.
#include "engine/address_limits.h"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>
#include <string>

namespace wsecho::engine {
namespace {

using namespace std::chrono_literals;
using protocol::IpAddress;
using runtime::TimePoint;

constexpr TimePoint start{1000s};

IpAddress address(const std::string& text) {
    return *IpAddress::parse(text);
}

AddressLimits connections(std::uint32_t most) {
    return AddressLimits{{32, 64, most, 0}, 7};
}

TEST(address_limits, an_address_has_so_many_connections_and_no_more) {
    auto limits = connections(2);
    EXPECT_TRUE(limits.take_place(address("192.0.2.1")));
    EXPECT_TRUE(limits.take_place(address("192.0.2.1")));
    EXPECT_FALSE(limits.take_place(address("192.0.2.1")));
    EXPECT_TRUE(limits.take_place(address("192.0.2.2")));
    limits.give_place(address("192.0.2.1"), start);
    EXPECT_TRUE(limits.take_place(address("192.0.2.1")));
}

TEST(address_limits, those_of_one_network_are_one) {
    AddressLimits limits{{24, 48, 1, 0}, 7};
    EXPECT_TRUE(limits.take_place(address("192.0.2.1")));
    EXPECT_FALSE(limits.take_place(address("192.0.2.200")));
    EXPECT_FALSE(limits.take_place(address("::ffff:192.0.2.3")));
    EXPECT_TRUE(limits.take_place(address("192.0.3.1")));
    EXPECT_TRUE(limits.take_place(address("2001:db8:1:2::1")));
    EXPECT_FALSE(limits.take_place(address("2001:db8:1:3::9")));
    EXPECT_TRUE(limits.take_place(address("2001:db8:2::1")));
}

TEST(address_limits, handshakes_have_a_rate_and_a_burst_of_a_second) {
    AddressLimits limits{{32, 64, 0, 5}, 7};
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(limits.take_handshake(address("192.0.2.1"), start));
    EXPECT_FALSE(limits.take_handshake(address("192.0.2.1"), start));
    EXPECT_TRUE(limits.take_handshake(address("192.0.2.2"), start));
    EXPECT_TRUE(limits.take_handshake(address("192.0.2.1"), start + 200ms));
    EXPECT_FALSE(limits.take_handshake(address("192.0.2.1"), start + 200ms));
}

TEST(address_limits, without_a_bound_nothing_is_remembered) {
    AddressLimits limits{{32, 64, 0, 0}, 7};
    EXPECT_TRUE(limits.take_place(address("192.0.2.1")));
    EXPECT_TRUE(limits.take_handshake(address("192.0.2.1"), start));
    EXPECT_EQ(limits.remembered(), 0U);
}

TEST(address_limits, who_has_left_is_forgotten) {
    auto limits = connections(2);
    for (const char* text : {"192.0.2.1", "192.0.2.2", "2001:db8::1"})
        limits.take_place(address(text));
    EXPECT_EQ(limits.remembered(), 3U);
    for (const char* text : {"192.0.2.1", "192.0.2.2", "2001:db8::1"})
        limits.give_place(address(text), start);
    EXPECT_EQ(limits.remembered(), 0U);
}

IpAddress numbered(std::uint32_t number) {
    IpAddress::Bytes bytes{0x20, 0x01};
    for (std::size_t i = 0; i < 4; ++i)
        bytes.at(4 + i) = static_cast<std::uint8_t>(number >> (8 * i));
    return IpAddress{bytes};
}

TEST(address_limits, who_only_shook_hands_is_forgotten_after_a_second) {
    AddressLimits limits{{32, 64, 0, 5}, 7};
    for (std::uint32_t i = 0; i < 1000; ++i)
        limits.take_handshake(numbered(i), start);
    EXPECT_EQ(limits.remembered(), 1000U);
    for (std::uint32_t i = 0; i < 1000; ++i)
        limits.take_handshake(numbered(5), start + 2s + i * 1ms);
    EXPECT_EQ(limits.remembered(), 1U);
}

TEST(address_limits, however_many_come_in_a_second_the_memory_is_bounded) {
    AddressLimits limits{{32, 64, 0, 5}, 7};
    for (std::uint32_t i = 0; i < 200'000; ++i)
        limits.take_handshake(numbered(i), start);
    EXPECT_LE(limits.remembered(), 65'536U + 1);
}

// Against a model that forgets nothing.
TEST(address_limits, random_calls_are_answered_as_by_a_simple_model) {
    constexpr std::uint32_t most = 3;
    constexpr std::uint32_t rate = 4;
    AddressLimits limits{{32, 64, most, rate}, 7};
    const runtime::TokenRate token_rate{rate, rate};
    std::map<std::uint32_t, std::uint32_t> places;
    std::map<std::uint32_t, runtime::TokenBucket> buckets;
    std::mt19937 random{11};
    TimePoint now = start;
    for (int step = 0; step < 50'000; ++step) {
        const auto who = static_cast<std::uint32_t>(random() % 20);
        now += std::chrono::milliseconds{random() % 30};
        switch (random() % 3) {
            case 0: {
                auto& bucket =
                    buckets.try_emplace(who, runtime::TokenBucket{token_rate}).first->second;
                ASSERT_EQ(limits.take_handshake(numbered(who), now), bucket.take(1, now)) << step;
                break;
            }
            case 1: {
                const bool has_room = places[who] < most;
                ASSERT_EQ(limits.take_place(numbered(who)), has_room) << step;
                places[who] += has_room ? 1 : 0;
                break;
            }
            default:
                if (places[who] == 0) break;
                limits.give_place(numbered(who), now);
                --places[who];
        }
    }
}

}  // namespace
}  // namespace wsecho::engine
