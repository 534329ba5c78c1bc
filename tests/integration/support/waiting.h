// How tests wait: for what happens, with a deadline that only a failure ever reaches.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>

namespace wsecho::test {

// Generous, since a sanitizer on a busy machine is slow; short enough that a hang is found.
inline constexpr auto deadline = std::chrono::seconds{20};

class TimedOut : public std::runtime_error {
  public:
    explicit TimedOut(const std::string& what) : std::runtime_error("waited in vain for " + what) {}
};

// For what cannot be awaited otherwise: looks again and again until `holds` is true.
template <class Predicate>
void eventually(const std::string& what, Predicate&& holds) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) throw TimedOut{what};
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
}

}  // namespace wsecho::test
