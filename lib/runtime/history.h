// What was published last, for those who missed it: a ring of items numbered in a row from 1,
// bounded by count, bytes and age. Who comes back names the last number that it has, and gets
// what came after it, or is told that some of that is gone. Pure: the time is passed in.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "runtime/time.h"

namespace wsecho::runtime {

// Any one of nothing: no history, but the numbers go on.
struct HistoryBounds {
    std::size_t items = 0;
    std::size_t bytes = 0;  // as the items' owner counts them
    Duration age{0};

    [[nodiscard]] bool keep_nothing() const noexcept {
        return items == 0 || bytes == 0 || age <= Duration{0};
    }
    friend bool operator==(const HistoryBounds&, const HistoryBounds&) = default;
};

template <class Item>
requires std::default_initializable<Item> && std::movable<Item>
class History {
  public:
    // What a look back found.
    struct Since {
        std::uint64_t first_available;  // the oldest that is kept; none is: the one after newest
        std::uint64_t newest;           // 0: there was none yet
        bool complete;  // nothing is missing. A number not given yet is of another history: false.
    };

    // The first item's number is the one after `newest`.
    explicit History(const HistoryBounds& bounds, std::uint64_t newest = 0) noexcept
        : bounds_(bounds), newest_(newest) {}

    [[nodiscard]] const HistoryBounds& bounds() const noexcept { return bounds_; }

    // The item's number. One larger than all that may be kept is counted only; what came before
    // it goes, too, as it would for any that needs the room: what is kept has no gap.
    std::uint64_t append(Item item, std::size_t bytes, TimePoint now) {
        if (bounds_.keep_nothing()) return ++newest_;
        if (bytes > bounds_.bytes) {
            clear();
            return ++newest_;
        }
        drop_expired(now);
        while (count_ == bounds_.items || bytes_ > bounds_.bytes - bytes)
            drop_oldest();
        if (count_ == ring_.size()) grow();
        at(count_) = {std::move(item), bytes, now};
        ++count_;
        bytes_ += bytes;
        return ++newest_;
    }

    // An item is kept for its age, and gone at the end of it. Of an empty ring the memory goes.
    void drop_old(TimePoint now) noexcept {
        drop_expired(now);
        if (count_ == 0) clear();
    }

    // All that is kept with a number greater than `sequence`, oldest first. `use` may not append.
    template <class Use>  // Use: (std::uint64_t sequence, const Item&) -> void
    Since since(std::uint64_t sequence, TimePoint now, Use&& use) {
        drop_old(now);
        const std::uint64_t last_gone = newest_ - count_;
        for (std::uint64_t last = std::max(sequence, last_gone); last < newest_; ++last)
            use(last + 1, std::as_const(at(static_cast<std::size_t>(last - last_gone)).item));
        return {last_gone + 1, newest_, last_gone <= sequence && sequence <= newest_};
    }

    [[nodiscard]] std::uint64_t newest() const noexcept { return newest_; }
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    // Places of the ring, taken or not.
    [[nodiscard]] std::size_t capacity() const noexcept { return ring_.size(); }

  private:
    struct Entry {
        Item item{};
        std::size_t bytes = 0;
        TimePoint appended{};
    };
    static constexpr std::size_t smallest_ring = 8;

    // The entry at a distance from the oldest.
    Entry& at(std::size_t distance) noexcept {
        const std::size_t behind = ring_.size() - oldest_;
        return ring_[distance < behind ? oldest_ + distance : distance - behind];
    }

    void drop_expired(TimePoint now) noexcept {
        while (count_ != 0 && now - at(0).appended >= bounds_.age)
            drop_oldest();
    }

    // The place stays, the item in it ends now.
    void drop_oldest() noexcept {
        Entry& entry = at(0);
        bytes_ -= entry.bytes;
        entry.item = Item{};
        oldest_ = oldest_ + 1 == ring_.size() ? 0 : oldest_ + 1;
        --count_;
    }

    void grow() {
        std::vector<Entry> larger(std::min(std::max(smallest_ring, 2 * count_), bounds_.items));
        for (std::size_t i = 0; i < count_; ++i)
            larger[i] = std::move(at(i));
        ring_ = std::move(larger);
        oldest_ = 0;
    }

    void clear() noexcept {
        std::vector<Entry>{}.swap(ring_);
        oldest_ = count_ = bytes_ = 0;
    }

    HistoryBounds bounds_;
    std::uint64_t newest_;
    std::vector<Entry> ring_;
    std::size_t oldest_ = 0;  // its place
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace wsecho::runtime
