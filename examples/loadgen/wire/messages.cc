// Chooses the size of a message by its stamp, and puts frames of several sizes together.
#include "wire/messages.h"

#include <algorithm>

namespace wsecho::loadgen {

Messages::Messages(SizeRange sizes, Opcode opcode, bool deflate) : opcode_(opcode) {
    const std::size_t span = sizes.max - sizes.min;
    const std::size_t steps = std::min(span, max_sizes - 1);
    messages_.reserve(steps + 1);
    for (std::size_t step = 0; step <= steps; ++step) {
        const std::size_t size = steps == 0 ? sizes.min : sizes.min + span * step / steps;
        messages_.emplace_back(size, opcode);
    }
    if (deflate) deflater_ = std::make_unique<Deflater>();
}

// A hash of the stamp (Knuth's multiplicative one): neighbours get unlike sizes.
std::size_t Messages::index_of(Stamp stamp) const noexcept {
    const std::uint64_t mixed =
        (std::uint64_t{stamp.connection} << 32U | stamp.sequence) * 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>((mixed >> 32U) % messages_.size());
}

Bytes Messages::frames(Stamp first, std::uint32_t count) {
    if (!deflater_ && messages_.size() == 1) return messages_.front().masked_frames(first, count);
    batch_.clear();
    for (std::uint32_t index = 0; index < count; ++index) {
        const Stamp stamp{first.connection, first.sequence + index};
        if (deflater_) {
            append_client_frame(batch_, opcode_, deflater_->deflate(payload(stamp)), true);
        } else {
            const Bytes frame = of(stamp).masked_frame(stamp);
            batch_.insert(batch_.end(), frame.begin(), frame.end());
        }
    }
    return batch_;
}

}  // namespace wsecho::loadgen
