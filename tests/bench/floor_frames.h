// Rewrites a client's frames into a server's, in the buffer they were received in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace wsecho::floor_server {

inline constexpr unsigned opcode_close = 0x8;
inline constexpr unsigned opcode_ping = 0x9;
inline constexpr unsigned opcode_pong = 0xA;

// One whole frame as a client sent it.
struct ClientFrame {
    unsigned opcode = 0;
    bool final = true;
    std::size_t header_size = 0;  // with the masking key
    std::size_t payload_size = 0;

    [[nodiscard]] std::size_t size() const noexcept { return header_size + payload_size; }
};

enum class Parsed { whole, partial, broken };

// `frame` is set when the answer is whole.
[[nodiscard]] Parsed parse_frame(std::span<const std::uint8_t> bytes, ClientFrame& frame) noexcept;

// A server's header is shorter than a client's, so the answer to the frame at `from` fits in
// front of it; `to` is where the answer begins. Returns where it ends.
std::uint8_t* write_answer(std::uint8_t* to, const std::uint8_t* from, const ClientFrame& frame,
                           unsigned opcode) noexcept;

// Where the answer can begin so that the payload need not move.
[[nodiscard]] std::size_t room_before_answer(const ClientFrame& frame) noexcept;

}  // namespace wsecho::floor_server
