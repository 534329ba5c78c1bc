// A paced end of a server: who is told of it and when, and how each connection ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <latch>
#include <string>
#include <utility>

#include "engine/error.h"
#include "runtime/time.h"
#include "runtime/timer_wheel.h"

namespace wsecho::engine {

struct DrainOptions {
    runtime::Duration deadline = std::chrono::seconds{30};  // from the call
    runtime::Duration spread{0};
    std::uint32_t code = 1001;  // 0: nobody is told
    std::string reason{"server stops"};
};

// The first thing wrong, with words that name the field.
Status check(const DrainOptions& options);

// When the n-th of so many is told, from the begin on: evenly over the spread, the first at once.
runtime::Duration told_after(std::size_t n, std::size_t count, runtime::Duration spread) noexcept;

enum class DrainEnd : std::uint8_t {
    answered,  // our close, by a close of the peer's
    left,      // before it was told, or closing already
    broken,    // told, and gone without an answer
    forced,    // at the deadline, or by a stop that came before
};

// Each connection of the begin is in one of the four that follow.
struct DrainReport {
    std::uint64_t connections = 0;
    std::uint64_t answered = 0;
    std::uint64_t left = 0;
    std::uint64_t broken = 0;
    std::uint64_t forced = 0;
    std::uint64_t bytes_unsent = 0;  // to those that were forced

    void count(DrainEnd end, std::uint64_t unsent) noexcept;
    DrainReport& operator+=(const DrainReport& other) noexcept;
};

// What every loop is told; it outlives their threads.
struct DrainOrder {
    DrainOrder(DrainOptions wanted, runtime::TimePoint now, unsigned loops)
        : options(std::move(wanted)), begin(now), unwatched(loops) {}

    const DrainOptions options;
    const runtime::TimePoint begin;
    std::latch unwatched;  // counts the loops that look at the listeners still
};

// One loop's part in it.
struct LoopDrain {
    explicit LoopDrain(const DrainOrder& given) : order(given) {}

    const DrainOrder& order;
    runtime::Timer deadline;
    DrainReport report;
};

}  // namespace wsecho::engine
