// Everything that RFC 6455 forbids in a frame's header is refused, however it is cut.
#include <gtest/gtest.h>

#include "client_frames.h"
#include "decoded_stream.h"
#include "protocol/frame_decoder.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;
using test::ClientFrame;
using test::LengthForm;

// Why the stream was refused, the same for every chunk size; "" if it was not.
std::string refusal(const Bytes& stream) {
    const auto whole = test::decode(stream, stream.size());
    for (std::size_t chunk = 1; chunk < stream.size(); ++chunk) {
        const auto cut = test::decode(stream, chunk);
        EXPECT_EQ(cut.violated(), whole.violated()) << "in chunks of " << chunk;
        EXPECT_EQ(cut.why(), whole.why()) << "in chunks of " << chunk;
        EXPECT_EQ(cut.frames(), whole.frames()) << "in chunks of " << chunk;
    }
    EXPECT_EQ(whole.violated(), !whole.why().empty());
    return whole.why();
}

std::string refusal(const ClientFrame& frame) {
    return refusal(test::encode(frame));
}

std::string refusal(const std::vector<ClientFrame>& frames) {
    Bytes stream;
    for (const ClientFrame& frame : frames)
        test::append(stream, test::encode(frame));
    return refusal(stream);
}

bool says(const std::string& why, std::string_view word) {
    return why.find(word) != std::string::npos;
}

TEST(frame_decoder_violations, a_well_formed_frame_is_none) {
    EXPECT_EQ(refusal(ClientFrame{Opcode::text, test::bytes_of("fine")}), "");
}

TEST(frame_decoder_violations, each_reserved_bit_is_refused_on_each_opcode) {
    for (const Opcode opcode : {Opcode::text, Opcode::binary, Opcode::ping, Opcode::close})
        for (const unsigned bits : {0x10U, 0x20U, 0x40U, 0x70U})
            EXPECT_TRUE(
                says(refusal({opcode, {}, true, static_cast<std::uint8_t>(bits)}), "reserved bit"));
}

// RFC 7692, section 6: where compression was agreed on.
std::string refusal_when_compressing(const std::vector<ClientFrame>& frames) {
    Bytes stream;
    for (const ClientFrame& frame : frames)
        test::append(stream, test::encode(frame));
    const auto whole = test::decode(stream, stream.size(), true);
    const auto cut = test::decode(stream, 1, true);
    EXPECT_EQ(cut.why(), whole.why());
    EXPECT_EQ(cut.frames(), whole.frames());
    return whole.why();
}

TEST(frame_decoder_violations, the_bit_of_compression_is_none_on_a_message_s_first_frame) {
    for (const Opcode opcode : {Opcode::text, Opcode::binary}) {
        EXPECT_EQ(refusal_when_compressing({{opcode, {0x00}, true, 0x40}}), "");
        EXPECT_EQ(refusal_when_compressing({{opcode, {0xF2}, false, 0x40},
                                            {Opcode::ping, {}},
                                            {Opcode::continuation, {0x00}}}),
                  "");
    }
}

TEST(frame_decoder_violations, the_bit_of_compression_is_refused_on_every_other_frame) {
    for (const Opcode opcode : {Opcode::ping, Opcode::pong, Opcode::close})
        EXPECT_TRUE(says(refusal_when_compressing({{opcode, {}, true, 0x40}}), "compression"));
    for (const auto of_first : {std::uint8_t{0x00}, std::uint8_t{0x40}})
        EXPECT_TRUE(says(refusal_when_compressing({{Opcode::text, {}, false, of_first},
                                                   {Opcode::continuation, {}, true, 0x40}}),
                         "compression"));
}

TEST(frame_decoder_violations, the_other_reserved_bits_are_refused_beside_compression) {
    for (const unsigned bits : {0x10U, 0x20U, 0x30U, 0x50U, 0x60U, 0x70U})
        EXPECT_TRUE(says(
            refusal_when_compressing({{Opcode::text, {}, true, static_cast<std::uint8_t>(bits)}}),
            "reserved bit"));
}

TEST(frame_decoder_violations, each_reserved_opcode_is_refused) {
    for (const unsigned opcode : {3U, 4U, 5U, 6U, 7U, 11U, 12U, 13U, 14U, 15U})
        for (const bool fin : {true, false})
            EXPECT_TRUE(says(refusal({Opcode{static_cast<std::uint8_t>(opcode)}, {}, fin}),
                             "reserved opcode"))
                << opcode;
}

TEST(frame_decoder_violations, a_frame_without_a_mask_is_refused_in_each_length_form) {
    for (const std::size_t size : {0UL, 5UL, 126UL, 65536UL}) {
        ClientFrame frame;
        frame.masked = false;
        EXPECT_TRUE(says(test::decode(test::header_of(frame, size), 1).why(), "mask")) << size;
        EXPECT_TRUE(says(test::decode(test::header_of(frame, size), 14).why(), "mask")) << size;
    }
}

TEST(frame_decoder_violations, a_fragmented_control_frame_is_refused) {
    for (const Opcode opcode : {Opcode::close, Opcode::ping, Opcode::pong})
        EXPECT_TRUE(says(refusal({opcode, {}, false}), "fragmented control"));
}

