// A client's frames (RFC 6455, section 5.3): masked, each with a key of its own. Pure: the key is
// drawn elsewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "protocol/frame.h"
#include "protocol/unmask.h"

namespace wsecho::protocol {

inline constexpr std::size_t masking_key_size = sizeof(MaskingKey);

constexpr std::size_t client_frame_size(std::size_t payload_size) noexcept {
    return server_frame_size(payload_size) + masking_key_size;
}

// Appends a whole message in one frame.
void append_client_frame(std::vector<std::uint8_t>& to, Opcode opcode,
                         std::span<const std::uint8_t> payload, MaskingKey key);

}  // namespace wsecho::protocol
