// A hierarchical timer wheel: thousands of timers at a flat cost. Pure: the time is passed in.
// Varghese and Lauck, "Hashed and Hierarchical Timing Wheels" (1987), scheme 7.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "runtime/time.h"

namespace wsecho::runtime {

// What a timer's owner derives from. It must outlive its being scheduled; its end cancels it.
class Timer {
  public:
    Timer() = default;
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { unlink(); }

    [[nodiscard]] bool scheduled() const noexcept { return next_ != nullptr; }

  private:
    friend class TimerWheel;
    void unlink() noexcept;

    Timer* previous_ = nullptr;
    Timer* next_ = nullptr;
    std::uint64_t due_tick_ = 0;
};

class TimerWheel {
  public:
    TimerWheel(TimePoint start, Duration tick);
    TimerWheel(const TimerWheel&) = delete;
    TimerWheel& operator=(const TimerWheel&) = delete;

    // Never early: a timer comes due at the first tick at or after `due`, and at the next tick
    // where that lies in the past. Scheduling again moves it.
    void schedule(Timer& timer, TimePoint due) noexcept;
    void cancel(Timer& timer) noexcept { timer.unlink(); }

    // Takes one timer that is due; call until it gives nothing. The timer may be scheduled again
    // or destroyed by whoever took it.
    Timer* take_due(TimePoint now) noexcept;

    // When to call take_due() next; at the latest then something is due or to be sorted finer.
    [[nodiscard]] std::optional<TimePoint> next_wake() const noexcept;

  private:
    static constexpr unsigned slot_bits = 8;
    static constexpr std::size_t slots = 1U << slot_bits;
    static constexpr std::size_t levels = 4;

    struct Level {
        std::array<Timer, slots> heads;  // rings: a head is its own neighbour when empty
        Level() noexcept;
    };

    void place(Timer& timer) noexcept;
    void cascade() noexcept;
    [[nodiscard]] std::optional<std::uint64_t> earliest_tick() const noexcept;
    [[nodiscard]] std::uint64_t tick_of(TimePoint time) const noexcept;

    TimePoint start_;
    Duration tick_;
    std::uint64_t current_ = 0;  // every timer due before this tick has been taken
    std::array<Level, levels> levels_;
};

}  // namespace wsecho::runtime
