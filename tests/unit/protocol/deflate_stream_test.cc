// Messages through a compressor and back: RFC 7692's own examples byte for byte, and any others.
#include "protocol/deflate_stream.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <random>

#include "bytes.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;
using Outcome = Decompressor::Outcome;

constexpr std::size_t no_limit = 1UL << 30U;
constexpr DeflateContext forgets{15, false};

const Bytes hello = test::bytes_of("Hello");

Bytes compressed(Compressor& compressor, const Bytes& payload) {
    Bytes bytes;
    compressor.compress(payload, bytes);
    return bytes;
}

// What a message inflates to that arrives in pieces of a size.
Bytes inflated(Decompressor& decompressor, const Bytes& message, std::size_t piece_size = 1 << 20) {
    Bytes bytes;
    std::span<const std::uint8_t> rest{message};
    while (!rest.empty()) {
        const auto size = std::min(piece_size, rest.size());
        EXPECT_EQ(decompressor.add(rest.first(size), no_limit, bytes), Outcome::ok);
        rest = rest.subspan(size);
    }
    EXPECT_EQ(decompressor.finish(no_limit, bytes), Outcome::ok);
    return bytes;
}

// Text of few words: it compresses, and refers far back.
Bytes prose(std::size_t size, std::uint64_t seed = 1) {
    std::mt19937_64 random{seed};
    Bytes bytes;
    while (bytes.size() < size) {
        test::append(bytes, test::bytes_of("the word is "));
        bytes.push_back(static_cast<std::uint8_t>('a' + random() % 26));
    }
    bytes.resize(size);
    return bytes;
}

Bytes noise(std::size_t size, std::uint64_t seed = 1) {
    std::mt19937_64 random{seed};
    Bytes bytes(size);
    for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(random() & 0xFFU);
    return bytes;
}

// --- RFC 7692, section 7.2.3 ---

TEST(deflate_stream, section_7_2_3_1_a_message_in_one_block) {
    const Bytes on_the_wire{0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00};
    Compressor compressor{{}};
    Decompressor decompressor{{}};
    EXPECT_EQ(compressed(compressor, hello), on_the_wire);
    for (std::size_t piece = 1; piece <= on_the_wire.size(); ++piece)
        EXPECT_EQ(inflated(decompressor, on_the_wire, piece), hello);
}

TEST(deflate_stream, section_7_2_3_2_the_window_is_shared_by_messages) {
    const Bytes again{0xF2, 0x00, 0x11, 0x00, 0x00};
    Compressor compressor{{}};
    Decompressor decompressor{{}};
    const Bytes first = compressed(compressor, hello);
    EXPECT_EQ(compressed(compressor, hello), again);
    EXPECT_EQ(inflated(decompressor, first), hello);
    EXPECT_EQ(inflated(decompressor, again), hello);
}

TEST(deflate_stream, section_7_2_3_2_without_takeover_it_is_not) {
    Compressor compressor{{forgets}};
    const Bytes first = compressed(compressor, hello);
    EXPECT_EQ(compressed(compressor, hello), first);

    Decompressor decompressor{forgets};
    EXPECT_EQ(inflated(decompressor, first), hello);
    Bytes out;
    const Bytes again{0xF2, 0x00, 0x11, 0x00, 0x00};
    EXPECT_EQ(decompressor.add(again, no_limit, out), Outcome::corrupt);
    EXPECT_EQ(inflated(decompressor, first), hello) << "it is as new for the next message";
}

TEST(deflate_stream, section_7_2_3_3_a_block_without_compression) {
    Decompressor decompressor{{}};
    EXPECT_EQ(inflated(decompressor, {0x00, 0x05, 0x00, 0xFA, 0xFF, 'H', 'e', 'l', 'l', 'o', 0x00}),
              hello);
}

TEST(deflate_stream, section_7_2_3_4_a_block_that_calls_itself_the_last) {
    const Bytes message{0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00};
    for (const bool takes_over : {true, false}) {
        Decompressor decompressor{{15, takes_over}};
        for (std::size_t piece = 1; piece <= message.size(); ++piece)
            EXPECT_EQ(inflated(decompressor, message, piece), hello);
    }
}

TEST(deflate_stream, section_7_2_3_4_what_follows_may_refer_to_what_is_before_it) {
    Decompressor decompressor{{}};
    EXPECT_EQ(inflated(decompressor, {0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00}), hello);
    EXPECT_EQ(inflated(decompressor, {0xF2, 0x00, 0x11, 0x00, 0x00}), hello);
}

TEST(deflate_stream, section_7_2_3_5_two_blocks_in_one_message) {
    const Bytes message{0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF,
                        0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00};
    Decompressor decompressor{{}};
    for (std::size_t piece = 1; piece <= message.size(); ++piece)
        EXPECT_EQ(inflated(decompressor, message, piece), hello);
}

TEST(deflate_stream, section_7_2_3_6_an_empty_message_is_one_byte) {
    Compressor compressor{{}};
    Decompressor decompressor{{}};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(compressed(compressor, {}), Bytes{0x00});
        EXPECT_EQ(inflated(decompressor, {0x00}), Bytes{});
    }
    EXPECT_EQ(inflated(decompressor, compressed(compressor, hello)), hello);
}

// --- Any message ---

TEST(deflate_stream, every_message_comes_back_with_and_without_takeover) {
    for (int bits = 9; bits <= 15; ++bits)
        for (const bool takes_over : {true, false}) {
            const DeflateContext context{bits, takes_over};
            Compressor compressor{{context}};
            Decompressor decompressor{context};
            for (const std::size_t size : {0UL, 1UL, 2UL, 64UL, 125UL, 126UL, 511UL, 513UL, 4096UL,
                                           32'767UL, 32'769UL, 65'536UL, 200'000UL})
                for (const Bytes& payload : {prose(size), noise(size), Bytes(size, 'a')}) {
                    const Bytes message = compressed(compressor, payload);
                    ASSERT_EQ(inflated(decompressor, message, size / 7 + 1), payload)
                        << size << " bytes, " << bits << " bits";
                }
        }
}

