// Frames that are allowed, in every cut; then random streams against a second decoder.
#include "protocol/frame_decoder.h"

#include <gtest/gtest.h>

#include <random>

#include "client_frames.h"
#include "decoded_stream.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;
using test::ClientFrame;
using test::decode;
using test::DecodedFrame;
using test::DecodedStream;

// Every form of header, an empty frame of each kind, fragments, control frames between them.
std::vector<ClientFrame> varied_frames() {
    return {
        {Opcode::text, test::bytes_of("Hello")},
        {Opcode::binary, {}},
        {Opcode::ping, test::bytes_of("are you there")},
        {Opcode::text, test::bytes_of("first"), false},
        {Opcode::continuation, {}, false},
        {Opcode::pong, {}},
        {Opcode::continuation, test::bytes_of("last")},
        {Opcode::binary, test::patterned(126)},
        {Opcode::close, {0x03, 0xE8}},
    };
}

Bytes encoded(const std::vector<ClientFrame>& frames) {
    Bytes stream;
    for (const ClientFrame& frame : frames)
        test::append(stream, test::encode(frame));
    return stream;
}

std::vector<DecodedFrame> expected(const std::vector<ClientFrame>& frames) {
    std::vector<DecodedFrame> result;
    for (const ClientFrame& frame : frames)
        result.push_back({frame.opcode, frame.fin, frame.payload.size(), frame.payload});
    return result;
}

TEST(frame_decoder, the_masked_sample_of_the_rfc_says_hello) {
    const Bytes stream{0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58};
    const auto decoded = decode(stream, stream.size());  // section 5.7
    ASSERT_EQ(decoded.frames().size(), 1U);
    EXPECT_EQ(decoded.frames()[0], (DecodedFrame{Opcode::text, true, 5, test::bytes_of("Hello")}));
}

TEST(frame_decoder, a_whole_frame_is_one_piece_unmasked_in_place) {
    Bytes stream = test::encode({Opcode::binary, test::patterned(50)});
    std::span<std::uint8_t> input{stream};
    FrameDecoder decoder;
    FramePiece piece;
    ASSERT_EQ(decoder.next(input, piece), FrameDecoder::Result::piece);
    EXPECT_TRUE(piece.first && piece.last && piece.fin);
    EXPECT_EQ(piece.payload.data(), stream.data() + 6);
    EXPECT_EQ((Bytes{piece.payload.begin(), piece.payload.end()}), test::patterned(50));
    EXPECT_TRUE(input.empty());
    EXPECT_EQ(decoder.next(input, piece), FrameDecoder::Result::need_more);
}

TEST(frame_decoder, a_header_in_single_bytes_is_read) {
    for (const std::size_t size : {0UL, 5UL, 126UL, 65536UL}) {
        const Bytes header = test::header_of({Opcode::binary}, size);
        Bytes stream = header;
        stream.insert(stream.end(), std::min<std::size_t>(size, 3), 0);
        const auto decoded = decode(stream, 1);
        ASSERT_EQ(decoded.frames().size(), 1U);
        EXPECT_EQ(decoded.frames()[0].size, size);
        EXPECT_EQ(decoded.frames()[0].payload.size(), stream.size() - header.size());
    }
}

TEST(frame_decoder, every_size_in_every_chunk_size_comes_out_whole) {
    for (const std::size_t size : {0UL, 1UL, 125UL, 126UL, 127UL, 65535UL, 65536UL})
        for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
            // Twice, so that the second header starts anywhere in a chunk.
            const std::vector<ClientFrame> frames(2, {opcode, test::patterned(size)});
            const Bytes stream = encoded(frames);
            for (const std::size_t chunk :
                 {1UL, 2UL, 3UL, 5UL, 6UL, 7UL, 8UL, 13UL, 14UL, 15UL, 125UL, 4096UL, 1UL << 20U}) {
                const auto decoded = decode(stream, chunk);
                ASSERT_EQ(decoded.frames(), expected(frames)) << size << " by " << chunk;
            }
        }
}

TEST(frame_decoder, a_cut_anywhere_changes_nothing) {
    const Bytes stream = encoded(varied_frames());
    const std::span<const std::uint8_t> bytes{stream};
    for (std::size_t first = 0; first <= stream.size(); ++first)
        for (std::size_t second = first; second <= stream.size(); ++second) {
            DecodedStream decoded;
            decoded.feed(bytes.first(first));
            decoded.feed(bytes.subspan(first, second - first));
            decoded.feed(bytes.subspan(second));
            ASSERT_EQ(decoded.frames(), expected(varied_frames())) << first << ", " << second;
        }
}

TEST(frame_decoder, an_empty_frame_is_a_piece_without_waiting_for_more) {
    DecodedStream decoded;
    decoded.feed(test::encode({Opcode::text, {}}));
    EXPECT_EQ(decoded.frames().size(), 1U);
}

// What is too big can be refused before any of it comes.
TEST(frame_decoder, a_header_is_told_before_its_payload_comes) {
    DecodedStream decoded;
    decoded.feed(test::header_of({Opcode::text}, 5));
    ASSERT_EQ(decoded.frames().size(), 1U);
    EXPECT_EQ(decoded.frames()[0].size, 5U);
    EXPECT_TRUE(decoded.frames()[0].payload.empty());
}

TEST(frame_decoder, an_empty_input_gives_nothing_and_loses_nothing) {
    const Bytes stream = encoded(varied_frames());
    DecodedStream decoded;
    for (const std::uint8_t& byte : stream) {
        decoded.feed({});
        decoded.feed({&byte, 1});
    }
    EXPECT_EQ(decoded.frames(), expected(varied_frames()));
}

