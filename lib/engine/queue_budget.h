// The bound on what waits for all peers of a server together. Each loop takes of it in portions,
// so that loops do not meet at one counter for each message.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <limits>

namespace wsecho::engine {

// Of the server; any thread.
class QueueBudget {
  public:
    // 0: no bound. So many loops share it that none starves another by what it holds unused.
    QueueBudget(std::size_t bytes, unsigned loops) noexcept
        : portion_(std::clamp(bytes / (std::size_t{16} * loops), std::size_t{1024},
                              std::size_t{1} << 20U)),
          left_(bytes == 0 ? unbounded : bytes) {}

    [[nodiscard]] std::size_t portion() const noexcept { return portion_; }

    // At least `bytes`, a portion where there is one; 0: there is not so much left.
    [[nodiscard]] std::size_t take(std::size_t bytes) noexcept {
        std::size_t left = left_.load(std::memory_order_relaxed);
        for (;;) {
            if (left < bytes) return 0;
            const std::size_t taken = std::min(std::max(bytes, portion_), left);
            if (left_.compare_exchange_weak(left, left - taken, std::memory_order_relaxed))
                return taken;
        }
    }
    void give_back(std::size_t bytes) noexcept {
        left_.fetch_add(bytes, std::memory_order_relaxed);
    }

  private:
    static constexpr std::size_t unbounded = std::numeric_limits<std::size_t>::max();

    const std::size_t portion_;
    std::atomic<std::size_t> left_;
};

// What one loop has of it.
class BudgetShare {
  public:
    explicit BudgetShare(QueueBudget& budget) noexcept : budget_(budget) {}
    BudgetShare(const BudgetShare&) = delete;
    BudgetShare& operator=(const BudgetShare&) = delete;
    ~BudgetShare() { budget_.give_back(held_.load(std::memory_order_relaxed)); }

    // Any thread: how much may wait for this loop's peers.
    [[nodiscard]] std::size_t held() const noexcept {
        return held_.load(std::memory_order_relaxed);
    }
    // Any thread: is there, or was there to be had, room for so much in all?
    [[nodiscard]] bool covers(std::size_t bytes) noexcept {
        const std::size_t held = held_.load(std::memory_order_relaxed);
        if (bytes <= held) return true;
        const std::size_t taken = budget_.take(bytes - held);
        if (taken == 0) return false;
        held_.fetch_add(taken, std::memory_order_relaxed);
        return true;
    }
    [[nodiscard]] bool has_surplus(std::size_t bytes) const noexcept {
        return held() > bytes + 2 * budget_.portion();
    }
    // What is not needed goes back, but for a portion. With nobody in covers() meanwhile.
    void keep_for(std::size_t bytes) noexcept {
        if (!has_surplus(bytes)) return;
        const std::size_t surplus = held() - bytes - budget_.portion();
        held_.fetch_sub(surplus, std::memory_order_relaxed);
        budget_.give_back(surplus);
    }

  private:
    QueueBudget& budget_;
    std::atomic<std::size_t> held_{0};
};

}  // namespace wsecho::engine
