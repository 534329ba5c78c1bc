// Messages that wait and are still whole, so that each may yet be dropped: the oldest for want of
// room, one whose time is over, one that a newer of the same key replaces. Pure: the clock is
// passed in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <utility>

#include "runtime/time.h"

namespace wsecho::runtime {

// Under which a message waits.
struct WaitingTerms {
    std::uint64_t key = 0;                  // 0: none; else a newer one takes its place
    TimePoint deadline = TimePoint::max();  // from there on it is not sent

    [[nodiscard]] bool operator==(const WaitingTerms&) const noexcept = default;
    // Is there something to look at before it is sent?
    [[nodiscard]] bool are_any() const noexcept { return *this != WaitingTerms{}; }
};

// What was dropped.
struct Dropped {
    std::size_t messages = 0;
    std::size_t bytes = 0;
};

template <class Message>
class Backlog {
  public:
    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    // What a message of this key would replace, in bytes; 0 where none waits.
    [[nodiscard]] std::size_t bytes_of(std::uint64_t key) const {
        const auto found = by_key_.find(key);
        return found == by_key_.end() ? 0 : found->second->bytes;
    }

    // Behind all others, or in the place of the one with its key. What was replaced.
    Dropped put(Message message, std::size_t bytes, const WaitingTerms& terms) {
        earliest_ = std::min(earliest_, terms.deadline);
        const auto found = terms.key == 0 ? by_key_.end() : by_key_.find(terms.key);
        if (found != by_key_.end()) {
            const Dropped replaced{1, found->second->bytes};
            *found->second = {std::move(message), bytes, terms};
            bytes_ += bytes - replaced.bytes;
            return replaced;
        }
        waiting_.push_back({std::move(message), bytes, terms});
        bytes_ += bytes;
        if (terms.key != 0) remember(terms.key);
        return {};
    }

    // Those whose time is over.
    Dropped drop_late(TimePoint now) {
        if (now < earliest_) return {};
        Dropped dropped;
        earliest_ = TimePoint::max();
        for (auto at = waiting_.begin(); at != waiting_.end();) {
            const auto next = std::next(at);
            if (now >= at->terms.deadline)
                drop(at, dropped);
            else
                earliest_ = std::min(earliest_, at->terms.deadline);
            at = next;
        }
        return dropped;
    }

    // The oldest, until so many bytes are free of it, or all are.
    Dropped drop_oldest(std::size_t bytes) {
        Dropped dropped;
        while (dropped.bytes < bytes && !waiting_.empty())
            drop(waiting_.begin(), dropped);
        return dropped;
    }

    // The oldest, to be sent; there is one.
    Message take() {
        Message message = std::move(waiting_.front().message);
        Dropped taken;
        drop(waiting_.begin(), taken);
        return message;
    }

  private:
    struct Waiting {
        Message message;
        std::size_t bytes;
        WaitingTerms terms;
    };
    using Place = typename std::list<Waiting>::iterator;

    // Without the memory for it, nothing was put.
    void remember(std::uint64_t key) {
        try {
            by_key_.emplace(key, std::prev(waiting_.end()));
        } catch (...) {
            bytes_ -= waiting_.back().bytes;
            waiting_.pop_back();
            throw;
        }
    }

    void drop(Place place, Dropped& dropped) {
        ++dropped.messages;
        dropped.bytes += place->bytes;
        bytes_ -= place->bytes;
        if (place->terms.key != 0) by_key_.erase(place->terms.key);
        waiting_.erase(place);
    }

    std::list<Waiting> waiting_;
    std::unordered_map<std::uint64_t, Place> by_key_;
    TimePoint earliest_ = TimePoint::max();  // of the deadlines, or before it
    std::size_t bytes_ = 0;
};

}  // namespace wsecho::runtime
