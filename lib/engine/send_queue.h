// Encoded bytes that wait for one connection's socket. Small frames are gathered in chunks, so
// that many of them leave in one write; large and shared ones wait as they are, uncopied.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "engine/prepared_message.h"

struct iovec;

namespace wsecho::engine {

// Gathered bytes: a page at the most with what the allocator adds.
struct Chunk {
    static constexpr std::size_t capacity = 4096 - 32;
    std::size_t size = 0;
    std::array<std::uint8_t, capacity> bytes;
};

// Chunks of one loop, kept for use again: no allocation for each message.
class ChunkPool {
  public:
    std::unique_ptr<Chunk> take();
    void give_back(std::unique_ptr<Chunk> chunk) noexcept;

  private:
    static constexpr std::size_t max_kept = 1024;
    // No vector: giving back needs no memory.
    std::array<std::unique_ptr<Chunk>, max_kept> free_;
    std::size_t kept_ = 0;
};

class SendQueue {
  public:
    explicit SendQueue(ChunkPool& pool) : pool_(pool) {}
    SendQueue(const SendQueue&) = delete;
    SendQueue& operator=(const SendQueue&) = delete;
    ~SendQueue();

    [[nodiscard]] bool empty() const noexcept { return first_ == entries_.size(); }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    // Copies a frame.
    void append(const protocol::ServerHeader& header, std::span<const std::uint8_t> payload);
    // Copies what is left of one.
    void append_rest(std::span<const std::uint8_t> header, std::span<const std::uint8_t> payload);
    void append(SharedMessage message, std::size_t offset = 0);

    // The bytes at the front, in pieces, as many as `parts` takes; how many were filled in.
    [[nodiscard]] std::size_t peek(std::span<iovec> parts) const noexcept;
    // Forgets bytes that were written.
    void consume(std::size_t written);

  private:
    struct Entry {
        std::variant<std::unique_ptr<Chunk>, SharedMessage> content;
        std::size_t offset = 0;
        [[nodiscard]] std::span<const std::uint8_t> rest() const noexcept;
    };

    void gather(std::span<const std::uint8_t> bytes);
    Chunk& chunk_with_room();
    void drop_first();

    ChunkPool& pool_;
    std::vector<Entry> entries_;
    Chunk* open_chunk_ = nullptr;  // the last entry, if that is a chunk: it may have room
    std::size_t first_ = 0;        // entries before it are done
    std::size_t bytes_ = 0;
};

}  // namespace wsecho::engine
