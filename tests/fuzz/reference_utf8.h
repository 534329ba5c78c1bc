// UTF-8 by the numbers (RFC 3629, section 3): each character is put together and looked at, the
// slow and simple way.
#pragma once

#include "fuzz.h"

namespace wsecho::fuzz {

enum class Text : std::uint8_t {
    whole,    // valid, and ends between characters
    begun,    // valid so far, and ends inside a character
    invalid,  // whatever follows
};

inline Text judge_utf8(View text) {
    while (!text.empty()) {
        const std::uint32_t lead = text[0];
        if (lead < 0x80) {
            text = text.subspan(1);
            continue;
        }
        const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
        if (lead < 0xC0 || lead >= 0xF8) return Text::invalid;
        // The code points that the bytes which are there may become.
        std::uint32_t lowest = lead & (0xFFU >> (size + 1));
        std::uint32_t highest = lowest;
        for (std::size_t i = 1; i < size; ++i) {
            const bool is_there = i < text.size();
            if (is_there && (text[i] & 0xC0U) != 0x80U) return Text::invalid;
            lowest = (lowest << 6U) | (is_there ? text[i] & 0x3FU : 0U);
            highest = (highest << 6U) | (is_there ? text[i] & 0x3FU : 0x3FU);
        }
        const std::uint32_t shortest = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
        const bool is_surrogate = lowest >= 0xD800 && highest <= 0xDFFF;
        if (highest < shortest || lowest > 0x10FFFF || is_surrogate) return Text::invalid;
        if (text.size() < size) return Text::begun;
        text = text.subspan(size);
    }
    return Text::whole;
}

}  // namespace wsecho::fuzz
