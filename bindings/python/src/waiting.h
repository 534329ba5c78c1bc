// Waiting without the interpreter's lock, in such a way that Ctrl-C and other signals' handlers run
// meanwhile.
#pragma once

#include <pybind11/pybind11.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "process.h"

namespace wsecho::python {

// Once raised it stays: whoever waits, waits no more.
class Flag {
  public:
    Flag();
    Flag(const Flag&) = delete;
    Flag& operator=(const Flag&) = delete;
    ~Flag();

    void raise() noexcept;
    [[nodiscard]] bool is_raised() const noexcept;
    // With the lock; false: the time is over. Throws what a signal's handler raises.
    bool wait(std::optional<double> seconds) const;

  private:
    int descriptor_;
};

// What a call of the engine came to; the detail is remembered by the thread that made it.
struct Outcome {
    int code = 0;
    std::string detail;
};

// Calls of the engine that take long. On the main thread they run on another, since signals'
// handlers run on the main one.
class LongCalls {
  public:
    LongCalls() = default;
    LongCalls(const LongCalls&) = delete;
    LongCalls& operator=(const LongCalls&) = delete;
    ~LongCalls() { finish(); }

    // With the lock: waits for what was left to itself.
    void finish();
    // With the lock. If a signal's handler raises, `cut_short` makes the call end soon, and the
    // exception is thrown; without it the call is left to itself.
    Outcome run(std::function<int()> call, const std::function<void()>& cut_short = {});

  private:
    std::thread left_;
    std::uint32_t process_ = process_number();
};

}  // namespace wsecho::python
