#include "engine/channel.h"

namespace wsecho::engine {

void Channel::Turn::join(Membership& membership, unsigned loop) noexcept {
    membership.joined = channel_.published_;
    ++channel_.size_;
    ++channel_.of_loops_[loop].members;
}

void Channel::Turn::leave(Membership& membership, unsigned loop) noexcept {
    if (!membership.goes_on()) return;
    membership.left.store(channel_.published_, std::memory_order_release);
    --channel_.size_;
    --channel_.of_loops_[loop].members;
}

void Channel::place(Membership& membership, unsigned loop) {
    auto& placed = of_loops_[loop].placed;
    placed.push_back(&membership);
    membership.index = placed.size() - 1;
}

void Channel::displace(Membership& membership, unsigned loop) noexcept {
    if (membership.index == Membership::nowhere) return;
    auto& placed = of_loops_[loop].placed;
    placed.back()->index = membership.index;
    placed[membership.index] = placed.back();
    placed.pop_back();
    membership.index = Membership::nowhere;
}

}  // namespace wsecho::engine
