// The messages of a run: of one size or of a range of sizes, plain or deflated. Sender and
// checker ask for the same stamp and get the same message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "wire/deflate.h"
#include "wire/frames.h"
#include "wire/stamped_message.h"

namespace wsecho::loadgen {

struct SizeRange {
    std::size_t min = 256;
    std::size_t max = 256;

    [[nodiscard]] bool is_single() const noexcept { return min == max; }
};

class Messages {
  public:
    // A range is spread evenly over at most this many sizes, its ends among them.
    static constexpr std::size_t max_sizes = 64;

    Messages(SizeRange sizes, Opcode opcode, bool deflate);

    [[nodiscard]] Opcode opcode() const noexcept { return opcode_; }

    // Spans stay valid until the next call of either.
    [[nodiscard]] Bytes payload(Stamp stamp) { return of(stamp).payload(stamp); }
    // `count` masked frames in a row with rising sequence numbers, for one send.
    [[nodiscard]] Bytes frames(Stamp first, std::uint32_t count);

  private:
    [[nodiscard]] StampedMessage& of(Stamp stamp) {
        return messages_.size() == 1 ? messages_.front() : messages_[index_of(stamp)];
    }
    [[nodiscard]] std::size_t index_of(Stamp stamp) const noexcept;

    Opcode opcode_;
    std::vector<StampedMessage> messages_;  // one for each size
    std::unique_ptr<Deflater> deflater_;
    std::vector<std::uint8_t> batch_;
};

}  // namespace wsecho::loadgen
