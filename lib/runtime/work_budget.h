// What one connection may take of its loop's thread in a turn, so that others get theirs: frames,
// payload bytes, bytes that compressed data inflates to, and time. Pure: the clock is passed in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "runtime/time.h"

namespace wsecho::runtime {

struct WorkLimits {
    std::uint32_t frames = 2048;
    std::size_t bytes = std::size_t{512} << 10U;
    std::size_t inflated_bytes = std::size_t{128} << 10U;
    std::size_t heavy_bytes = std::size_t{64} << 10U;  // of a long turn
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
        largest_frame_ = 0;
        next_look_ = first_look;
        is_over_ = false;
    }

    [[nodiscard]] bool is_over() const noexcept { return is_over_; }
    // Was it a long turn, or one for a part of a large frame?
    [[nodiscard]] bool is_heavy() const noexcept {
        return is_over_ || largest_frame_ >= limits_.heavy_bytes || bytes_ >= limits_.heavy_bytes ||
               inflated_bytes_ >= limits_.heavy_bytes;
    }

    // Counts a piece of a frame of so many bytes, and the frame itself with its last piece. False:
    // the turn is over.
    template <class ReadClock>  // ReadClock: () -> TimePoint
    bool spend(bool is_last, std::size_t payload, std::uint64_t frame_size,
               ReadClock&& read_clock) {
        frames_ += is_last ? 1U : 0U;
        bytes_ += payload;
        largest_frame_ = std::max(largest_frame_, frame_size);
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
    std::uint64_t largest_frame_ = 0;
    TimePoint began_{};
    bool is_over_ = false;
};

}  // namespace wsecho::runtime
