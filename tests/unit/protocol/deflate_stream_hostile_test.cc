// Compressed data from those who mean harm: bombs, noise, ends that are missing.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "bytes.h"
#include "protocol/deflate_stream.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;
using Outcome = Decompressor::Outcome;

constexpr DeflateContext forgets{15, false};
constexpr std::size_t limit = 64UL * 1024;

Bytes compressed(const Bytes& payload) {
    Compressor compressor{{forgets}};
    Bytes bytes;
    compressor.compress(payload, bytes);
    return bytes;
}

struct Inflated {
    Outcome outcome = Outcome::ok;
    std::size_t pieces = 0;  // that were looked at
    Bytes bytes;
};

// In memory of its own, which ends where the piece does, so that a sanitizer sees a read beyond.
Inflated inflate(Decompressor& decompressor, const Bytes& message, std::size_t piece_size,
                 std::size_t max_size = limit) {
    Inflated result;
    std::size_t at = 0;
    while (at < message.size() && result.outcome == Outcome::ok) {
        const auto begin = message.begin() + static_cast<std::ptrdiff_t>(at);
        const auto size = std::min(piece_size, message.size() - at);
        const Bytes piece{begin, begin + static_cast<std::ptrdiff_t>(size)};
        result.outcome = decompressor.add(piece, max_size, result.bytes);
        ++result.pieces;
        at += size;
    }
    if (result.outcome == Outcome::ok) result.outcome = decompressor.finish(max_size, result.bytes);
    EXPECT_LE(result.bytes.size(), max_size);
    EXPECT_LE(result.bytes.capacity(), max_size) << "no memory for more, either";
    return result;
}

Inflated inflate(const Bytes& message, std::size_t piece_size = 1 << 20,
                 std::size_t max_size = limit) {
    Decompressor decompressor{{}};
    return inflate(decompressor, message, piece_size, max_size);
}

// --- Bombs ---

TEST(deflate_stream_hostile, a_bomb_ends_at_the_limit) {
    const Bytes bomb = compressed(Bytes(64UL * 1024 * 1024));
    ASSERT_LT(bomb.size(), 70'000U);
    for (const std::size_t piece : {bomb.size(), std::size_t{100}, std::size_t{1}}) {
        const auto result = inflate(bomb, piece);
        EXPECT_EQ(result.outcome, Outcome::too_big);
        EXPECT_EQ(result.bytes.size(), limit);
        EXPECT_LE(result.pieces * piece, bomb.size() + 100) << "seen before its end";
    }
}

TEST(deflate_stream_hostile, the_limit_holds_to_the_byte) {
    for (const std::size_t size : {0UL, 1UL, 511UL, 512UL, 513UL, 1024UL, 65'535UL, 65'536UL})
        for (const Bytes& payload : {Bytes(size, 'a'), test::patterned(size)}) {
            const Bytes message = compressed(payload);
            for (const std::size_t piece : {message.size(), std::size_t{1}}) {
                const auto whole = inflate(message, piece, size);
                EXPECT_EQ(whole.outcome, Outcome::ok) << size;
                EXPECT_EQ(whole.bytes, payload);
                if (size == 0) continue;
                EXPECT_EQ(inflate(message, piece, size - 1).outcome, Outcome::too_big) << size;
                EXPECT_EQ(inflate(message, piece, 0).outcome, Outcome::too_big) << size;
            }
        }
}

TEST(deflate_stream_hostile, a_limit_counts_from_message_to_message) {
    Decompressor decompressor{{}};
    const Bytes message = compressed(Bytes(limit, 'a'));
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(inflate(decompressor, message, 1000).outcome, Outcome::ok);
}

TEST(deflate_stream_hostile, after_a_bomb_one_without_takeover_is_as_new) {
    Decompressor decompressor{forgets};
    const Bytes bomb = compressed(Bytes(1UL << 20U));
    const Bytes good = compressed(test::bytes_of("Hello"));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(inflate(decompressor, bomb, 50).outcome, Outcome::too_big);
        EXPECT_EQ(inflate(decompressor, good, 1).bytes, test::bytes_of("Hello"));
    }
}

