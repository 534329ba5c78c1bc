// Compressed messages out of pieces: the cap to the byte, text judged once it is inflated.
#include "protocol/inflating_assembler.h"

#include <gtest/gtest.h>

#include "client_frames.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;
using test::ClientFrame;
using Outcome = InflatingAssembler::Outcome;

constexpr std::size_t no_limit = 1UL << 30U;
constexpr std::uint8_t compressed_bit = 0x40;

Bytes compressed(const Bytes& payload) {
    Compressor compressor{{{15, false}}};
    Bytes bytes;
    compressor.compress(payload, bytes);
    return bytes;
}

// A message in frames of a size.
Bytes stream_of(Opcode opcode, const Bytes& message, std::size_t frame_size) {
    Bytes stream;
    for (std::size_t at = 0; at < message.size(); at += frame_size) {
        const bool is_first = at == 0;
        const auto size = std::min(frame_size, message.size() - at);
        const auto begin = message.begin() + static_cast<std::ptrdiff_t>(at);
        const std::uint8_t bits = is_first ? compressed_bit : std::uint8_t{0};
        test::append(stream, test::encode({is_first ? opcode : Opcode::continuation,
                                           Bytes{begin, begin + static_cast<std::ptrdiff_t>(size)},
                                           at + size == message.size(), bits}));
    }
    return stream;
}

struct Assembled {
    Outcome last = Outcome::incomplete;
    bool is_text = false;
    Bytes payload;
    std::size_t bytes_read = 0;
};

Assembled assemble(Bytes stream, std::size_t chunk_size, std::size_t limit = no_limit) {
    FrameDecoder decoder;
    decoder.allow_compression();
    Decompressor decompressor{{15, false}};
    InflatingAssembler assembler;
    SpareBuffers spare;
    Assembled result;
    FramePiece piece;
    Message message;
    for (std::size_t at = 0; at < stream.size(); at += chunk_size) {
        auto input = std::span{stream}.subspan(at, std::min(chunk_size, stream.size() - at));
        result.bytes_read += input.size();
        while (decoder.next(input, piece) == FrameDecoder::Result::piece) {
            result.last = assembler.add(piece, limit, decompressor, spare, message);
            if (result.last == Outcome::incomplete) continue;
            if (result.last != Outcome::complete) return result;
            result.is_text = message.is_text;
            result.payload = {message.payload.begin(), message.payload.end()};
            assembler.release(spare);
        }
    }
    return result;
}

TEST(inflating_assembler, a_message_comes_back_however_it_is_cut) {
    const Bytes payload = test::patterned(700);
    const Bytes message = compressed(payload);
    for (const std::size_t frame : {std::size_t{1}, std::size_t{50}, message.size()})
        for (const std::size_t chunk : {1UL, 7UL, 100'000UL})
            for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
                const bool is_text = opcode == Opcode::text;
                const Bytes& sent = is_text ? test::bytes_of("na\xC3\xAFve") : payload;
                const auto result = assemble(stream_of(opcode, compressed(sent), frame), chunk);
                ASSERT_EQ(result.last, Outcome::complete);
                EXPECT_EQ(result.payload, sent);
                EXPECT_EQ(result.is_text, is_text);
            }
}

TEST(inflating_assembler, the_cap_holds_for_what_comes_out) {
    const Bytes stream = stream_of(Opcode::binary, compressed(Bytes(5000)), 4);
    EXPECT_EQ(assemble(stream, 3, 5000).last, Outcome::complete);
    EXPECT_EQ(assemble(stream, 3, 4999).last, Outcome::too_big);
}

TEST(inflating_assembler, text_is_judged_as_it_comes_out) {
    Bytes bad = test::bytes_of("fine so far \xFF");
    test::append(bad, test::patterned(100'000));
    const Bytes stream = stream_of(Opcode::text, compressed(bad), 300);
    const auto result = assemble(stream, 100);
    EXPECT_EQ(result.last, Outcome::bad_utf8);
    EXPECT_LT(result.bytes_read, stream.size()) << "before its end";
    const Bytes cut = test::bytes_of("half a character \xC3");
    EXPECT_EQ(assemble(stream_of(Opcode::text, compressed(cut), 5), 1).last, Outcome::bad_utf8);
    EXPECT_EQ(assemble(stream_of(Opcode::binary, compressed(cut), 5), 1).last, Outcome::complete);
}

TEST(inflating_assembler, what_does_not_inflate_is_corrupt) {
    EXPECT_EQ(assemble(stream_of(Opcode::text, {0xFF, 0xFF, 0xFF}, 3), 1).last, Outcome::corrupt);
    EXPECT_EQ(assemble(test::encode({Opcode::text, {}, true, compressed_bit}), 1).last,
              Outcome::corrupt);
}

TEST(inflating_assembler, messages_follow_each_other_without_a_trace) {
    Bytes stream = stream_of(Opcode::text, compressed(test::bytes_of("one")), 2);
    test::append(stream, stream_of(Opcode::binary, compressed({0xFF, 0xC3}), 100));
    const auto result = assemble(stream, 1);
    EXPECT_EQ(result.last, Outcome::complete);
    EXPECT_EQ(result.payload, (Bytes{0xFF, 0xC3}));
    EXPECT_FALSE(result.is_text);
}

}  // namespace
}  // namespace wsecho::protocol
