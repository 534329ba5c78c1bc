// What a connection's round trips were: last, smoothed, variation, minimum. Pure.
//
// RFC 6298, section 2, with alpha = 1/8 and beta = 1/4: the first sample R gives
//     SRTT = R, RTTVAR = R / 2,
// each further one
//     RTTVAR = 3/4 RTTVAR + 1/4 |SRTT - R|, then SRTT = 7/8 SRTT + 1/8 R.
// In whole microseconds, the two averages kept 8 and 4 times as large, so that none is stuck
// beside its goal (Jacobson, "Congestion Avoidance and Control", 1988, appendix A).
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "runtime/time.h"

namespace wsecho::runtime {

class RoundTripTimes {
  public:
    // A longer sample counts as this one, nearly nine minutes.
    static constexpr std::chrono::microseconds longest{(1U << 29U) - 1};

    [[nodiscard]] bool empty() const noexcept { return minimum_ == none; }

    void add(Duration sample) noexcept {
        const std::uint32_t micros = to_micros(sample);
        if (empty()) {
            smoothed_8_ = 8 * micros;
            variation_4_ = 2 * micros;
        } else {
            const std::uint32_t smoothed = smoothed_8_ / 8;
            const std::uint32_t error = std::max(micros, smoothed) - std::min(micros, smoothed);
            variation_4_ = variation_4_ - variation_4_ / 4 + error;
            smoothed_8_ = smoothed_8_ - smoothed + micros;
        }
        last_ = micros;
        minimum_ = std::min(minimum_, micros);
    }

    // All of them nothing as long as there is no sample.
    [[nodiscard]] Duration last() const noexcept { return from_micros(last_); }
    [[nodiscard]] Duration smoothed() const noexcept { return from_micros(smoothed_8_ / 8); }
    [[nodiscard]] Duration variation() const noexcept { return from_micros(variation_4_ / 4); }
    [[nodiscard]] Duration minimum() const noexcept { return from_micros(empty() ? 0 : minimum_); }

  private:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    // A clock that stepped back gives nothing, not a time below it.
    static std::uint32_t to_micros(Duration sample) noexcept {
        const Duration within = std::clamp<Duration>(sample, Duration{0}, longest);
        return static_cast<std::uint32_t>(
            std::chrono::round<std::chrono::microseconds>(within).count());
    }
    static Duration from_micros(std::uint32_t micros) noexcept {
        return std::chrono::microseconds{micros};
    }

    std::uint32_t last_ = 0;
    std::uint32_t smoothed_8_ = 0;
    std::uint32_t variation_4_ = 0;
    std::uint32_t minimum_ = none;
};

}  // namespace wsecho::runtime
