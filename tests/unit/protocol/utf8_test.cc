// UTF-8 against a decoder that works by the definition: decode, then look at the number.
#include "protocol/utf8.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "bytes.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;

// RFC 3629, section 3: at least how large a character in so many bytes is.
constexpr std::uint32_t smallest_in[] = {0, 0, 0x80, 0x800, 0x10000};

std::optional<std::size_t> length_by_first_byte(std::uint8_t byte) {
    if (byte < 0x80) return 1;
    if ((byte & 0xE0U) == 0xC0) return 2;
    if ((byte & 0xF0U) == 0xE0) return 3;
    if ((byte & 0xF8U) == 0xF0) return 4;
    return std::nullopt;
}

bool is_utf8_by_definition(const Bytes& text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto length = length_by_first_byte(text[i]);
        if (!length || text.size() - i < *length) return false;
        std::uint32_t character = *length == 1 ? text[i] : text[i] & (0x7FU >> *length);
        for (std::size_t k = 1; k < *length; ++k) {
            if ((text[i + k] & 0xC0U) != 0x80) return false;
            character = (character << 6U) | (text[i + k] & 0x3FU);
        }
        const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
        if (character < smallest_in[*length] || surrogate || character > 0x10FFFF) return false;
        i += *length;
    }
    return true;
}

Bytes encoded(std::uint32_t character) {
    const auto low = [&](unsigned shift) {
        return static_cast<std::uint8_t>(0x80U | ((character >> shift) & 0x3FU));
    };
    if (character < 0x80) return {static_cast<std::uint8_t>(character)};
    if (character < 0x800) return {static_cast<std::uint8_t>(0xC0U | (character >> 6U)), low(0)};
    if (character < 0x10000)
        return {static_cast<std::uint8_t>(0xE0U | (character >> 12U)), low(6), low(0)};
    return {static_cast<std::uint8_t>(0xF0U | (character >> 18U)), low(12), low(6), low(0)};
}

bool may_go_on(const Bytes& text) {
    Utf8Validator validator;
    return validator.feed(text);
}

TEST(utf8, nothing_is_text) {
    EXPECT_TRUE(is_utf8({}));
}

TEST(utf8, every_character_is_text_and_every_surrogate_is_not) {
    for (std::uint32_t character = 0; character <= 0x10FFFF; ++character) {
        const bool surrogate = character >= 0xD800 && character <= 0xDFFF;
        ASSERT_EQ(is_utf8(encoded(character)), !surrogate) << std::hex << character;
    }
}

TEST(utf8, what_lies_above_the_last_character_is_not_text) {
    for (std::uint32_t character = 0x110000; character <= 0x1FFFFF; character += 0x3F)
        ASSERT_FALSE(may_go_on(encoded(character))) << std::hex << character;
}

TEST(utf8, every_pair_of_first_bytes_is_judged_as_the_definition_says) {
    for (unsigned first = 0; first <= 0xFF; ++first)
        for (unsigned second = 0; second <= 0xFF; ++second)
            for (const std::size_t more : {0U, 1U, 2U}) {
                Bytes text{static_cast<std::uint8_t>(first), static_cast<std::uint8_t>(second)};
                text.insert(text.end(), more, 0x80);
                ASSERT_EQ(is_utf8(text), is_utf8_by_definition(text))
                    << std::hex << first << ' ' << second << " and " << more << " of 80";
            }
}

TEST(utf8, every_third_and_fourth_byte_is_judged_as_the_definition_says) {
    for (unsigned byte = 0; byte <= 0xFF; ++byte) {
        const auto odd = static_cast<std::uint8_t>(byte);
        for (const Bytes& text : {Bytes{0xE2, 0x82, odd}, Bytes{0xF0, 0x9F, odd, 0x80},
                                  Bytes{0xF0, 0x9F, 0x98, odd}, Bytes{0xF4, 0x8F, odd, 0xBF}})
            ASSERT_EQ(is_utf8(text), is_utf8_by_definition(text)) << std::hex << byte;
    }
}

