// Unmasking against the byte-wise definition of RFC 6455, section 5.3.
#include "protocol/unmask.h"

#include <gtest/gtest.h>

#include "bytes.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;

constexpr MaskingKey key{0x37, 0xFA, 0x21, 0x3D};

// transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4)
Bytes masked(Bytes bytes, std::uint64_t position) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ key[(position + i) % 4]);
    return bytes;
}

TEST(unmask, the_sample_of_the_rfc_says_hello) {
    Bytes bytes{0x7F, 0x9F, 0x4D, 0x51, 0x58};  // section 5.7
    unmask(bytes, key, 0);
    EXPECT_EQ(bytes, test::bytes_of("Hello"));
}

TEST(unmask, every_length_alignment_and_phase_agrees_with_the_bytewise_definition) {
    for (std::size_t length = 0; length <= 70; ++length)
        for (std::size_t alignment = 0; alignment < 8; ++alignment)
            for (std::uint64_t position = 0; position < 9; ++position) {
                const Bytes plain = test::patterned(length);
                const Bytes wire = masked(plain, position);
                Bytes memory(alignment, 0xEE);
                test::append(memory, wire);
                memory.push_back(0xEE);
                unmask(std::span{memory}.subspan(alignment, length), key, position);

                Bytes expected(alignment, 0xEE);
                test::append(expected, plain);
                expected.push_back(0xEE);
                ASSERT_EQ(memory, expected)
                    << length << " bytes at alignment " << alignment << ", position " << position;
            }
}

TEST(unmask, a_payload_in_two_pieces_comes_out_as_in_one) {
    const Bytes plain = test::patterned(70);
    for (std::size_t cut = 0; cut <= plain.size(); ++cut) {
        Bytes bytes = masked(plain, 0);
        unmask(std::span{bytes}.first(cut), key, 0);
        unmask(std::span{bytes}.subspan(cut), key, cut);
        ASSERT_EQ(bytes, plain) << "cut at " << cut;
    }
}

TEST(unmask, a_position_beyond_4_gib_keeps_the_phase) {
    const std::uint64_t position = (1ULL << 32U) + 3;
    Bytes bytes = masked(test::bytes_of("far out"), position);
    unmask(bytes, key, position);
    EXPECT_EQ(bytes, test::bytes_of("far out"));
}

TEST(unmask, tells_whether_every_byte_came_out_as_ascii) {
    for (std::size_t length = 0; length <= 70; ++length) {
        const Bytes ascii(length, 0x7F);
        Bytes bytes = masked(ascii, 1);
        EXPECT_TRUE(unmask(bytes, key, 1)) << length;
        for (std::size_t at = 0; at < length; ++at) {
            Bytes with_another = ascii;
            with_another[at] = 0x80;
            Bytes wire = masked(with_another, 1);
            ASSERT_FALSE(unmask(wire, key, 1)) << "of " << length << " bytes, at " << at;
        }
    }
}

TEST(unmask, a_zero_key_changes_nothing) {
    Bytes bytes = test::patterned(33);
    unmask(bytes, MaskingKey{}, 1);
    EXPECT_EQ(bytes, test::patterned(33));
}

}  // namespace
}  // namespace wsecho::protocol
