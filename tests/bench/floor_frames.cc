// Frame headers in both directions, and the unmasking between them.
#include "floor_frames.h"

#include <array>
#include <cstring>

namespace wsecho::floor_server {
namespace {

constexpr std::size_t key_size = 4;

std::size_t answer_header_size(std::size_t payload_size) {
    return payload_size <= 125 ? 2U : payload_size <= 0xFFFF ? 4U : 10U;
}

// `to` may lie before `from` in the same buffer: each block is read before it is written.
void unmask(std::uint8_t* to, const std::uint8_t* from, std::size_t size, const std::uint8_t* key) {
    std::array<std::uint8_t, 32> keys{};
    for (std::size_t at = 0; at < keys.size(); at += key_size) {
        std::memcpy(keys.data() + at, key, key_size);
    }
    std::size_t at = 0;
    for (; at + keys.size() <= size; at += keys.size()) {
        std::array<std::uint8_t, 32> block{};
        std::memcpy(block.data(), from + at, block.size());
        for (std::size_t index = 0; index < block.size(); ++index) {
            block[index] = static_cast<std::uint8_t>(block[index] ^ keys[index]);
        }
        std::memcpy(to + at, block.data(), block.size());
    }
    for (; at < size; ++at)
        to[at] = static_cast<std::uint8_t>(from[at] ^ keys[at % key_size]);
}

}  // namespace

Parsed parse_frame(std::span<const std::uint8_t> bytes, ClientFrame& frame) noexcept {
    if (bytes.size() < 2) return Parsed::partial;
    if ((bytes[1] & 0x80U) == 0) return Parsed::broken;
    const std::size_t short_length = bytes[1] & 0x7FU;
    const std::size_t length_bytes = short_length < 126 ? 0U : short_length == 126 ? 2U : 8U;
    const std::size_t header_size = 2 + length_bytes + key_size;
    if (bytes.size() < header_size) return Parsed::partial;
    std::size_t payload_size = short_length;
    if (length_bytes > 0) {
        payload_size = 0;
        for (const std::uint8_t byte : bytes.subspan(2, length_bytes)) {
            payload_size = payload_size << 8U | byte;
        }
    }
    if (bytes.size() - header_size < payload_size) return Parsed::partial;
    frame = {bytes[0] & 0x0FU, (bytes[0] & 0x80U) != 0, header_size, payload_size};
    return Parsed::whole;
}

std::size_t room_before_answer(const ClientFrame& frame) noexcept {
    return frame.header_size - answer_header_size(frame.payload_size);
}

std::uint8_t* write_answer(std::uint8_t* to, const std::uint8_t* from, const ClientFrame& frame,
                           unsigned opcode) noexcept {
    // Copied first: the header that is written may cover it.
    std::array<std::uint8_t, key_size> key{};
    std::memcpy(key.data(), from + frame.header_size - key_size, key_size);
    const std::size_t header_size = answer_header_size(frame.payload_size);
    to[0] = static_cast<std::uint8_t>((frame.final ? 0x80U : 0U) | opcode);
    to[1] = static_cast<std::uint8_t>(header_size == 2   ? frame.payload_size
                                      : header_size == 4 ? 126U
                                                         : 127U);
    for (std::size_t index = 2; index < header_size; ++index) {
        to[index] = static_cast<std::uint8_t>(
            frame.payload_size >> (8 * (header_size - 1 - index)) & 0xFFU);
    }
    unmask(to + header_size, from + frame.header_size, frame.payload_size, key.data());
    return to + header_size + frame.payload_size;
}

}  // namespace wsecho::floor_server
