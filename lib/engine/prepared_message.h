// A message encoded once: header and payload in one block, shared by every queue it waits in.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "protocol/frame.h"

namespace wsecho::engine {

class PreparedMessage {
  public:
    PreparedMessage(protocol::Opcode opcode, std::span<const std::uint8_t> payload) {
        const protocol::ServerHeader header{opcode, payload.size()};
        frame_.reserve(header.bytes().size() + payload.size());
        frame_.insert(frame_.end(), header.bytes().begin(), header.bytes().end());
        frame_.insert(frame_.end(), payload.begin(), payload.end());
    }

    // Frames that are encoded already, one behind the other.
    explicit PreparedMessage(std::vector<std::uint8_t> frames) : frame_(std::move(frames)) {}

    [[nodiscard]] std::span<const std::uint8_t> frame() const noexcept { return frame_; }

    // Writes a number over number_size() bytes of the payload of a single frame, before it is
    // shared: in decimal behind spaces in a text, which JSON allows; in network order in a binary.
    static constexpr std::size_t number_size(protocol::Opcode opcode) noexcept {
        return opcode == protocol::Opcode::text ? 20 : sizeof(std::uint64_t);
    }
    void write_number(std::size_t at, std::uint64_t number) noexcept;

  private:
    std::vector<std::uint8_t> frame_;
};

using SharedMessage = std::shared_ptr<const PreparedMessage>;

inline SharedMessage prepare(protocol::Opcode opcode, std::span<const std::uint8_t> payload) {
    return std::make_shared<const PreparedMessage>(opcode, payload);
}

}  // namespace wsecho::engine
