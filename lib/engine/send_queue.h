// Encoded bytes that wait for one connection's socket. Small frames are gathered in chunks, so
// that many of them leave in one write; large ones have a buffer of their own, shared ones wait as
// they are, uncopied. Behind them wait, where it is asked for, messages that are still whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <variant>
#include <vector>

#include "engine/prepared_message.h"
#include "protocol/spare_buffers.h"
#include "runtime/backlog.h"
#include "runtime/pool.h"
#include "runtime/shared_bound.h"
#include "runtime/time.h"

struct iovec;

namespace wsecho::engine {

class Connection;

// Gathered bytes: a page.
struct Chunk {
    static constexpr std::size_t capacity = runtime::page_bytes - sizeof(std::size_t);
    Chunk() noexcept {}  // NOLINT(*-member-init, *-equals-default): its bytes need no zeros
    std::size_t size = 0;
    std::array<std::uint8_t, capacity> bytes;
};

// Where the messages of one loop lie while they wait: used again, not allocated for each.
struct MessageMemory {
    explicit MessageMemory(std::pmr::memory_resource& memory) noexcept : chunks(memory) {}
    runtime::Pool<Chunk> chunks;
    protocol::SpareBuffers buffers;
};

class SendQueue {
  public:
    // The memory outlives the queue.
    explicit SendQueue(MessageMemory& memory) : memory_(memory) {}
    SendQueue(const SendQueue&) = delete;
    SendQueue& operator=(const SendQueue&) = delete;
    ~SendQueue() = default;

    [[nodiscard]] bool empty() const noexcept {
        return first_ == entries_.size() && !keeps_whole();
    }
    // Of what is to be written, whatever comes.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    // Copies a frame.
    void append(const protocol::ServerHeader& header, std::span<const std::uint8_t> payload);
    // Copies what is left of one.
    void append_rest(std::span<const std::uint8_t> header, std::span<const std::uint8_t> payload);
    void append(SharedMessage message, std::size_t offset = 0);
    // The same, but small ones that wait in a row are copied: side by side they take less than a
    // reference to each.
    void append_or_copy(const SharedMessage& message);

    // The place of its connection among those for whom something waits; whoever gives the queue to
    // another takes it out before.
    using Place = runtime::SharedBound<Connection>::Place;
    [[nodiscard]] Place& place() noexcept { return place_; }

    // When the kernel took something the last time, or has begun to take nothing.
    [[nodiscard]] runtime::TimePoint moved_at() const noexcept { return moved_at_; }
    void set_moved_at(runtime::TimePoint now) noexcept { moved_at_ = now; }

    // --- Messages that may yet be dropped ---

    // Does one wait? What is appended then comes before it.
    [[nodiscard]] bool keeps_whole() const noexcept { return whole_ && !whole_->empty(); }
    // There is one or more.
    [[nodiscard]] const runtime::Backlog<SharedMessage>& whole() const noexcept { return *whole_; }
    // Lets one wait whole, behind all that is there; `bytes` is what it counts. What it replaced.
    runtime::Dropped keep_whole(const SharedMessage& message, std::size_t bytes);
    runtime::Dropped drop_late(runtime::TimePoint now);
    runtime::Dropped drop_oldest();
    // Appends some where little is left to write, up to `most`.
    void refill(std::size_t most);
    // The oldest, which whoever takes it appends; there is one.
    [[nodiscard]] SharedMessage take_whole() { return whole_->take(); }

    // The bytes at the front, in pieces, as many as `parts` takes; how many were filled in.
    [[nodiscard]] std::size_t peek(std::span<iovec> parts) const noexcept;
    // Forgets bytes that were written.
    void consume(std::size_t written);

  private:
    using ChunkHolder = runtime::Pool<Chunk>::Holder;
    using Large = std::unique_ptr<protocol::Buffer>;
    struct Entry {
        std::variant<ChunkHolder, Large, SharedMessage> content;
        std::size_t offset = 0;
        [[nodiscard]] std::span<const std::uint8_t> rest() const noexcept;
    };

    void append_large(std::span<const std::uint8_t> header, std::span<const std::uint8_t> payload);
    void append_whole(Entry entry);
    void gather(std::span<const std::uint8_t> bytes);
    Chunk& chunk_with_room();
    void drop_first();

    MessageMemory& memory_;
    std::vector<Entry> entries_;
    std::unique_ptr<runtime::Backlog<SharedMessage>> whole_;  // from the first on
    Chunk* open_chunk_ = nullptr;  // the last entry, if that is a chunk: it may have room
    std::size_t first_ = 0;        // entries before it are done
    std::size_t bytes_ = 0;
    runtime::TimePoint moved_at_{};
    Place place_;
};

}  // namespace wsecho::engine
