// Messages out of pieces: the cap to the byte, and text judged as it arrives.
#include "protocol/message_assembler.h"

#include <gtest/gtest.h>

#include "client_frames.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;
using test::ClientFrame;
using Outcome = MessageAssembler::Outcome;

constexpr std::size_t no_limit = 1UL << 30U;

FramePiece whole(Opcode opcode, Bytes& payload, bool fin = true) {
    return {opcode, fin, true, true, payload.size(), payload, false};
}

Bytes copy_of(const Message& message) {
    return {message.payload.begin(), message.payload.end()};
}

// Decodes the frames in chunks, assembles their data, and collects what is completed.
struct Assembled {
    std::vector<Bytes> messages;
    Outcome last = Outcome::incomplete;
    std::size_t bytes_read = 0;  // when it ended
};

Assembled assemble(const std::vector<ClientFrame>& frames, std::size_t chunk_size,
                   std::size_t limit = no_limit) {
    Bytes stream;
    for (const ClientFrame& frame : frames)
        test::append(stream, test::encode(frame));
    FrameDecoder decoder;
    MessageAssembler assembler;
    SpareBuffers spare;
    Assembled result;
    FramePiece piece;
    Message message;
    for (std::size_t at = 0; at < stream.size(); at += chunk_size) {
        auto input = std::span{stream}.subspan(at, std::min(chunk_size, stream.size() - at));
        result.bytes_read += input.size();
        while (decoder.next(input, piece) == FrameDecoder::Result::piece) {
            if (is_control(piece.opcode)) continue;
            result.last = assembler.add(piece, limit, spare, message);
            if (result.last == Outcome::complete) result.messages.push_back(copy_of(message));
            if (result.last == Outcome::complete) assembler.release(spare);
            if (result.last == Outcome::too_big || result.last == Outcome::bad_utf8) return result;
        }
    }
    return result;
}

TEST(message_assembler, a_message_that_arrived_whole_is_not_copied) {
    Bytes payload = test::bytes_of("whole");
    MessageAssembler assembler;
    SpareBuffers spare;
    Message message;
    ASSERT_EQ(assembler.add(whole(Opcode::text, payload), no_limit, spare, message),
              Outcome::complete);
    EXPECT_TRUE(message.is_text);
    EXPECT_EQ(message.payload.data(), payload.data());
    EXPECT_EQ(assembler.held(), 0U);
}

TEST(message_assembler, an_empty_message_is_one) {
    const auto result = assemble({{Opcode::text, {}}, {Opcode::binary, {}}}, 1);
    EXPECT_EQ(result.messages, (std::vector<Bytes>{{}, {}}));
}

TEST(message_assembler, fragments_are_joined_in_order) {
    const std::vector<ClientFrame> frames{
        {Opcode::text, test::bytes_of("one "), false},
        {Opcode::continuation, test::bytes_of("two "), false},
        {Opcode::continuation, {}, false},
        {Opcode::continuation, test::bytes_of("three")},
    };
    for (std::size_t chunk = 1; chunk < 60; ++chunk)
        EXPECT_EQ(assemble(frames, chunk).messages,
                  (std::vector<Bytes>{test::bytes_of("one two three")}));
}

TEST(message_assembler, empty_fragments_make_an_empty_message) {
    const auto result = assemble({{Opcode::binary, {}, false}, {Opcode::continuation, {}}}, 1);
    EXPECT_EQ(result.messages, (std::vector<Bytes>{{}}));
}

TEST(message_assembler, control_frames_between_fragments_change_nothing) {
    const std::vector<ClientFrame> frames{
        {Opcode::text, test::bytes_of("be"), false},
        {Opcode::ping, {0xFF, 0xFE}},  // no UTF-8, and none is asked of it
        {Opcode::continuation, test::bytes_of("fore")},
    };
    for (std::size_t chunk = 1; chunk < 30; ++chunk)
        EXPECT_EQ(assemble(frames, chunk).messages, (std::vector<Bytes>{test::bytes_of("before")}));
}

