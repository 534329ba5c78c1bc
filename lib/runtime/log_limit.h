// How many lines of one kind are logged in an interval, where peers can cause any number of them.
// The others are counted, to be told in one line when the interval is over. Pure: the time is
// passed in.
#pragma once

#include <cstdint>
#include <utility>

#include "runtime/time.h"

namespace wsecho::runtime {

class LogLimit {
  public:
    LogLimit(std::uint32_t max_lines, Duration interval) noexcept
        : max_lines_(max_lines), interval_(interval) {}

    // May a line be logged? One that may not is counted as suppressed. An interval begins with its
    // first line.
    [[nodiscard]] bool admit(TimePoint now) noexcept {
        if (now >= end_ && suppressed_ == 0) begin(now, 0);
        if (lines_ < max_lines_) {
            ++lines_;
            return true;
        }
        ++suppressed_;
        return false;
    }

    // When take_suppressed() has something to tell; TimePoint::max(): never, as it is.
    [[nodiscard]] TimePoint due() const noexcept {
        return suppressed_ > 0 ? end_ : TimePoint::max();
    }

    // How many lines of an interval that is over were suppressed, once; 0 while it lasts. The line
    // that tells it begins the next interval, and is counted in it.
    [[nodiscard]] std::uint64_t take_suppressed(TimePoint now) noexcept {
        if (suppressed_ == 0 || now < end_) return 0;
        begin(now, 1);
        return std::exchange(suppressed_, 0);
    }

  private:
    void begin(TimePoint now, std::uint32_t lines) noexcept {
        end_ = now < TimePoint::max() - interval_ ? now + interval_ : TimePoint::max();
        lines_ = lines;
    }

    const std::uint32_t max_lines_;
    const Duration interval_;
    TimePoint end_ = TimePoint::min();  // of the interval
    std::uint32_t lines_ = 0;           // logged in it
    std::uint64_t suppressed_ = 0;
};

}  // namespace wsecho::runtime
