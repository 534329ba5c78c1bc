// When a dialed connection is tried, and where: endpoints in order, a wait when all have failed,
// an end when nothing can help. A state machine that knows no socket: the time and random words are
// passed in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "runtime/backoff.h"
#include "runtime/time.h"

namespace wsecho::engine {

// The numbers are those of the C header.
enum class DialState : std::uint8_t { idle = 0, connecting = 1, connected = 2, disconnected = 3 };

struct DialTimes {
    runtime::Duration connect_timeout = std::chrono::seconds{10};  // of an attempt, in all
    runtime::Duration retry_first = std::chrono::milliseconds{500};
    runtime::Duration retry_max = std::chrono::seconds{30};
    std::uint64_t max_attempts = 0;  // in a row; 0: for ever
};

class DialPlan {
  public:
    // There is an endpoint at least; it begins with `first`.
    DialPlan(const DialTimes& times, std::size_t endpoints, std::size_t first);

    [[nodiscard]] DialState state() const noexcept { return state_; }
    // Of the attempt in hand, or the next.
    [[nodiscard]] std::size_t endpoint() const noexcept {
        return (first_ + place_) % is_hopeless_.size();
    }
    // Attempts in a row that have failed.
    [[nodiscard]] std::uint64_t failures() const noexcept { return failures_; }
    // When it has to go on: by its deadline, or with the next attempt. Else never.
    [[nodiscard]] runtime::TimePoint due() const noexcept { return due_; }

    // From Idle, or where it gave up: everything begins anew. To Connecting.
    void start(runtime::TimePoint now);
    // The wait is over. To Connecting.
    void try_again(runtime::TimePoint now);
    // To Connected.
    void connected(runtime::TimePoint now);
    // To Disconnected; how long it waits before the next attempt, or nothing: it gives up. A
    // failure that is permanent rules its endpoint out.
    std::optional<runtime::Duration> failed(bool is_permanent, runtime::TimePoint now,
                                            std::uint64_t random);
    std::optional<runtime::Duration> lost(runtime::TimePoint now, std::uint64_t random);
    // To Idle.
    void stop() noexcept;

  private:
    // At this place or behind it, one that is not ruled out.
    [[nodiscard]] std::optional<std::size_t> usable_from(std::size_t place) const noexcept;
    std::optional<runtime::Duration> wait(runtime::TimePoint now, std::uint64_t random);
    std::optional<runtime::Duration> give_up() noexcept;

    DialTimes times_;
    runtime::Backoff backoff_;
    std::vector<bool> is_hopeless_;  // by endpoint
    std::size_t first_;
    std::size_t place_ = 0;  // in the order of this connection
    std::uint64_t failures_ = 0;
    DialState state_ = DialState::idle;
    runtime::TimePoint due_ = runtime::TimePoint::max();
    runtime::TimePoint connected_at_{};
};

}  // namespace wsecho::engine
