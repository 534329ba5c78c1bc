// Spreads events evenly over an interval without knowing how many will come: the fractions of
// the golden ratio's multiples are a low-discrepancy sequence (Weyl; Knuth, TAOCP 6.4). Pure.
#pragma once

#include <cstdint>

#include "runtime/time.h"

namespace wsecho::runtime {

class Spread {
  public:
    // The next fraction, in parts of 2^64.
    std::uint64_t next_word() noexcept {
        position_ += 0x9E3779B97F4A7C15ULL;  // 2^64 / golden ratio
        return position_;
    }

    // The next event's offset, in [0, interval).
    Duration next(Duration interval) noexcept {
        const double fraction = static_cast<double>(next_word() >> 11U) * 0x1p-53;
        return Duration{
            static_cast<Duration::rep>(static_cast<double>(interval.count()) * fraction)};
    }

  private:
    std::uint64_t position_ = 0;
};

}  // namespace wsecho::runtime
