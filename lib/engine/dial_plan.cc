#include "engine/dial_plan.h"

#include <algorithm>

namespace wsecho::engine {

using runtime::Duration;
using runtime::TimePoint;

DialPlan::DialPlan(const DialTimes& times, std::size_t endpoints, std::size_t first)
    : times_(times),
      backoff_(times.retry_first, times.retry_max),
      is_hopeless_(endpoints, false),
      first_(first % endpoints) {}

void DialPlan::start(TimePoint now) {
    std::fill(is_hopeless_.begin(), is_hopeless_.end(), false);
    backoff_.reset();
    failures_ = 0;
    place_ = 0;
    try_again(now);
}

void DialPlan::try_again(TimePoint now) {
    state_ = DialState::connecting;
    due_ = now + times_.connect_timeout;
}

void DialPlan::connected(TimePoint now) {
    state_ = DialState::connected;
    due_ = TimePoint::max();
    failures_ = 0;
    connected_at_ = now;
}

void DialPlan::stop() noexcept {
    state_ = DialState::idle;
    due_ = TimePoint::max();
}

// To the next endpoint at once: that is what it is there for. When all have had their turn, a wait.
std::optional<Duration> DialPlan::failed(bool is_permanent, TimePoint now, std::uint64_t random) {
    state_ = DialState::disconnected;
    ++failures_;
    if (is_permanent) is_hopeless_[endpoint()] = true;
    if (times_.max_attempts != 0 && failures_ >= times_.max_attempts) return give_up();
    if (const auto next = usable_from(place_ + 1)) {
        place_ = *next;
        due_ = now;
        return Duration{0};
    }
    return wait(now, random);
}

// All clients of a server lose it together: each waits before it comes back. A connection that has
// not lasted for as long as the wait behind it may be is no success after which to begin anew.
std::optional<Duration> DialPlan::lost(TimePoint now, std::uint64_t random) {
    state_ = DialState::disconnected;
    if (now - connected_at_ >= backoff_.ceiling()) backoff_.reset();
    return wait(now, random);
}

std::optional<Duration> DialPlan::wait(TimePoint now, std::uint64_t random) {
    const auto next = usable_from(0);
    if (!next) return give_up();
    place_ = *next;
    const Duration delay = backoff_.next(random);
    due_ = now + delay;
    return delay;
}

std::optional<Duration> DialPlan::give_up() noexcept {
    due_ = TimePoint::max();
    return std::nullopt;
}

std::optional<std::size_t> DialPlan::usable_from(std::size_t place) const noexcept {
    for (; place < is_hopeless_.size(); ++place)
        if (!is_hopeless_[(first_ + place) % is_hopeless_.size()]) return place;
    return std::nullopt;
}

}  // namespace wsecho::engine