TEST(frame_decoder_violations, a_control_frame_over_125_bytes_is_refused) {
    for (const Opcode opcode : {Opcode::close, Opcode::ping, Opcode::pong})
        for (const std::size_t size : {126UL, 127UL, 65536UL})
            EXPECT_TRUE(says(refusal(test::header_of({opcode}, size)), "125")) << size;
}

TEST(frame_decoder_violations, a_length_with_its_top_bit_set_is_refused) {
    EXPECT_TRUE(says(refusal(test::header_of({Opcode::binary}, 1ULL << 63U)), "top bit"));
    EXPECT_TRUE(says(refusal(test::header_of({Opcode::binary}, UINT64_MAX)), "top bit"));
}

// Section 5.2: "the minimal number of bytes MUST be used to encode the length".
TEST(frame_decoder_violations, a_length_in_more_bytes_than_it_needs_is_refused) {
    for (const std::size_t size : {0UL, 1UL, 125UL}) {
        const ClientFrame in_2{Opcode::binary, Bytes(size), true, 0, true, LengthForm::in_2_bytes};
        EXPECT_NE(refusal(in_2), "") << size << " in two bytes";
    }
    for (const std::size_t size : {0UL, 125UL, 126UL, 65535UL}) {
        const Bytes header =
            test::header_of({Opcode::binary, {}, true, 0, true, LengthForm::in_8_bytes}, size);
        EXPECT_NE(refusal(header), "") << size << " in eight bytes";
    }
}

TEST(frame_decoder_violations, a_continuation_of_nothing_is_refused) {
    EXPECT_TRUE(says(refusal({Opcode::continuation, {}, true}), "continuation"));
    EXPECT_TRUE(says(refusal({Opcode::continuation, {}, false}), "continuation"));
}

TEST(frame_decoder_violations, a_continuation_after_the_last_fragment_is_refused) {
    EXPECT_TRUE(says(
        refusal({ClientFrame{Opcode::text, {}, false}, ClientFrame{Opcode::continuation, {}, true},
                 ClientFrame{Opcode::continuation, {}, true}}),
        "continuation"));
    EXPECT_TRUE(says(
        refusal({ClientFrame{Opcode::text, {}, true}, ClientFrame{Opcode::continuation, {}, true}}),
        "continuation"));
}

TEST(frame_decoder_violations, a_new_message_inside_a_fragmented_one_is_refused) {
    for (const Opcode opcode : {Opcode::text, Opcode::binary})
        for (const bool fin : {true, false})
            EXPECT_TRUE(
                says(refusal({ClientFrame{Opcode::text, {}, false},
                              ClientFrame{Opcode::ping, {}, true}, ClientFrame{opcode, {}, fin}}),
                     "inside"));
}

TEST(frame_decoder_violations, what_came_before_the_violation_was_given_out) {
    Bytes stream = test::encode({Opcode::text, test::bytes_of("good")});
    test::append(stream, test::encode({Opcode{3}, test::bytes_of("bad")}));
    const auto decoded = test::decode(stream, stream.size());
    ASSERT_EQ(decoded.frames().size(), 1U);
    EXPECT_EQ(decoded.frames()[0].payload, test::bytes_of("good"));
    EXPECT_TRUE(decoded.violated());
}

TEST(frame_decoder_violations, a_header_is_judged_before_its_payload_has_come) {
    EXPECT_TRUE(test::decode(test::header_of({Opcode{3}}, 1000), 1 << 20).violated());
}

// What a client's decoder makes of a server's frames, the same for every chunk size.
test::DecodedStream decode_of_server(const Bytes& stream, std::size_t chunk_size) {
    test::DecodedStream decoded;
    decoded.expect_server();
    std::span<const std::uint8_t> rest{stream};
    while (!rest.empty()) {
        const auto size = std::min(chunk_size, rest.size());
        decoded.feed(rest.first(size));
        rest = rest.subspan(size);
    }
    return decoded;
}

TEST(frame_decoder_violations, a_server_s_frames_are_taken_without_a_mask) {
    Bytes stream;
    for (const std::size_t size : {0U, 5U, 125U, 126U, 65535U, 65536U})
        test::append(stream, test::encode({Opcode::binary, test::patterned(size), true, 0, false}));
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, stream.size()}) {
        const auto decoded = decode_of_server(stream, chunk);
        EXPECT_FALSE(decoded.violated());
        ASSERT_EQ(decoded.frames().size(), 6U);
        EXPECT_EQ(decoded.frames()[1].payload, test::patterned(5));
        EXPECT_EQ(decoded.frames().back().payload, test::patterned(65536));
    }
}

// Section 5.1.
TEST(frame_decoder_violations, a_server_s_frame_with_a_mask_is_refused) {
    const Bytes stream = test::encode({Opcode::text, test::bytes_of("masked")});
    for (const std::size_t chunk : {std::size_t{1}, stream.size()})
        EXPECT_EQ(decode_of_server(stream, chunk).why(), "server frame with a mask");
}

}  // namespace
}  // namespace wsecho::protocol
