// What was broadcast in a pass and has not left yet. It is kept once for the loop, not once for
// each peer: at the end of the pass every connection is visited a single time, and most get the
// whole batch in one write of one shared block.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/connection_id.h"
#include "engine/prepared_message.h"

namespace wsecho::engine {

class FanOut {
  public:
    struct Entry {
        SharedMessage message;
        ConnectionId except;
    };

    void add(SharedMessage message, ConnectionId except);
    // All of it has been delivered: the next batch begins.
    void clear();

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
    [[nodiscard]] std::uint32_t size() const noexcept {
        return static_cast<std::uint32_t>(entries_.size());
    }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    // Tells this batch from those before.
    [[nodiscard]] std::uint32_t generation() const noexcept { return generation_; }
    [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }
    [[nodiscard]] bool leaves_out(ConnectionId id) const noexcept;

    // The frames of all entries in one block; made once for the batch.
    [[nodiscard]] const SharedMessage& joined();

  private:
    std::vector<Entry> entries_;
    SharedMessage joined_;
    std::size_t bytes_ = 0;
    std::uint32_t generation_ = 1;
    bool has_exceptions_ = false;
};

}  // namespace wsecho::engine
