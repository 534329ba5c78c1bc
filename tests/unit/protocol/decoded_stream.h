// What a frame decoder made of a stream, and a second, simple decoder to compare it with.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bytes.h"
#include "protocol/frame_decoder.h"

namespace wsecho::test {

struct DecodedFrame {
    protocol::Opcode opcode{};
    bool fin = false;
    std::uint64_t size = 0;  // as the header says
    Bytes payload;           // what came of it
    bool compressed = false;
    friend bool operator==(const DecodedFrame&, const DecodedFrame&) = default;
};

// Feeds a decoder, joins its pieces to frames, and checks that each piece is what it says.
class DecodedStream {
  public:
    void allow_compression() { decoder_.allow_compression(); }
    void expect_server() { decoder_.expect_server(); }

    // As from a socket: the chunk is memory of its own, and is used up or refused.
    void feed(std::span<const std::uint8_t> bytes) {
        Bytes chunk{bytes.begin(), bytes.end()};
        std::span<std::uint8_t> input{chunk};
        protocol::FramePiece piece;
        using Result = protocol::FrameDecoder::Result;
        while (!violated_) {
            const Result result = decoder_.next(input, piece);
            if (result == Result::need_more) {
                EXPECT_TRUE(input.empty());
                return;
            }
            if (result == Result::piece) take(piece, chunk);
            violated_ = result == Result::violation;
        }
    }

    [[nodiscard]] const std::vector<DecodedFrame>& frames() const { return frames_; }
    [[nodiscard]] bool violated() const { return violated_; }
    [[nodiscard]] std::string why() const { return std::string{decoder_.why()}; }

  private:
    void take(const protocol::FramePiece& piece, const Bytes& chunk) {
        EXPECT_EQ(piece.first, !inside_) << "a frame's first piece, and no other, is called so";
        if (!inside_)
            frames_.push_back({piece.opcode, piece.fin, piece.frame_size, {}, piece.compressed});
        DecodedFrame& frame = frames_.back();
        EXPECT_EQ(piece.opcode, frame.opcode);
        EXPECT_EQ(piece.fin, frame.fin);
        EXPECT_EQ(piece.compressed, frame.compressed);
        EXPECT_EQ(piece.frame_size, frame.size);
        EXPECT_GE(piece.payload.data(), chunk.data());
        EXPECT_LE(piece.payload.data() + piece.payload.size(), chunk.data() + chunk.size());
        frame.payload.insert(frame.payload.end(), piece.payload.begin(), piece.payload.end());
        EXPECT_EQ(piece.last, frame.payload.size() == frame.size);
        EXPECT_TRUE(piece.first || !piece.payload.empty()) << "a piece that tells nothing";
        inside_ = !piece.last;
    }

    protocol::FrameDecoder decoder_;
    std::vector<DecodedFrame> frames_;
    bool inside_ = false;
    bool violated_ = false;
};

inline DecodedStream decode(const Bytes& stream, std::size_t chunk_size,
                            bool allow_compression = false) {
    DecodedStream decoded;
    if (allow_compression) decoded.allow_compression();
    std::span<const std::uint8_t> rest{stream};
    while (!rest.empty()) {
        const auto size = std::min(chunk_size, rest.size());
        decoded.feed(rest.first(size));
        rest = rest.subspan(size);
    }
    return decoded;
}

// The same by the letter of RFC 6455 (section 5.2), with the whole stream in hand.
struct ReferenceDecoder {
    std::vector<DecodedFrame> frames;
    bool violated = false;

    explicit ReferenceDecoder(const Bytes& stream) {
        std::size_t at = 0;
        while (!violated && read_frame(stream, at)) {
        }
    }

  private:
    bool read_frame(const Bytes& stream, std::size_t& at) {
        if (stream.size() - at < 2) return false;
        const unsigned b0 = stream[at];
        const unsigned b1 = stream[at + 1];
        const bool masked = (b1 & 0x80U) != 0;
        std::uint64_t size = b1 & 0x7FU;
        const std::size_t extended = size == 126 ? 2 : size == 127 ? 8 : 0;
        const std::size_t header = 2 + extended + (masked ? 4 : 0);
        if (stream.size() - at < header) return false;
        if (extended != 0) size = 0;
        for (std::size_t i = 0; i < extended; ++i)
            size = size * 256 + stream[at + 2 + i];
        violated = !masked || is_forbidden(b0, size) || !is_shortest(size, extended);
        if (violated) return false;

        const bool fin = b0 >= 0x80;
        DecodedFrame frame{protocol::Opcode{static_cast<std::uint8_t>(b0 & 0xFU)}, fin, size, {}};
        const std::uint8_t* key = stream.data() + at + header - 4;
        at += header;
        while (at < stream.size() && frame.payload.size() < size) {
            const unsigned key_byte = key[frame.payload.size() % 4];
            frame.payload.push_back(static_cast<std::uint8_t>(stream[at++] ^ key_byte));
        }
        frames.push_back(frame);
        return frame.payload.size() == size;
    }

    static bool is_shortest(std::uint64_t size, std::size_t extended) {
        return extended == 0 || (extended == 2 ? size > 125 : size > 0xFFFF);
    }

    bool is_forbidden(unsigned b0, std::uint64_t size) {
        const unsigned opcode = b0 & 0xFU;
        const bool fin = b0 >= 0x80;
        if ((b0 & 0x70U) != 0 || size > INT64_MAX) return true;
        if (opcode >= 8) return opcode > 10 || !fin || size > 125;
        if (opcode > 2 || (opcode == 0) != in_message_) return true;
        in_message_ = !fin;
        return false;
    }

    bool in_message_ = false;
};

}  // namespace wsecho::test
