// Removes a client's masking (RFC 6455, section 5.3) in place. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wsecho::protocol {

using MaskingKey = std::array<std::uint8_t, 4>;

// `position` is how many bytes of the frame's payload came before `payload`, so that a
// frame may be unmasked in pieces. True if what came out is all ASCII: while the bytes are in
// hand, looking costs nothing, and such text needs no other check.
bool unmask(std::span<std::uint8_t> payload, MaskingKey key, std::uint64_t position) noexcept;

}  // namespace wsecho::protocol
