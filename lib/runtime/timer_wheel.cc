#include "runtime/timer_wheel.h"

#include <algorithm>

namespace wsecho::runtime {

void Timer::unlink() noexcept {
    if (next_ == nullptr) return;
    previous_->next_ = next_;
    next_->previous_ = previous_;
    previous_ = next_ = nullptr;
}

TimerWheel::Level::Level() noexcept {
    for (Timer& head : heads)
        head.previous_ = head.next_ = &head;
}

TimerWheel::TimerWheel(TimePoint start, Duration tick) : start_(start), tick_(tick) {}

std::uint64_t TimerWheel::tick_of(TimePoint time) const noexcept {
    return time <= start_ ? 0 : static_cast<std::uint64_t>((time - start_) / tick_);
}

void TimerWheel::schedule(Timer& timer, TimePoint due) noexcept {
    timer.unlink();
    // Rounded up, so that a timer never fires before it is due.
    timer.due_tick_ = std::max(current_, tick_of(due + tick_ - Duration{1}));
    place(timer);
}

// Level n holds what is due within 256^(n+1) ticks, sorted to 256^n ticks.
void TimerWheel::place(Timer& timer) noexcept {
    const std::uint64_t distance = timer.due_tick_ - current_;
    std::size_t level = 0;
    while (level + 1 < levels && distance >= (1ULL << (slot_bits * (level + 1))))
        ++level;
    // Beyond the last level's range: parked in its farthest slot and placed anew from there.
    const std::uint64_t farthest = (1ULL << (slot_bits * levels)) - 1;
    const std::uint64_t tick = current_ + std::min(distance, farthest);

    Timer& head = levels_[level].heads[(tick >> (slot_bits * level)) & (slots - 1)];
    timer.previous_ = head.previous_;
    timer.next_ = &head;
    head.previous_->next_ = &timer;
    head.previous_ = &timer;
}

// Where a level's slot begins, its timers are sorted into the finer levels.
void TimerWheel::cascade() noexcept {
    for (std::size_t level = 1; level < levels; ++level) {
        const unsigned shift = slot_bits * static_cast<unsigned>(level);
        if ((current_ & ((1ULL << shift) - 1)) != 0) return;
        Timer& head = levels_[level].heads[(current_ >> shift) & (slots - 1)];
        while (head.next_ != &head) {
            Timer& timer = *head.next_;
            timer.unlink();
            place(timer);
        }
    }
}

Timer* TimerWheel::take_due(TimePoint now) noexcept {
    const std::uint64_t now_tick = tick_of(now);
    for (;;) {
        Timer& head = levels_[0].heads[current_ & (slots - 1)];
        if (current_ <= now_tick && head.next_ != &head) {
            Timer* due = head.next_;
            due->unlink();
            return due;
        }
        if (current_ >= now_tick) return nullptr;
        // Straight to where something is, however long nothing was.
        current_ = std::min(now_tick, std::max(current_ + 1, earliest_tick().value_or(now_tick)));
        cascade();
    }
}

// Where the first slot that holds something begins.
std::optional<std::uint64_t> TimerWheel::earliest_tick() const noexcept {
    std::optional<std::uint64_t> earliest;
    for (std::size_t level = 0; level < levels; ++level) {
        const unsigned shift = slot_bits * static_cast<unsigned>(level);
        const std::uint64_t position = current_ >> shift;
        // A coarse level's own slot holds only what is a full turn away.
        for (std::uint64_t step = level == 0 ? 0 : 1; step <= slots; ++step) {
            const Timer& head = levels_[level].heads[(position + step) & (slots - 1)];
            if (head.next_ == &head) continue;
            const std::uint64_t tick = (position + step) << shift;
            if (!earliest || tick < *earliest) earliest = tick;
            break;
        }
    }
    return earliest;
}

std::optional<TimePoint> TimerWheel::next_wake() const noexcept {
    const auto earliest = earliest_tick();
    if (!earliest) return std::nullopt;
    return start_ + tick_ * static_cast<Duration::rep>(*earliest);
}

}  // namespace wsecho::runtime
