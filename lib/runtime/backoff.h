// How long to wait before the next attempt: exponential backoff with full jitter, so that many
// who failed at once do not come back at once. Pure: the random word is passed in.
// Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog (2015):
//     delay = random between 0 and min(maximum, first * 2^attempts).
#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/time.h"

namespace wsecho::runtime {

class Backoff {
  public:
    // Below nothing counts as nothing: then no attempt waits.
    Backoff(Duration first, Duration maximum) noexcept
        : first_(std::clamp(first, Duration{0}, std::max(maximum, Duration{0}))),
          maximum_(std::max(maximum, Duration{0})) {}

    // The delay before the next attempt; `random` is a whole word of even distribution.
    [[nodiscard]] Duration next(std::uint64_t random) noexcept {
        const double fraction = static_cast<double>(random >> 11U) * 0x1p-53;
        const Duration delay{
            static_cast<Duration::rep>(static_cast<double>(ceiling_.count()) * fraction)};
        ceiling_ = ceiling_ > maximum_ / 2 ? maximum_ : ceiling_ * 2;
        ++attempts_;
        return delay;
    }

    // After a success: the next failure waits a short time again.
    void reset() noexcept {
        ceiling_ = first_;
        attempts_ = 0;
    }

    // Delays given out since the beginning or the last reset.
    [[nodiscard]] std::uint64_t attempts() const noexcept { return attempts_; }
    // What the next delay lies below.
    [[nodiscard]] Duration ceiling() const noexcept { return ceiling_; }

  private:
    Duration first_;
    Duration maximum_;
    Duration ceiling_ = first_;
    std::uint64_t attempts_ = 0;
};

}  // namespace wsecho::runtime
