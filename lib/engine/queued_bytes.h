// Bytes that wait for a socket: counted by the loop, without a bus lock, and by other threads
// that send to it. The sum of two numbers, each of which may wrap around.
#pragma once

#include <atomic>
#include <cstddef>

namespace wsecho::engine {

class QueuedBytes {
  public:
    // The loop's thread.
    void add(std::size_t bytes) noexcept {
        here_.store(here_.load(std::memory_order_relaxed) + bytes, std::memory_order_release);
    }
    void subtract(std::size_t bytes) noexcept { add(0 - bytes); }

    // Any thread. What the loop takes off was added before, so its number is read first: the sum
    // may be a moment old, but never below zero.
    [[nodiscard]] std::size_t read() const noexcept {
        const std::size_t here = here_.load(std::memory_order_acquire);
        return here + elsewhere_.load(std::memory_order_acquire);
    }
    void reserve(std::size_t bytes) noexcept { elsewhere_.fetch_add(bytes); }
    // What was reserved and will not come.
    void give_back(std::size_t bytes) noexcept { elsewhere_.fetch_sub(bytes); }
    // False, and nothing is added, where the sum would exceed the bound.
    [[nodiscard]] bool reserve_within(std::size_t bytes, std::size_t bound) noexcept {
        for (;;) {
            const std::size_t here = here_.load(std::memory_order_acquire);
            std::size_t elsewhere = elsewhere_.load(std::memory_order_acquire);
            if (bytes > bound || here + elsewhere > bound - bytes) return false;
            if (elsewhere_.compare_exchange_weak(elsewhere, elsewhere + bytes)) return true;
        }
    }

  private:
    std::atomic<std::size_t> here_{0};
    std::atomic<std::size_t> elsewhere_{0};
};

}  // namespace wsecho::engine
