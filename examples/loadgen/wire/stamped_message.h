// The message that is sent: the same text each time, but for a stamp of the connection's and
// the message's number, so that every echo can be told apart and checked byte for byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "wire/frames.h"

namespace wsecho::loadgen {

struct Stamp {
    std::uint32_t connection = 0;
    std::uint32_t sequence = 0;
};

// The sequence number in the stamp with which a message begins, if there is one. What stands
// around it is not looked at.
[[nodiscard]] std::optional<std::uint32_t> stamped_sequence(Bytes payload) noexcept;

// Both forms are made once and patched for each use: spans stay valid until the next call.
class StampedMessage {
  public:
    // JSON from 64 bytes on; a shorter message is as much of its stamp as fits.
    StampedMessage(std::size_t size, Opcode opcode);

    [[nodiscard]] Bytes payload(Stamp stamp) noexcept;
    [[nodiscard]] Bytes masked_frame(Stamp stamp) noexcept;

    // `count` frames in a row with rising sequence numbers, for one send.
    [[nodiscard]] Bytes masked_frames(Stamp first, std::size_t count);

    [[nodiscard]] std::size_t size() const noexcept { return payload_.size(); }
    [[nodiscard]] std::size_t frame_size() const noexcept { return frame_.size(); }
    [[nodiscard]] Opcode opcode() const noexcept { return opcode_; }

  private:
    Opcode opcode_;
    std::vector<std::uint8_t> payload_;
    std::vector<std::uint8_t> frame_;
    std::vector<std::uint8_t> batch_;
};

}  // namespace wsecho::loadgen