// Two bytes for a block, each of which ends the stream.
TEST(deflate_stream_hostile, a_flood_of_last_blocks_is_an_empty_message) {
    Bytes flood;
    for (int i = 0; i < 500'000; ++i)
        test::append(flood, {0x03, 0x00});
    flood.push_back(0x00);
    const auto result = inflate(flood);
    EXPECT_EQ(result.outcome, Outcome::ok);
    EXPECT_TRUE(result.bytes.empty());
}

TEST(deflate_stream_hostile, a_flood_of_empty_blocks_is_an_empty_message) {
    Bytes flood;
    for (int i = 0; i < 200'000; ++i)
        test::append(flood, {0x00, 0x00, 0x00, 0xFF, 0xFF});
    flood.push_back(0x00);
    EXPECT_EQ(inflate(flood, 999).outcome, Outcome::ok);
}

// --- What is no deflated data ---

TEST(deflate_stream_hostile, data_that_cannot_be_inflated_is_corrupt) {
    for (const Bytes& message : {
             Bytes{0x06},                          // a block of the type that is none
             Bytes{0x00, 0x01, 0x00, 0x01, 0x00},  // a length that its complement denies
             Bytes{0xF2, 0x00, 0x11, 0x00, 0x00},  // refers to what was never there
             Bytes{0xFF, 0xFF, 0xFF, 0xFF},
         })
        EXPECT_EQ(inflate(message, 1).outcome, Outcome::corrupt);
}

TEST(deflate_stream_hostile, a_message_without_a_byte_is_corrupt) {
    EXPECT_EQ(inflate(Bytes{}).outcome, Outcome::corrupt);
}

// Behind a last block, a byte begins the empty block whose end does not travel (section 7.2.3.4).
TEST(deflate_stream_hostile, a_last_block_that_nothing_follows_is_corrupt) {
    EXPECT_EQ(inflate({0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00}).outcome, Outcome::corrupt);
}

TEST(deflate_stream_hostile, a_message_that_was_cut_off_is_corrupt) {
    const Bytes message = compressed(test::patterned(3000));
    for (std::size_t size = 0; size < message.size(); ++size) {
        const Bytes cut{message.begin(), message.begin() + static_cast<std::ptrdiff_t>(size)};
        ASSERT_EQ(inflate(cut).outcome, Outcome::corrupt) << size;
    }
}

TEST(deflate_stream_hostile, what_came_before_the_fault_is_not_asked_about_again) {
    Decompressor decompressor{forgets};
    const Bytes good = compressed(test::bytes_of("Hello"));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(inflate(decompressor, {0xF2, 0x48, 0xFF}, 1).outcome, Outcome::corrupt);
        EXPECT_EQ(inflate(decompressor, good, 3).bytes, test::bytes_of("Hello"));
    }
}

// A reference over a distance that the agreed window does not have.
TEST(deflate_stream_hostile, a_window_larger_than_agreed_is_corrupt) {
    Bytes payload = test::patterned(4000);
    for (std::size_t i = 0; i < 1000; ++i)
        payload.push_back(payload[i]);
    Decompressor small{{9, false}};
    EXPECT_EQ(inflate(small, compressed(payload), 100).outcome, Outcome::corrupt);
    EXPECT_EQ(inflate(compressed(payload), 100).outcome, Outcome::ok);
}

// --- Noise ---

TEST(deflate_stream_hostile, noise_never_gives_more_than_the_limit_and_is_judged_alike_in_pieces) {
    std::mt19937_64 random{42};
    for (int round = 0; round < 20'000; ++round) {
        Bytes message(random() % 200);
        for (auto& byte : message)
            byte = static_cast<std::uint8_t>(random() & 0xFFU);
        const auto whole = inflate(message, 1 << 20, 300);
        const auto pieces = inflate(message, random() % 10 + 1, 300);
        ASSERT_EQ(whole.outcome, pieces.outcome) << round;
        ASSERT_EQ(whole.bytes, pieces.bytes) << round;
    }
}

TEST(deflate_stream_hostile, messages_with_a_wrong_bit_never_give_more_than_the_limit) {
    std::mt19937_64 random{43};
    Decompressor shared{forgets};
    const Bytes good = compressed(test::bytes_of("good"));
    for (int round = 0; round < 5000; ++round) {
        Bytes message = compressed(test::patterned(random() % 2000));
        for (std::uint64_t wrong = random() % 3 + 1; wrong > 0; --wrong)
            message[random() % message.size()] ^= static_cast<std::uint8_t>(1U << (random() % 8));
        inflate(shared, message, random() % 500 + 1, 1000);
        ASSERT_EQ(inflate(shared, good, 2).bytes, test::bytes_of("good")) << round;
    }
}

}  // namespace
}  // namespace wsecho::protocol