TEST(deflate_stream, random_messages_come_back_in_random_pieces) {
    std::mt19937_64 random{20260101};
    Compressor compressor{{}};
    Decompressor decompressor{{}};
    for (std::uint64_t round = 0; round < 500; ++round) {
        const std::size_t size = random() % (random() % 8 == 0 ? 100'000 : 300);
        const Bytes payload = random() % 2 == 0 ? prose(size, round) : noise(size, round);
        const Bytes message = compressed(compressor, payload);
        ASSERT_EQ(inflated(decompressor, message, random() % 5000 + 1), payload) << round;
    }
}

TEST(deflate_stream, levels_and_memory_change_the_size_alone) {
    const Bytes payload = prose(20'000);
    for (int level = 1; level <= 9; ++level)
        for (int memory = 1; memory <= 9; ++memory) {
            Compressor compressor{{forgets, level, memory}};
            Decompressor decompressor{forgets};
            EXPECT_EQ(inflated(decompressor, compressed(compressor, payload)), payload);
        }
}

TEST(deflate_stream, options_out_of_range_are_taken_for_the_end_of_the_range) {
    for (const int wrong : {-1000, 0, 8, 16, 1000}) {
        Compressor compressor{{{wrong, false}, wrong, wrong}};
        Decompressor decompressor{{15, false}};
        EXPECT_EQ(inflated(decompressor, compressed(compressor, hello)), hello) << wrong;
    }
    Decompressor decompressor{{1000, false}};
    EXPECT_EQ(inflated(decompressor, {0x00}), Bytes{});
}

TEST(deflate_stream, a_message_goes_behind_what_is_there) {
    Compressor compressor{{}};
    Decompressor decompressor{{}};
    Bytes frame{1, 2};
    compressor.compress(hello, frame);
    EXPECT_EQ(frame.size(), 2U + 7U);
    Bytes out{3};
    EXPECT_EQ(decompressor.add(std::span{frame}.subspan(2), 6, out), Outcome::ok);
    EXPECT_EQ(decompressor.finish(6, out), Outcome::ok);
    EXPECT_EQ(out, (Bytes{3, 'H', 'e', 'l', 'l', 'o'}));
}

// A message in between that stands alone moves the peer's window on.
TEST(deflate_stream, a_compressor_that_forgot_refers_to_nothing_that_the_peer_would_miss) {
    Compressor of_connection{{}};
    Compressor shared{{forgets}};
    Decompressor peer{{}};
    for (std::uint64_t round = 0; round < 50; ++round) {
        const Bytes own = prose(3000, round);
        EXPECT_EQ(inflated(peer, compressed(of_connection, own)), own);
        const Bytes everybodys = prose(2000, round + 100);
        EXPECT_EQ(inflated(peer, compressed(shared, everybodys)), everybodys);
        of_connection.forget();
    }
}

TEST(deflate_stream, one_without_takeover_serves_many_connections) {
    Compressor compressor{{forgets}};
    std::vector<Decompressor> peers;
    for (int i = 0; i < 5; ++i)
        peers.emplace_back(DeflateContext{});
    for (std::uint64_t round = 0; round < 50; ++round) {
        const Bytes payload = prose(round * 100, round);
        EXPECT_EQ(inflated(peers[round % 5], compressed(compressor, payload)), payload);
    }
}

// --- Memory ---

std::size_t allocated = 0;

void* count_and_allocate(void* /*opaque*/, unsigned items, unsigned size) {
    allocated += std::size_t{items} * size;
    return std::calloc(items, size);
}

void free_counted(void* /*opaque*/, void* memory) {
    std::free(memory);
}

// No less than zlib takes, and little more.
void expect_close_to_allocated(std::size_t stated) {
    EXPECT_GE(stated, allocated);
    EXPECT_LE(stated, allocated + 2048);
}

TEST(deflate_stream, a_compressor_takes_the_memory_that_is_stated) {
    for (int bits = 9; bits <= 15; ++bits)
        for (int memory = 1; memory <= 9; ++memory) {
            allocated = 0;
            z_stream stream{};
            stream.zalloc = count_and_allocate;
            stream.zfree = free_counted;
            ASSERT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, -bits, memory, Z_DEFAULT_STRATEGY),
                      Z_OK);
            deflateEnd(&stream);
            expect_close_to_allocated(Compressor::memory_bytes({{bits, true}, 6, memory}));
        }
}

TEST(deflate_stream, a_decompressor_takes_the_memory_that_is_stated) {
    Compressor compressor{{}};
    Bytes message = compressed(compressor, hello);
    for (int bits = 8; bits <= 15; ++bits) {
        allocated = 0;
        z_stream stream{};
        stream.zalloc = count_and_allocate;
        stream.zfree = free_counted;
        ASSERT_EQ(inflateInit2(&stream, -bits), Z_OK);
        Bytes out(100);
        stream.next_in = message.data();
        stream.avail_in = static_cast<unsigned>(message.size());
        stream.next_out = out.data();
        stream.avail_out = static_cast<unsigned>(out.size());
        ASSERT_EQ(inflate(&stream, Z_SYNC_FLUSH), Z_OK);
        inflateEnd(&stream);
        expect_close_to_allocated(Decompressor::memory_bytes({bits, true}));
    }
}

}  // namespace
}  // namespace wsecho::protocol
