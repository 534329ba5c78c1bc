// The header of a server's frame, at every size where its form changes.
#include "protocol/frame.h"

#include <gtest/gtest.h>

#include "bytes.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;

Bytes header(Opcode opcode, std::size_t size) {
    const ServerHeader header{opcode, size};
    return {header.bytes().begin(), header.bytes().end()};
}

TEST(frame, up_to_125_bytes_the_length_is_in_the_second_byte) {
    EXPECT_EQ(header(Opcode::binary, 0), (Bytes{0x82, 0}));
    EXPECT_EQ(header(Opcode::binary, 1), (Bytes{0x82, 1}));
    EXPECT_EQ(header(Opcode::binary, 125), (Bytes{0x82, 125}));
}

TEST(frame, from_126_bytes_the_length_takes_two_more) {
    EXPECT_EQ(header(Opcode::text, 126), (Bytes{0x81, 126, 0, 126}));
    EXPECT_EQ(header(Opcode::text, 0x1234), (Bytes{0x81, 126, 0x12, 0x34}));
    EXPECT_EQ(header(Opcode::text, 65535), (Bytes{0x81, 126, 0xFF, 0xFF}));
}

TEST(frame, from_65536_bytes_the_length_takes_eight_more) {
    EXPECT_EQ(header(Opcode::text, 65536), (Bytes{0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}));
    EXPECT_EQ(header(Opcode::text, 0x0102030405060708), (Bytes{0x81, 127, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(frame, a_header_is_as_long_as_foretold) {
    for (const std::size_t size : {0UL, 125UL, 126UL, 65535UL, 65536UL, 1UL << 40U})
        EXPECT_EQ(header(Opcode::binary, size).size(), server_header_size(size)) << size;
    EXPECT_EQ(server_header_size(1UL << 40U), max_server_header);
}

TEST(frame, every_opcode_is_sent_as_a_final_frame_without_reserved_bits) {
    EXPECT_EQ(header(Opcode::continuation, 0)[0], 0x80);
    EXPECT_EQ(header(Opcode::text, 0)[0], 0x81);
    EXPECT_EQ(header(Opcode::binary, 0)[0], 0x82);
    EXPECT_EQ(header(Opcode::close, 0)[0], 0x88);
    EXPECT_EQ(header(Opcode::ping, 0)[0], 0x89);
    EXPECT_EQ(header(Opcode::pong, 0)[0], 0x8A);
}

TEST(frame, a_compressed_message_has_the_first_reserved_bit) {
    const ServerHeader header{Opcode::text, 5, true};
    EXPECT_EQ((Bytes{header.bytes().begin(), header.bytes().end()}), (Bytes{0xC1, 5}));
}

TEST(frame, a_server_never_sets_the_mask_bit) {
    for (const std::size_t size : {0UL, 125UL, 126UL, 65535UL, 65536UL})
        EXPECT_EQ(header(Opcode::text, size)[1] & 0x80, 0) << size;
}

TEST(frame, opcodes_from_8_on_are_control) {
    EXPECT_FALSE(is_control(Opcode::continuation));
    EXPECT_FALSE(is_control(Opcode::text));
    EXPECT_FALSE(is_control(Opcode::binary));
    EXPECT_FALSE(is_control(Opcode{7}));
    EXPECT_TRUE(is_control(Opcode::close));
    EXPECT_TRUE(is_control(Opcode::ping));
    EXPECT_TRUE(is_control(Opcode::pong));
    EXPECT_TRUE(is_control(Opcode{15}));
}

}  // namespace
}  // namespace wsecho::protocol
