// WebSocket frames (RFC 6455, section 5): opcodes, limits and the header's encoding.
// Pure: knows no socket, clock or thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace wsecho::protocol {

// RFC 6455, section 11.8.
enum class Opcode : std::uint8_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA,
};

constexpr bool is_control(Opcode opcode) noexcept {
    return (static_cast<std::uint8_t>(opcode) & 0x8U) != 0;
}

// Section 5.5: control frames carry at most 125 bytes and are never fragmented.
inline constexpr std::size_t max_control_payload = 125;

// A server's header is 2, 4 or 10 bytes: it has no masking key (section 5.1).
inline constexpr std::size_t max_server_header = 10;

constexpr std::size_t server_header_size(std::size_t payload_size) noexcept {
    if (payload_size <= 125) return 2;
    return payload_size <= 0xFFFF ? 4 : 10;
}

constexpr std::size_t server_frame_size(std::size_t payload_size) noexcept {
    return server_header_size(payload_size) + payload_size;
}

// The header of one whole, unmasked frame: a message the server sends in a single frame.
class ServerHeader {
  public:
    // `compressed`: the payload is (RFC 7692, section 6).
    ServerHeader(Opcode opcode, std::size_t payload_size, bool compressed = false) noexcept;

    [[nodiscard]] std::span<const std::uint8_t> bytes() const noexcept {
        return {bytes_.data(), size_};
    }

    [[nodiscard]] bool is_compressed() const noexcept { return (bytes_[0] & 0x40U) != 0; }

    // Writes max_server_header bytes, of which the first bytes().size() count: a copy of fixed
    // size costs less than one that is only as long as it must be.
    void write_to(std::uint8_t* memory) const noexcept {
        std::memcpy(memory, bytes_.data(), bytes_.size());
    }

  private:
    std::array<std::uint8_t, max_server_header> bytes_{};
    std::size_t size_;
};

}  // namespace wsecho::protocol
