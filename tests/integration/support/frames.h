// Frames as a client writes them, right or wrong, and as it reads them (RFC 6455, section 5.2).
// Written apart from lib/protocol, so that a mistake there is not repeated here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wsecho::test {

enum Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

// What may be odd about a frame.
struct Shape {
    bool fin = true;
    bool masked = true;
    unsigned reserved_bits = 0;  // 4: RSV1, 2: RSV2, 1: RSV3
    // The length that the header claims, where it is not the payload's.
    std::optional<std::uint64_t> claimed_size = std::nullopt;
};

std::string frame(unsigned opcode, std::string_view payload, const Shape& shape = {});
inline std::string first_fragment(unsigned opcode, std::string_view payload) {
    return frame(opcode, payload, {.fin = false});
}
inline std::string middle_fragment(std::string_view payload) {
    return frame(continuation, payload, {.fin = false});
}
inline std::string last_fragment(std::string_view payload) {
    return frame(continuation, payload);
}
std::string close_frame(unsigned code, std::string_view reason = {});

struct Frame {
    unsigned opcode = 0;
    bool fin = false;
    std::string payload;
    std::size_t header_size = 0;
    bool compressed = false;

    // Of a close frame; 1005 where it has none.
    [[nodiscard]] unsigned close_code() const;
    [[nodiscard]] std::string close_reason() const;
};

// Takes a server's frame off the front of `bytes`; nothing while it is not whole. Throws on what
// no server may send: a mask, a reserved bit; but for that of compression, where it was agreed on.
std::optional<Frame> take_frame(std::string& bytes, bool allows_compression = false);

// The same of a client's frame, unmasked; throws where it has no mask.
std::optional<Frame> take_client_frame(std::string& bytes);

}  // namespace wsecho::test
