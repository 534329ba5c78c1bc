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

void Channel::Turn::keep(const runtime::HistoryBounds& bounds) {
    if (bounds.keep_nothing())
        channel_.history_.reset();
    else if (!channel_.history_ || channel_.history_->bounds() != bounds)
        channel_.history_ = std::make_unique<ChannelHistory>(bounds, channel_.published_);
}

void Channel::Turn::record(const SharedMessage& message, runtime::TimePoint now) {
    channel_.history_->append(message, message->frame().size(), now);
}

// A number of another epoch says nothing: all that is kept may be new to him.
Missed Channel::Turn::missed_since(const LastSeen& seen, runtime::TimePoint now) {
    const bool is_same = seen.epoch == 0 || seen.epoch == channel_.epoch_;
    const std::uint64_t number = is_same ? seen.number : 0;
    Missed missed;
    missed.epoch = channel_.epoch_;
    missed.newest = channel_.published_;
    missed.first = channel_.published_ + 1;
    missed.is_complete = is_same && number == channel_.published_;
    if (!channel_.history_) return missed;
    const auto since =
        channel_.history_->since(number, now, [&](std::uint64_t, const SharedMessage& message) {
            missed.messages.push_back(message);
            missed.bytes += message->frame().size();
        });
    missed.first -= missed.messages.size();
    missed.is_complete = is_same && since.complete;
    return missed;
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
