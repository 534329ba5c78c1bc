// The one door between threads: any thread posts, one loop takes all that came, and is woken at
// most once for it. Bounded by a weight that each letter carries.
#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

namespace wsecho::runtime {

template <class Letter>
class Mailbox {
  public:
    enum class Posted {
        wake,     // the box was empty: the receiver must be woken
        waiting,  // the receiver knows already that it has mail
        full,     // not posted: the weight of what waits would exceed the bound
    };

    explicit Mailbox(std::size_t max_weight) : max_weight_(max_weight) {}

    // A letter of weight 0 is never refused: control letters (stop, close) always get through.
    Posted post(Letter letter, std::size_t weight) {
        const std::scoped_lock lock{mutex_};
        if (weight != 0 && weight > max_weight_ - weight_) return Posted::full;
        weight_ += weight;
        letters_.push_back(std::move(letter));
        return letters_.size() == 1 ? Posted::wake : Posted::waiting;
    }

    // Swaps all that waits, in the order of its posting, into `out`, whose room is used again.
    void take(std::vector<Letter>& out) {
        out.clear();
        const std::scoped_lock lock{mutex_};
        letters_.swap(out);
        weight_ = 0;
    }

  private:
    std::mutex mutex_;
    std::vector<Letter> letters_;
    std::size_t weight_ = 0;
    const std::size_t max_weight_;
};

}  // namespace wsecho::runtime
