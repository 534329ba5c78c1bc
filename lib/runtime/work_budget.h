// What one connection may take of its loop's thread in a turn, so that others get theirs: frames,
// payload bytes, bytes that compressed data inflates to, and time. Pure: the clock is passed in.
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/time.h"

namespace wsecho::runtime {

struct WorkLimits {
    std::uint32_t frames = 2048;
    std::size_t bytes = std::size_t{512} << 10U;
    std::size_t inflated_bytes = std::size_t{128} << 10U;
    // Frames are cheap, but what the application does with a message may not be. A message is
    // never cut short: a turn can be longer by one of them.
    Duration time = std::chrono::microseconds{250};
};

class WorkBudget {
  public:
    explicit WorkBudget(const WorkLimits& limits = {}) noexcept : limits_(limits) {}

    // A turn begins. The clock is read once a turn has come to its second frame: the turn of a
    // connection that sends one message at a time never reads it.
    void begin() noexcept {
        frames_ = 0;
        bytes_ = 0;
        inflated_bytes_ = 0;
        next_look_ = first_look;
        is_over_ = false;
    }

    [[nodiscard]] bool is_over() const noexcept { return is_over_; }
    // Was it a long turn, if not one that used all up? Its bytes are an eighth of the bound or
    // more.
    [[nodiscard]] bool is_heavy() const noexcept {
        return is_over_ || bytes_ >= limits_.bytes / 8 || inflated_bytes_ >= limits_.bytes / 8;
    }

    // Counts a piece of a frame, and the frame itself with its last piece. False: the turn is over.
    template <class ReadClock>  // ReadClock: () -> TimePoint
    bool spend(bool is_last, std::size_t payload, ReadClock&& read_clock) {
        frames_ += is_last ? 1U : 0U;
        bytes_ += payload;
        if (frames_ >= next_look_) look_at_the_clock(read_clock());
        if (frames_ >= limits_.frames || bytes_ >= limits_.bytes) is_over_ = true;
        return !is_over_;
    }

    // Counts what a piece of a compressed message has inflated to. False: the turn is over.
    bool spend_inflated(std::size_t bytes) noexcept {
        inflated_bytes_ += bytes;
        if (inflated_bytes_ >= limits_.inflated_bytes) is_over_ = true;
        return !is_over_;
    }

  private:
    static constexpr std::uint32_t first_look = 2;
    // Doubling up to this, so that slow frames are noticed after few and quick ones cost little.
    static constexpr std::uint32_t frames_between_looks = 16;

    void look_at_the_clock(TimePoint now) noexcept {
        if (next_look_ == first_look)
            began_ = now;
        else if (now - began_ >= limits_.time)
            is_over_ = true;
        next_look_ += next_look_ < frames_between_looks ? next_look_ : frames_between_looks;
    }

    const WorkLimits limits_;
    std::uint32_t frames_ = 0;
    std::uint32_t next_look_ = first_look;
    std::size_t bytes_ = 0;
    std::size_t inflated_bytes_ = 0;
    TimePoint began_{};
    bool is_over_ = false;
};

}  // namespace wsecho::runtime