TEST(frame_decoder, a_frame_size_is_told_before_the_frame_is_there) {
    constexpr std::uint64_t largest = INT64_MAX;
    Bytes stream = test::header_of({Opcode::binary}, largest);
    stream.push_back(0);
    const auto decoded = decode(stream, stream.size());
    ASSERT_EQ(decoded.frames().size(), 1U);
    EXPECT_EQ(decoded.frames()[0].size, largest);
}

TEST(frame_decoder, a_control_frame_may_carry_125_bytes_between_fragments) {
    const std::vector<ClientFrame> frames{
        {Opcode::binary, test::patterned(10), false},       {Opcode::ping, test::patterned(125)},
        {Opcode::continuation, test::patterned(10), false}, {Opcode::pong, test::patterned(125)},
        {Opcode::continuation, test::patterned(10)},
    };
    EXPECT_EQ(decode(encoded(frames), 1 << 20).frames(), expected(frames));
}

TEST(frame_decoder, a_message_may_start_after_a_fragmented_one_has_ended) {
    const std::vector<ClientFrame> frames{
        {Opcode::text, test::bytes_of("a"), false},
        {Opcode::continuation, test::bytes_of("b")},
        {Opcode::binary, test::bytes_of("c")},
    };
    const auto decoded = decode(encoded(frames), 1 << 20);
    EXPECT_FALSE(decoded.violated());
    EXPECT_EQ(decoded.frames(), expected(frames));
}

// --- Random streams ---

TEST(frame_decoder, a_compressed_message_is_told_by_its_first_frame) {
    Bytes stream = test::encode({Opcode::text, {0xF2, 0x48}, false, 0x40});
    test::append(stream, test::encode({Opcode::continuation, {0xCD}}));
    test::append(stream, test::encode({Opcode::text, test::bytes_of("plain")}));
    for (std::size_t chunk = 1; chunk <= stream.size(); ++chunk) {
        const auto decoded = test::decode(stream, chunk, true);
        ASSERT_EQ(decoded.frames().size(), 3U);
        EXPECT_TRUE(decoded.frames()[0].compressed);
        EXPECT_FALSE(decoded.frames()[1].compressed);
        EXPECT_FALSE(decoded.frames()[2].compressed);
    }
}

class RandomStream {
  public:
    explicit RandomStream(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t bound) { return random_() % bound; }

    // Mostly well-formed, sometimes not; possibly cut off at its end.
    Bytes make() {
        Bytes stream;
        bool in_message = false;
        for (std::size_t count = below(12) + 1; count > 0; --count)
            test::append(stream, test::encode(make_frame(in_message)));
        if (below(4) == 0) stream[below(stream.size())] ^= static_cast<std::uint8_t>(below(256));
        if (below(4) == 0)
            stream.erase(stream.begin() + static_cast<std::ptrdiff_t>(below(stream.size())) + 1,
                         stream.end());
        return stream;
    }

  private:
    ClientFrame make_frame(bool& in_message) {
        ClientFrame frame;
        if (below(4) == 0) {
            frame.opcode = std::array{Opcode::close, Opcode::ping, Opcode::pong}[below(3)];
            frame.payload = test::patterned(below(126));
        } else {
            frame.opcode = in_message      ? Opcode::continuation
                           : below(2) == 0 ? Opcode::text
                                           : Opcode::binary;
            frame.fin = below(2) == 0;
            in_message = !frame.fin;
            constexpr std::array<std::size_t, 4> bounds{1, 20, 130, 600};
            frame.payload = test::patterned(below(bounds[below(4)]));
        }
        if (below(40) == 0) frame.opcode = Opcode{static_cast<std::uint8_t>(below(16))};
        if (below(60) == 0) frame.reserved_bits = static_cast<std::uint8_t>(0x10U << below(3));
        if (below(60) == 0) frame.masked = false;
        if (below(60) == 0) frame.form = test::LengthForm::in_8_bytes;
        return frame;
    }

    std::mt19937_64 random_;
};

TEST(frame_decoder, random_streams_are_read_as_a_second_decoder_reads_them) {
    RandomStream random{20240607};
    int violations = 0;
    for (int round = 0; round < 4000; ++round) {
        const Bytes stream = random.make();
        const test::ReferenceDecoder reference{stream};
        for (const std::size_t chunk : {std::size_t{1}, random.below(20) + 2, stream.size()}) {
            const auto decoded = decode(stream, chunk);
            ASSERT_EQ(decoded.frames(), reference.frames) << "round " << round << " by " << chunk;
            ASSERT_EQ(decoded.violated(), reference.violated) << "round " << round;
        }
        violations += reference.violated ? 1 : 0;
    }
    EXPECT_GT(violations, 500) << "the streams must not all be well-formed";
    EXPECT_LT(violations, 3500) << "nor all malformed";
}

TEST(frame_decoder, noise_is_read_as_a_second_decoder_reads_it) {
    std::mt19937_64 random{7};
    for (int round = 0; round < 20'000; ++round) {
        Bytes stream(random() % 40 + 1);
        for (auto& byte : stream)
            byte = static_cast<std::uint8_t>(random() & 0xFFU);
        stream[0] &= 0x8FU;  // past the reserved bits, where the noise gets further
        const test::ReferenceDecoder reference{stream};
        const auto decoded = decode(stream, random() % 8 + 1);
        ASSERT_EQ(decoded.frames(), reference.frames) << "round " << round;
        ASSERT_EQ(decoded.violated(), reference.violated) << "round " << round;
    }
}

}  // namespace
}  // namespace wsecho::protocol
