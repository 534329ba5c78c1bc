// What the connections of a loop hold of what they are receiving: unfinished messages, and bytes
// that were read and wait for their turn. Bounded in all; whoever holds the most gives way.
#pragma once

#include <algorithm>
#include <cstddef>

#include "runtime/shared_bound.h"

namespace wsecho::engine {

template <class Owner>
class ReceivingMemory {
  public:
    // What one connection holds.
    struct Share {
        typename runtime::SharedBound<Owner>::Place place;
        std::size_t message_bytes = 0;
        std::size_t unread_bytes = 0;
    };

    explicit ReceivingMemory(std::size_t bound) noexcept : bound_(bound) {}

    // The owner holds so much now.
    void update(Share& share, Owner& owner, std::size_t message_bytes,
                std::size_t unread_bytes) noexcept {
        total_ += message_bytes + unread_bytes - share.message_bytes - share.unread_bytes;
        unread_ += unread_bytes - share.unread_bytes;
        share.message_bytes = message_bytes;
        share.unread_bytes = unread_bytes;
        bound_.update(share.place, owner, message_bytes + unread_bytes);
    }

    [[nodiscard]] std::size_t total() const noexcept { return total_; }

    // The owner that has to give up what it holds; nullptr: all is within the bound.
    [[nodiscard]] Owner* who_gives_way() const noexcept {
        return bound_.fits(total_) ? nullptr : bound_.greediest();
    }

    // What one read may take of a socket, so that few who flood are read in large pieces, and many
    // of them keep no more than a small piece each unread.
    [[nodiscard]] std::size_t read_limit() const noexcept {
        return std::clamp(freely_unread - std::min(freely_unread, unread_), least_read, most_read);
    }

  private:
    static constexpr std::size_t freely_unread = std::size_t{4} << 20U;
    static constexpr std::size_t least_read = std::size_t{16} << 10U;
    static constexpr std::size_t most_read = std::size_t{512} << 10U;

    runtime::SharedBound<Owner> bound_;
    std::size_t total_ = 0;
    std::size_t unread_ = 0;  // of it
};

}  // namespace wsecho::engine
