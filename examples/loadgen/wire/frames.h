// The client's side of WebSocket framing (RFC 6455, section 5): writes masked headers,
// reads a server's byte stream without copying payloads. Knows no socket.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace wsecho::loadgen {

using Bytes = std::span<const std::uint8_t>;

enum class Opcode : std::uint8_t {
    continuation = 0x0,
    text = 0x1,
    binary = 0x2,
    close = 0x8,
    ping = 0x9,
    pong = 0xA,
};

using MaskingKey = std::array<std::uint8_t, 4>;

// One fixed key: the masking guards proxies against hostile scripts, and here a frame that
// is masked once and sent a million times is what keeps the generator cheap.
inline constexpr MaskingKey masking_key{0x37, 0xfa, 0x21, 0x3d};

// A whole masked frame; `compressed` sets the bit of RFC 7692.
[[nodiscard]] std::vector<std::uint8_t> client_frame(Opcode opcode, Bytes payload);
void append_client_frame(std::vector<std::uint8_t>& bytes, Opcode opcode, Bytes payload,
                         bool compressed);

[[nodiscard]] std::size_t client_header_size(std::size_t payload_size) noexcept;

// A piece of a data message's payload.
struct PayloadChunk {
    Bytes bytes;
    std::uint64_t position = 0;  // of its first byte in the message
    Opcode opcode = Opcode::text;
    bool ends_message = false;
    bool compressed = false;  // the message it belongs to
};

struct ServerFrameHeader {
    Opcode opcode = Opcode::text;
    bool final = true;
    bool compressed = false;
    std::uint64_t payload_size = 0;
    std::size_t size = 0;        // of the header itself
    std::string_view problem{};  // why a client must not accept it; empty if it may
};

// Nothing when `bytes` ends before the header does.
[[nodiscard]] std::optional<ServerFrameHeader> decode_server_header(Bytes bytes) noexcept;

// Reads one connection's stream, cut anywhere. Payload goes to the caller in place, as it
// arrives; only a header or a control frame that a read cuts in two is kept here. Small: there is
// one for each connection.
class FrameReader {
  public:
    // Whether the handshake agreed on permessage-deflate.
    void allow_compression() noexcept { allows_compression_ = true; }

    // Calls on_payload(PayloadChunk) and on_control(Opcode, Bytes payload).
    // Returns what broke the protocol, or nothing: after a problem, read no more.
    template <class OnPayload, class OnControl>
    std::string_view read(Bytes bytes, OnPayload&& on_payload, OnControl&& on_control) {
        std::string_view problem;
        if (partial_) {
            // Rare, so simple: a byte at a time until what was cut is whole.
            while (!bytes.empty() && partial_) {
                partial_->push_back(bytes.front());
                bytes = bytes.subspan(1);
                const Bytes rest = take(*partial_, problem, on_payload, on_control);
                if (!problem.empty()) return problem;
                if (rest.empty()) partial_.reset();
            }
        }
        const Bytes rest = take(bytes, problem, on_payload, on_control);
        if (!rest.empty() && problem.empty()) {
            partial_ = std::make_unique<std::vector<std::uint8_t>>(rest.begin(), rest.end());
        }
        return problem;
    }

  private:
    // Returns what is left: a header or a control frame that is not whole yet.
    template <class OnPayload, class OnControl>
    Bytes take(Bytes bytes, std::string_view& problem, OnPayload& on_payload,
               OnControl& on_control) {
        for (;;) {
            if (in_frame_) {
                const auto size = static_cast<std::size_t>(
                    std::min<std::uint64_t>(frame_remaining_, bytes.size()));
                if (size == 0 && frame_remaining_ != 0) return {};
                frame_remaining_ -= static_cast<std::uint32_t>(size);
                const bool ends = frame_remaining_ == 0 && final_;
                const std::uint64_t position = message_position_;
                message_position_ = ends ? 0 : position + size;
                if (frame_remaining_ == 0) in_frame_ = false;
                if (ends) in_message_ = false;
                on_payload(PayloadChunk{bytes.first(size), position, opcode_, ends, compressed_});
                bytes = bytes.subspan(size);
                continue;
            }
            if (bytes.empty()) return {};
            const std::optional<ServerFrameHeader> header = decode_server_header(bytes);
            if (!header) return bytes;
            problem = begin(*header);
            if (!problem.empty()) return {};
            if (is_control(header->opcode)) {
                const auto payload_size = static_cast<std::size_t>(header->payload_size);
                if (bytes.size() < header->size + payload_size) return bytes;
                on_control(header->opcode, bytes.subspan(header->size, payload_size));
                bytes = bytes.subspan(header->size + payload_size);
            } else {
                bytes = bytes.subspan(header->size);
            }
        }
    }

    static constexpr bool is_control(Opcode opcode) {
        return (static_cast<unsigned>(opcode) & 0x8U) != 0;
    }

    // Returns why this header must not come now; nothing if it may.
    std::string_view begin(const ServerFrameHeader& header) noexcept;

    std::unique_ptr<std::vector<std::uint8_t>> partial_;
    std::uint64_t message_position_ = 0;
    std::uint32_t frame_remaining_ = 0;
    Opcode opcode_ = Opcode::text;
    bool final_ : 1 = true;
    bool in_frame_ : 1 = false;
    bool in_message_ : 1 = false;
    bool compressed_ : 1 = false;
    bool allows_compression_ : 1 = false;
};

}  // namespace wsecho::loadgen