TEST(message_assembler, fragments_keep_the_type_of_the_first) {
    for (const bool is_text : {true, false}) {
        Bytes a = test::bytes_of("a");
        MessageAssembler assembler;
        SpareBuffers spare;
        Message message;
        const Opcode opcode = is_text ? Opcode::text : Opcode::binary;
        EXPECT_EQ(assembler.add(whole(opcode, a, false), no_limit, spare, message),
                  Outcome::incomplete);
        EXPECT_EQ(assembler.add(whole(Opcode::continuation, a), no_limit, spare, message),
                  Outcome::complete);
        EXPECT_EQ(message.is_text, is_text);
    }
}

TEST(message_assembler, messages_follow_each_other_without_a_trace) {
    const std::vector<ClientFrame> frames{
        {Opcode::binary, {0xFF, 0xE2}, false},       {Opcode::continuation, {0x82}},
        {Opcode::text, test::bytes_of("text")},      {Opcode::text, test::bytes_of("a"), false},
        {Opcode::continuation, test::bytes_of("b")},
    };
    for (std::size_t chunk = 1; chunk < 40; ++chunk)
        EXPECT_EQ(
            assemble(frames, chunk).messages,
            (std::vector<Bytes>{{0xFF, 0xE2, 0x82}, test::bytes_of("text"), test::bytes_of("ab")}));
}

TEST(message_assembler, after_release_nothing_is_held) {
    Bytes part = test::patterned(100);
    MessageAssembler assembler;
    SpareBuffers spare;
    Message message;
    EXPECT_EQ(assembler.add(whole(Opcode::binary, part, false), no_limit, spare, message),
              Outcome::incomplete);
    EXPECT_EQ(assembler.held(), 100U);
    EXPECT_EQ(assembler.add(whole(Opcode::continuation, part), no_limit, spare, message),
              Outcome::complete);
    EXPECT_EQ(message.payload.size(), 200U);
    assembler.release(spare);
    EXPECT_EQ(assembler.held(), 0U);
}

// --- The cap ---

TEST(message_assembler, a_frame_exactly_at_the_limit_passes_and_one_over_is_refused) {
    for (const std::size_t chunk : {1UL, 7UL, 1000UL}) {
        const ClientFrame frame{Opcode::binary, test::patterned(100)};
        EXPECT_EQ(assemble({frame}, chunk, 100).last, Outcome::complete);
        EXPECT_EQ(assemble({frame}, chunk, 99).last, Outcome::too_big);
    }
}

TEST(message_assembler, fragments_exactly_at_the_limit_pass_and_one_over_is_refused) {
    const std::vector<ClientFrame> frames{
        {Opcode::binary, test::patterned(60), false},
        {Opcode::continuation, test::patterned(39), false},
        {Opcode::continuation, {}, false},
        {Opcode::continuation, test::patterned(1)},
    };
    for (const std::size_t chunk : {1UL, 7UL, 1000UL}) {
        EXPECT_EQ(assemble(frames, chunk, 100).last, Outcome::complete);
        EXPECT_EQ(assemble(frames, chunk, 99).last, Outcome::too_big);
    }
}

TEST(message_assembler, a_frame_over_the_limit_is_refused_at_its_first_byte) {
    Bytes stream = test::header_of({Opcode::binary}, 101);
    stream.push_back(0);
    std::span<std::uint8_t> input{stream};
    FrameDecoder decoder;
    FramePiece piece;
    ASSERT_EQ(decoder.next(input, piece), FrameDecoder::Result::piece);
    MessageAssembler assembler;
    SpareBuffers spare;
    Message message;
    EXPECT_EQ(assembler.add(piece, 100, spare, message), Outcome::too_big);
    EXPECT_EQ(assembler.held(), 0U);
}

TEST(message_assembler, a_promise_of_gigabytes_takes_no_such_memory) {
    Bytes payload = test::patterned(10);
    const FramePiece piece{Opcode::binary, true, true, false, INT64_MAX, payload};
    MessageAssembler assembler;
    SpareBuffers spare;
    Message message;
    EXPECT_EQ(assembler.add(piece, SIZE_MAX, spare, message), Outcome::incomplete);
    EXPECT_EQ(assembler.held(), 10U);
}