TEST(utf8, overlong_forms_are_refused_at_the_byte_that_shows_it) {
    EXPECT_FALSE(may_go_on({0xC0}));
    EXPECT_FALSE(may_go_on({0xC1}));
    EXPECT_TRUE(may_go_on({0xE0}));
    EXPECT_FALSE(may_go_on({0xE0, 0x9F}));
    EXPECT_TRUE(may_go_on({0xE0, 0xA0}));
    EXPECT_TRUE(may_go_on({0xF0}));
    EXPECT_FALSE(may_go_on({0xF0, 0x8F}));
    EXPECT_TRUE(may_go_on({0xF0, 0x90}));
}

TEST(utf8, a_surrogate_is_refused_at_its_second_byte) {
    EXPECT_TRUE(may_go_on({0xED, 0x9F}));
    EXPECT_FALSE(may_go_on({0xED, 0xA0}));
}

TEST(utf8, a_number_above_the_last_character_is_refused_at_its_second_byte) {
    EXPECT_TRUE(may_go_on({0xF4, 0x8F}));
    EXPECT_FALSE(may_go_on({0xF4, 0x90}));
    EXPECT_FALSE(may_go_on({0xF5}));
}

TEST(utf8, a_text_that_stops_inside_a_character_may_go_on_but_is_not_complete) {
    const Bytes character = encoded(0x1F600);
    for (std::size_t size = 1; size < character.size(); ++size) {
        Utf8Validator validator;
        EXPECT_TRUE(validator.feed(std::span{character}.first(size)));
        EXPECT_FALSE(validator.complete());
        EXPECT_TRUE(validator.feed(std::span{character}.subspan(size)));
        EXPECT_TRUE(validator.complete());
    }
}

TEST(utf8, a_reset_forgets_the_begun_character) {
    Utf8Validator validator;
    EXPECT_TRUE(validator.feed(Bytes{0xE0}));
    validator.reset();
    EXPECT_TRUE(validator.complete());
    EXPECT_TRUE(validator.feed(test::bytes_of("a")));
}

// ASCII is judged 32 bytes at a time: a character may begin, and a fault may lie, anywhere in it.
TEST(utf8, a_character_is_found_at_every_place_of_a_block) {
    for (std::size_t place = 0; place <= 100; ++place)
        for (std::size_t behind = 0; behind <= 40; ++behind) {
            Bytes text(place, 'a');
            test::append(text, encoded(0x20AC));
            text.insert(text.end(), behind, 'b');
            ASSERT_TRUE(is_utf8(text)) << place << ", " << behind;
            text[place + 1] = 'x';
            ASSERT_FALSE(is_utf8(text)) << place << ", " << behind;
        }
}

TEST(utf8, a_lone_bad_byte_is_found_at_every_place_of_a_block) {
    for (std::size_t size = 1; size <= 100; ++size)
        for (std::size_t place = 0; place < size; ++place)
            for (const std::uint8_t bad : Bytes{0x80, 0xC0, 0xFF}) {
                Bytes text(size, 'a');
                text[place] = bad;
                ASSERT_FALSE(is_utf8(text)) << place << " of " << size;
            }
}

TEST(utf8, a_split_anywhere_changes_no_verdict) {
    Bytes text = test::bytes_of("ascii that is longer than a block of 32 bytes, then ");
    for (const std::uint32_t character : {0xE9U, 0x20ACU, 0xD7FFU, 0xE000U, 0x1F600U, 0x10FFFFU})
        test::append(text, encoded(character));
    test::append(text, test::bytes_of(" and again more than thirty-two bytes of it"));
    for (std::size_t first = 0; first <= text.size(); ++first)
        for (std::size_t second = first; second <= text.size(); ++second) {
            Utf8Validator validator;
            ASSERT_TRUE(validator.feed(std::span{text}.first(first)));
            ASSERT_TRUE(validator.feed(std::span{text}.subspan(first, second - first)));
            ASSERT_TRUE(validator.feed(std::span{text}.subspan(second)));
            ASSERT_TRUE(validator.complete());
        }
}

TEST(utf8, a_fault_is_seen_in_the_piece_that_holds_it) {
    const Bytes text{'a', 0xE2, 0x82, 0xAC, 0xED, 0xA0, 'z'};
    Utf8Validator validator;
    for (std::size_t i = 0; i < 5; ++i)
        ASSERT_TRUE(validator.feed(std::span{text}.subspan(i, 1))) << i;
    EXPECT_FALSE(validator.feed(std::span{text}.subspan(5, 1)));
}

}  // namespace
}  // namespace wsecho::protocol
