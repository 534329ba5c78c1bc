// Ping payloads: read back by who made them, of no use to who only sees them.
#include "runtime/ping_codec.h"

#include <gtest/gtest.h>

#include <random>

namespace wsecho::runtime {
namespace {

constexpr PingSecret secret{0x0123456789ABCDEFU, {7, 8}};
constexpr std::uint64_t some = 42;                        // a connection
constexpr std::uint64_t uptime = 86'400'000'000'000 * 3;  // three days

std::uint64_t first_word(const PingCodec::Payload& payload) {
    std::uint64_t word = 0;
    std::memcpy(&word, payload.data(), sizeof word);
    return word;
}

TEST(ping_codec, a_stamp_comes_back) {
    const PingCodec codec{secret};
    for (const std::uint64_t stamp : {std::uint64_t{0}, uptime, UINT64_MAX})
        EXPECT_EQ(codec.decode(some, codec.encode(some, stamp)), stamp);
}

TEST(ping_codec, the_payload_does_not_hold_the_stamp) {
    for (std::uint64_t offset = 1; offset != 0; offset <<= 1U)
        EXPECT_NE(first_word(PingCodec{{offset, {7, 8}}}.encode(some, uptime)), uptime) << offset;
}

TEST(ping_codec, another_connection_s_payload_is_none) {
    const PingCodec codec{secret};
    EXPECT_EQ(codec.decode(some + 1, codec.encode(some, uptime)), std::nullopt);
}

TEST(ping_codec, another_secret_s_payload_is_none) {
    const auto payload = PingCodec{secret}.encode(some, uptime);
    EXPECT_EQ((PingCodec{{secret.offset, {7, 9}}}.decode(some, payload)), std::nullopt);
    EXPECT_EQ((PingCodec{{secret.offset + 1, {7, 8}}}.decode(some, payload)), std::nullopt);
}

TEST(ping_codec, a_payload_with_any_bit_changed_is_none) {
    const PingCodec codec{secret};
    const auto payload = codec.encode(some, uptime);
    for (unsigned bit = 0; bit < 8 * payload.size(); ++bit) {
        auto changed = payload;
        changed[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        EXPECT_EQ(codec.decode(some, changed), std::nullopt) << bit;
    }
}

TEST(ping_codec, a_payload_of_any_other_size_is_none) {
    const PingCodec codec{secret};
    const auto payload = codec.encode(some, uptime);
    std::vector<std::uint8_t> bytes{payload.begin(), payload.end()};
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_EQ(codec.decode(some, std::span{bytes}.first(size)), std::nullopt) << size;
    bytes.push_back(0);
    EXPECT_EQ(codec.decode(some, bytes), std::nullopt);
}

TEST(ping_codec, what_a_peer_makes_up_between_two_pings_is_none) {
    const PingCodec codec{secret};
    std::mt19937_64 random{1};
    const auto first = codec.encode(some, uptime);
    for (int i = 0; i < 10'000; ++i) {
        auto forged = first;
        const std::uint64_t between = first_word(first) + 1 + random() % 1'000'000'000;
        std::memcpy(forged.data(), &between, sizeof between);
        EXPECT_EQ(codec.decode(some, forged), std::nullopt);
    }
}

}  // namespace
}  // namespace wsecho::runtime
