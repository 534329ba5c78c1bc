// When each message of an open loop is due, whether or not earlier ones were answered. Due times
// are evenly spaced and go to the connections in turn, so that any message's is arithmetic.
#pragma once

#include <cstdint>

#include "measure/clock.h"

namespace wsecho::loadgen {

class Schedule {
  public:
    Schedule() = default;
    // `rate` messages a second over `connections`, from `start` on; both above zero.
    Schedule(double rate, std::uint32_t connections, Time start)
        : spacing_(1e9 / rate), connections_(connections), start_(start) {}

    // The due time of the `turn`-th message, from 0, of the `place`-th connection.
    [[nodiscard]] Time due(std::uint32_t place, std::uint64_t turn) const noexcept {
        return due(turn * connections_ + place);
    }
    // The due time of the `index`-th message of all.
    [[nodiscard]] Time due(std::uint64_t index) const noexcept {
        return start_ + std::chrono::nanoseconds(
                            static_cast<std::int64_t>(static_cast<double>(index) * spacing_));
    }

  private:
    double spacing_ = 1e9;  // nanoseconds
    std::uint32_t connections_ = 1;
    Time start_;
};

}  // namespace wsecho::loadgen