TEST(message_assembler, sizes_near_the_end_of_the_numbers_do_not_wrap) {
    Bytes payload = test::patterned(10);
    MessageAssembler assembler;
    SpareBuffers spare;
    Message message;
    EXPECT_EQ(assembler.add(whole(Opcode::binary, payload, false), 20, spare, message),
              Outcome::incomplete);
    const FramePiece huge{Opcode::continuation, true, true, false, UINT64_MAX - 5, payload};
    EXPECT_EQ(assembler.add(huge, 20, spare, message), Outcome::too_big);
}

// --- Text ---

TEST(message_assembler, a_character_may_be_cut_by_fragments) {
    const Bytes euro{0xE2, 0x82, 0xAC};
    for (std::size_t cut = 0; cut <= euro.size(); ++cut) {
        const auto middle = euro.begin() + static_cast<std::ptrdiff_t>(cut);
        const std::vector<ClientFrame> frames{{Opcode::text, {euro.begin(), middle}, false},
                                              {Opcode::ping, {}},
                                              {Opcode::continuation, {middle, euro.end()}}};
        EXPECT_EQ(assemble(frames, 1).messages, std::vector<Bytes>{euro});
    }
}

TEST(message_assembler, ascii_inside_a_character_is_bad) {
    const std::vector<ClientFrame> frames{
        {Opcode::text, Bytes{0xE2, 0x82}, false},
        {Opcode::continuation, test::bytes_of("seen to be ASCII while it was unmasked")},
    };
    EXPECT_EQ(assemble(frames, 100).last, Outcome::bad_utf8);
}

TEST(message_assembler, a_text_that_ends_inside_a_character_is_bad) {
    const Bytes half{0xE2, 0x82};
    EXPECT_EQ(assemble({{Opcode::text, half}}, 100).last, Outcome::bad_utf8);
    EXPECT_EQ(assemble({{Opcode::text, half}}, 1).last, Outcome::bad_utf8);
    EXPECT_EQ(assemble({{Opcode::text, half, false}, {Opcode::continuation, {}}}, 100).last,
              Outcome::bad_utf8);
}

TEST(message_assembler, the_next_text_starts_with_a_clean_slate) {
    Bytes half{0xE2, 0x82};
    Bytes good = test::bytes_of("good");
    MessageAssembler assembler;
    SpareBuffers spare;
    Message message;
    EXPECT_EQ(assembler.add(whole(Opcode::text, half), no_limit, spare, message),
              Outcome::bad_utf8);
    EXPECT_EQ(assembler.add(whole(Opcode::text, good), no_limit, spare, message),
              Outcome::complete);
}

TEST(message_assembler, bad_text_is_refused_before_the_message_ends) {
    Bytes bad = test::bytes_of("bad: \xED\xA0 and much more");
    const std::vector<ClientFrame> frames{{Opcode::text, test::bytes_of("good "), false},
                                          {Opcode::continuation, bad, false},
                                          {Opcode::continuation, test::patterned(1000)}};
    const auto result = assemble(frames, 1);
    EXPECT_EQ(result.last, Outcome::bad_utf8);
    // Header and text of the first frame, header of the second, and up to the surrogate.
    EXPECT_EQ(result.bytes_read, (6U + 5U) + 6U + 7U);
}

TEST(message_assembler, binary_may_hold_anything) {
    const Bytes bytes{0xFF, 0xC0, 0x00, 0xED, 0xA0};
    EXPECT_EQ(assemble({{Opcode::binary, bytes}}, 1).messages, std::vector<Bytes>{bytes});
}

TEST(message_assembler, a_large_message_in_reads_of_a_socket_comes_out_whole) {
    const Bytes payload = test::patterned(300'000);
    EXPECT_EQ(assemble({{Opcode::binary, payload}}, 65536).messages, std::vector<Bytes>{payload});
}

}  // namespace
}  // namespace wsecho::protocol
