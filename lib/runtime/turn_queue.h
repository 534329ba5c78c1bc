// Owners that have more to be dealt with than one turn allows, in the order of their next turns.
// Each is known by a small number of its own (a descriptor), so that every operation costs the same
// however many there are. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace wsecho::runtime {

template <class Owner>
class TurnQueue {
  public:
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
    [[nodiscard]] bool has(std::size_t number) const noexcept {
        return number < places_.size() && places_[number] != nowhere;
    }

    // Adds an owner behind all others; nothing happens where the number is among them. Throws
    // std::bad_alloc.
    void push(std::size_t number, Owner& owner) {
        if (has(number)) return;
        if (number >= places_.size()) places_.resize(number + 1, nowhere);
        if (end_ - begin_ == ring_.size()) grow();
        places_[number] = end_;
        turn_at(end_++) = {&owner, number};
    }

    // Nothing happens where it is not among them.
    void remove(std::size_t number) noexcept {
        if (!has(number)) return;
        turn_at(places_[number]).owner = nullptr;
        places_[number] = nowhere;
        // So that the first is always one that is there.
        while (!empty() && turn_at(begin_).owner == nullptr)
            ++begin_;
    }

    // The first, taken out; there is one.
    [[nodiscard]] Owner& take() noexcept {
        const Turn first = turn_at(begin_);
        remove(first.number);
        return *first.owner;
    }

  private:
    struct Turn {
        Owner* owner = nullptr;  // nullptr: removed
        std::size_t number = 0;
    };
    static constexpr std::uint64_t nowhere = ~std::uint64_t{0};
    static constexpr std::size_t first_size = 16;

    [[nodiscard]] Turn& turn_at(std::uint64_t place) noexcept {
        return ring_[static_cast<std::size_t>(place) & (ring_.size() - 1)];
    }

    void grow() {
        std::vector<Turn> larger(ring_.empty() ? first_size : 2 * ring_.size());
        for (std::uint64_t place = begin_; place != end_; ++place)
            larger[static_cast<std::size_t>(place) & (larger.size() - 1)] = turn_at(place);
        ring_ = std::move(larger);
    }

    std::vector<Turn> ring_;  // a power of two of them
    std::uint64_t begin_ = 0;
    std::uint64_t end_ = 0;
    std::vector<std::uint64_t> places_;  // by number; each place is taken once
};

}  // namespace wsecho::runtime
