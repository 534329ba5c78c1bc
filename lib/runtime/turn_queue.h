// Who has more to be dealt with than one turn allows, in the order in which they get their next.
// Each is known by a small number of its own (a descriptor), so that every operation costs the same
// however many there are. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace wsecho::runtime {

template <class Owner>
class TurnQueue {
  public:
    [[nodiscard]] bool empty() const noexcept { return order_.empty(); }
    [[nodiscard]] bool has(std::size_t number) const noexcept {
        return number < places_.size() && places_[number] != nowhere;
    }

    // Behind all others; nothing happens where the number is among them. Throws std::bad_alloc.
    void push(std::size_t number, Owner& owner) {
        if (has(number)) return;
        if (number >= places_.size()) places_.resize(number + 1, nowhere);
        order_.push_back({&owner, number});
        places_[number] = first_place_ + order_.size() - 1;
    }

    // Nothing happens where it is not among them.
    void remove(std::size_t number) noexcept {
        if (!has(number)) return;
        order_[static_cast<std::size_t>(places_[number] - first_place_)].owner = nullptr;
        places_[number] = nowhere;
        drop_removed();
    }

    // The first, taken out; there is one.
    [[nodiscard]] Owner& take() noexcept {
        const Turn first = order_.front();
        remove(first.number);
        return *first.owner;
    }

  private:
    struct Turn {
        Owner* owner;  // nullptr: removed
        std::size_t number;
    };
    static constexpr std::uint64_t nowhere = ~std::uint64_t{0};

    // So that the first is always one that is there.
    void drop_removed() noexcept {
        while (!order_.empty() && order_.front().owner == nullptr) {
            order_.pop_front();
            ++first_place_;
        }
    }

    std::deque<Turn> order_;
    std::uint64_t first_place_ = 0;
    std::vector<std::uint64_t> places_;  // by number, counted from the first turn ever
};

}  // namespace wsecho::runtime
