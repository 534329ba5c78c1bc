// Frames and messages, plain and compressed, cost as much as they are long: linear_cost.h.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "bytes.h"
#include "protocol/client_frames.h"
#include "protocol/deflate_stream.h"
#include "protocol/frame_decoder.h"
#include "protocol/inflating_assembler.h"
#include "protocol/linear_cost.h"
#include "protocol/message_assembler.h"

namespace wsecho::protocol {
namespace {

using test::append;
using test::Bytes;
using test::calls;
using test::Case;
using test::ClientFrame;

// What a connection does with its peer's bytes, in pieces of that size.
template <class Take>  // Take: const FramePiece& -> void
void decode(Bytes& bytes, std::size_t piece_size, Take&& take) {
    FrameDecoder decoder;
    decoder.allow_compression();
    FramePiece piece;
    for (std::size_t at = 0; at < bytes.size(); at += piece_size) {
        auto input = std::span{bytes}.subspan(at).first(std::min(piece_size, bytes.size() - at));
        while (decoder.next(input, piece) == FrameDecoder::Result::piece)
            take(piece);
    }
}

constexpr std::size_t most = std::size_t{1} << 20U;

std::size_t assemble(Bytes bytes, std::size_t piece_size) {
    MessageAssembler assembler;
    SpareBuffers spare;
    Message message;
    std::size_t complete = 0;
    decode(bytes, piece_size, [&](const FramePiece& piece) {
        if (assembler.add(piece, most, spare, message) != MessageAssembler::Outcome::complete)
            return;
        ++complete;
        assembler.release(spare);
    });
    return complete;
}

std::size_t inflate(Bytes bytes, std::size_t piece_size) {
    Decompressor decompressor{DeflateContext{}};
    InflatingAssembler assembler;
    SpareBuffers spare;
    Message message;
    std::size_t incomplete = 0;
    decode(bytes, piece_size, [&](const FramePiece& piece) {
        incomplete += assembler.add(piece, most, decompressor, spare, message) ==
                      InflatingAssembler::Outcome::incomplete;
    });
    return incomplete;
}

Bytes fragments(const Bytes& payload_of_each, std::size_t size, std::uint8_t reserved_bits = 0) {
    Bytes bytes;
    ClientFrame frame{Opcode::text, payload_of_each, false, reserved_bits};
    while (bytes.size() < size) {
        append(bytes, test::encode(frame));
        frame.opcode = Opcode::continuation;
        frame.reserved_bits = 0;
    }
    return bytes;
}

Bytes messages(const Bytes& payload_of_each, std::size_t size) {
    Bytes bytes;
    while (bytes.size() < size)
        append(bytes, test::encode({Opcode::text, payload_of_each}));
    return bytes;
}

constexpr std::uint8_t compressed = 0x40;

// Blocks that hold a byte each, stored as it is (RFC 1951, section 3.2.4).
Bytes stored_blocks(std::size_t size, bool are_last) {
    Bytes bytes;
    while (bytes.size() < size)
        append(bytes, {static_cast<std::uint8_t>(are_last ? 1 : 0), 1, 0, 0xFE, 0xFF, 'a'});
    return bytes;
}

Bytes compressed_message(const Bytes& payload) {
    return test::encode({Opcode::binary, payload, true, compressed});
}

Bytes compressible(std::size_t size) {
    Bytes payload(size, 'a');
    Bytes bytes;
    Compressor{CompressorOptions{}}.compress(payload, bytes);
    return bytes;
}

const Case frames[] = {
    {"message_byte_by_byte", 512,
     [](std::size_t size) {
         return calls([bytes = test::encode({Opcode::text, Bytes(size, 'a')})] {
             return assemble(bytes, 1);
         });
     }},
    {"fragments_of_one_byte", 512,
     [](std::size_t size) {
         return calls([bytes = fragments({'a'}, size)] { return assemble(bytes, bytes.size()); });
     }},
    {"fragments_byte_by_byte", 512,
     [](std::size_t size) {
         return calls([bytes = fragments({'a'}, size)] { return assemble(bytes, 1); });
     }},
    {"empty_fragments", 512,
     [](std::size_t size) {
         return calls([bytes = fragments({}, size)] { return assemble(bytes, bytes.size()); });
     }},
    {"messages_of_one_byte", 512,
     [](std::size_t size) {
         return calls([bytes = messages({'a'}, size)] { return assemble(bytes, bytes.size()); });
     }},
    {"compressed_message_byte_by_byte", 512,
     [](std::size_t size) {
         return calls([bytes = compressed_message(stored_blocks(size, false))] {
             return inflate(bytes, 1);
         });
     }},
    {"compressed_fragments_without_payload", 512,
     [](std::size_t size) {
         return calls([bytes = fragments({}, size, compressed)] { return inflate(bytes, 64); });
     }},
    {"blocks_that_call_themselves_the_last", 2048,
     [](std::size_t size) {
         return calls([bytes = compressed_message(stored_blocks(size, true))] {
             return inflate(bytes, bytes.size());
         });
     }},
    {"message_that_inflates_to_very_much", 65'536,
     [](std::size_t size) {
         return calls([bytes = compressed_message(compressible(size))] {
             return inflate(bytes, bytes.size());
         });
     }},
};

class Decoder : public test::Cost {};

TEST_P(Decoder, costs_as_much_as_its_input_is_long) {
    expect_linear();
}

INSTANTIATE_TEST_SUITE_P(of_frames, Decoder, ::testing::ValuesIn(frames), test::name_of);

}  // namespace
}  // namespace wsecho::protocol
