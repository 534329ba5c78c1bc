// UTF-8 validation (RFC 3629) in one piece or as it arrives. Pure.
#pragma once

#include <cstdint>
#include <span>

namespace wsecho::protocol {

// Judges text that comes in pieces; a fault is seen in the piece that holds it, so that a bad
// message is refused before its end (RFC 6455, section 8.1).
class Utf8Validator {
  public:
    // False as soon as no continuation could make the text valid; do not feed it after that.
    [[nodiscard]] bool feed(std::span<const std::uint8_t> text) noexcept;

    // Has the text ended between characters?
    [[nodiscard]] bool complete() const noexcept { return missing_ == 0; }

    void reset() noexcept { *this = Utf8Validator{}; }

  private:
    [[nodiscard]] bool start_character(std::uint8_t byte) noexcept;

    std::uint8_t missing_ = 0;     // continuation bytes still to come
    std::uint8_t lowest_ = 0x80;   // bounds of the next one: they exclude overlong forms,
    std::uint8_t highest_ = 0xBF;  // surrogates and what lies above U+10FFFF
};

[[nodiscard]] bool is_utf8(std::span<const std::uint8_t> text) noexcept;

}  // namespace wsecho::protocol
