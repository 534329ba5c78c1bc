#include "protocol/utf8.h"

#include <cstddef>
#include <cstring>

namespace wsecho::protocol {

namespace {

// How many bytes at the start of `text` lie in whole 32-byte blocks of ASCII.
std::size_t ascii_prefix(std::span<const std::uint8_t> text) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080ULL;
    std::size_t done = 0;
    while (text.size() - done >= 32) {
        std::uint64_t words[4];
        std::memcpy(words, text.data() + done, sizeof words);
        if (((words[0] | words[1] | words[2] | words[3]) & high_bits) != 0) break;
        done += 32;
    }
    return done;
}

}  // namespace

// RFC 3629, section 4: the first byte fixes the length, and sometimes the range of the second.
bool Utf8Validator::start_character(std::uint8_t byte) noexcept {
    lowest_ = 0x80;
    highest_ = 0xBF;
    if (byte < 0x80) return true;
    if (byte < 0xC2) return false;  // a stray continuation byte, or an overlong form
    if (byte < 0xE0) {
        missing_ = 1;
    } else if (byte < 0xF0) {
        missing_ = 2;
        if (byte == 0xE0) lowest_ = 0xA0;
        if (byte == 0xED) highest_ = 0x9F;
    } else if (byte < 0xF5) {
        missing_ = 3;
        if (byte == 0xF0) lowest_ = 0x90;
        if (byte == 0xF4) highest_ = 0x8F;
    } else {
        return false;
    }
    return true;
}

bool Utf8Validator::feed(std::span<const std::uint8_t> text) noexcept {
    std::size_t i = 0;
    while (i < text.size()) {
        if (missing_ == 0) {
            i += ascii_prefix(text.subspan(i));
            if (i == text.size()) break;
            if (!start_character(text[i++])) return false;
            continue;
        }
        const std::uint8_t byte = text[i++];
        if (byte < lowest_ || byte > highest_) return false;
        lowest_ = 0x80;
        highest_ = 0xBF;
        --missing_;
    }
    return true;
}

bool is_utf8(std::span<const std::uint8_t> text) noexcept {
    Utf8Validator validator;
    return validator.feed(text) && validator.complete();
}

}  // namespace wsecho::protocol
