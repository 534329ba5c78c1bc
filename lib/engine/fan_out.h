// What was published to many in a pass and has not left yet. It is kept once for the loop, not once
// for each peer: each is visited a single time, and most get the whole batch in one write of one
// shared block.
//
// A batch is for all connections, or for the members of one channel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/connection_id.h"
#include "engine/deflate.h"
#include "engine/prepared_message.h"

namespace wsecho::engine {

class Channel;

class FanOut {
  public:
    struct Entry {
        SharedMessage message;
        ConnectionId except;
        std::uint64_t number = 0;  // in its channel
    };

    // For all; the batch is not a channel's.
    void add(SharedMessage message, ConnectionId except);
    // For the members of a channel; the batch is empty or this channel's.
    void add(const std::shared_ptr<Channel>& channel, SharedMessage message, std::uint64_t number,
             ConnectionId except);
    // All of it has been delivered: the next batch begins.
    void clear();

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    // Nothing where it is for all.
    [[nodiscard]] Channel* channel() const noexcept { return channel_.get(); }
    [[nodiscard]] std::uint32_t size() const noexcept {
        return static_cast<std::uint32_t>(entries_.size());
    }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    // Tells this batch from those before.
    [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
    [[nodiscard]] bool leaves_out(ConnectionId id) const noexcept;
    // Has one of its messages terms, so that it may have to wait by itself?
    [[nodiscard]] bool has_terms() const noexcept { return has_terms_; }

    // The frames of all entries in one block; made once for the batch.
    [[nodiscard]] const SharedMessage& joined();
    // The same of their compressed forms.
    [[nodiscard]] const SharedMessage& joined(Deflate& deflate);

  private:
    void add(Entry entry);

    std::vector<Entry> entries_;
    std::shared_ptr<Channel> channel_;
    SharedMessage joined_;
    SharedMessage joined_compressed_;
    std::size_t bytes_ = 0;
    std::uint32_t generation_ = 1;
    bool has_exceptions_ = false;
    bool has_terms_ = false;
};

}  // namespace wsecho::engine
