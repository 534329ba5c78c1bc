// How often a connection is pinged: less and less often while answers come in time, twice as
// often after one that did not, within bounds. How soon a NAT on the way forgets a quiet path
// neither end knows: so each finds what it bears. Pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "runtime/time.h"

namespace wsecho::runtime {

// From a millisecond to 49 days. Where both are equal, the interval is fixed.
struct HeartbeatBounds {
    Duration lower;
    Duration upper;
};

// Bounds belong to the server and are passed in: this is kept for each connection.
class HeartbeatPace {
  public:
    // An answer came in time: the interval grows by half. It begins with the lower bound.
    void answered(const HeartbeatBounds& bounds) noexcept {
        const std::uint64_t before = to_millis(interval(bounds));
        set(before + (before + 1) / 2);
    }
    // None came, or too late: the interval halves.
    void missed(const HeartbeatBounds& bounds) noexcept { set(to_millis(interval(bounds)) / 2); }

    [[nodiscard]] Duration interval(const HeartbeatBounds& bounds) const noexcept {
        return within(std::chrono::milliseconds{millis_}, bounds);
    }

    // From one ping to the next: up to a tenth more or less than the interval, so that those who
    // lost answers together do not go on together; evenly over what the bounds leave of that. A
    // fixed interval is exact: who began spread stays spread. `random` is a word of even
    // distribution.
    [[nodiscard]] Duration next(const HeartbeatBounds& bounds,
                                std::uint64_t random) const noexcept {
        const Duration middle = interval(bounds);
        const Duration least = within(middle - middle / 10, bounds);
        const Duration most = within(middle + middle / 10, bounds);
        const double fraction = static_cast<double>(random >> 11U) * 0x1p-53;
        return least + Duration{static_cast<Duration::rep>(
                           static_cast<double>((most - least).count()) * fraction)};
    }

  private:
    static Duration within(Duration interval, const HeartbeatBounds& bounds) noexcept {
        return std::max(std::min(interval, bounds.upper), bounds.lower);
    }
    static std::uint64_t to_millis(Duration interval) noexcept {
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(interval).count());
    }
    // What lies beyond the bounds is cut off when it is asked for.
    void set(std::uint64_t millis) noexcept {
        millis_ = static_cast<std::uint32_t>(
            std::min<std::uint64_t>(millis, std::numeric_limits<std::uint32_t>::max()));
    }

    std::uint32_t millis_ = 0;
};

}  // namespace wsecho::runtime
