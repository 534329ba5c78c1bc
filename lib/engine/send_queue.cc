#include "engine/send_queue.h"

#include <sys/uio.h>

#include <algorithm>
#include <cstring>

namespace wsecho::engine {

namespace {

// Of messages that many share: at most that much of them is copied for one that is slow.
constexpr std::size_t copy_shared_below = 512;

}  // namespace

std::span<const std::uint8_t> SendQueue::Entry::rest() const noexcept {
    if (const auto* message = std::get_if<SharedMessage>(&content))
        return (*message)->frame().subspan(offset);
    if (const auto* large = std::get_if<Large>(&content)) return std::span{**large}.subspan(offset);
    const Chunk& chunk = *std::get<ChunkHolder>(content);
    return std::span{chunk.bytes.data(), chunk.size}.subspan(offset);
}

Chunk& SendQueue::chunk_with_room() {
    if (open_chunk_ != nullptr && open_chunk_->size < Chunk::capacity) return *open_chunk_;
    auto chunk = memory_.chunks.make();
    Chunk& taken = *chunk;
    entries_.push_back({std::move(chunk), 0});
    open_chunk_ = &taken;
    return taken;
}

void SendQueue::append(const protocol::ServerHeader& header,
                       std::span<const std::uint8_t> payload) {
    if (open_chunk_ == nullptr ||
        payload.size() + protocol::max_server_header > Chunk::capacity - open_chunk_->size)
        return append_rest(header.bytes(), payload);
    std::uint8_t* end = open_chunk_->bytes.data() + open_chunk_->size;
    const std::size_t size = header.bytes().size() + payload.size();
    header.write_to(end);
    std::copy(payload.begin(), payload.end(), end + header.bytes().size());
    open_chunk_->size += size;
    bytes_ += size;
}

void SendQueue::append_rest(std::span<const std::uint8_t> header,
                            std::span<const std::uint8_t> payload) {
    if (header.size() + payload.size() > Chunk::capacity) return append_large(header, payload);
    gather(header);
    gather(payload);
}

void SendQueue::append_large(std::span<const std::uint8_t> header,
                             std::span<const std::uint8_t> payload) {
    Large large = memory_.buffers.take();
    large->reserve(header.size() + payload.size());
    large->insert(large->end(), header.begin(), header.end());
    large->insert(large->end(), payload.begin(), payload.end());
    append_whole({std::move(large), 0});
}

void SendQueue::gather(std::span<const std::uint8_t> bytes) {
    bytes_ += bytes.size();
    while (!bytes.empty()) {
        Chunk& chunk = chunk_with_room();
        const std::size_t taken = std::min(bytes.size(), Chunk::capacity - chunk.size);
        std::memcpy(chunk.bytes.data() + chunk.size, bytes.data(), taken);
        chunk.size += taken;
        bytes = bytes.subspan(taken);
    }
}

void SendQueue::append(SharedMessage message, std::size_t offset) {
    append_whole({std::move(message), offset});
}

void SendQueue::append_or_copy(const SharedMessage& message) {
    if (message->frame().size() <= copy_shared_below && first_ != entries_.size())
        append_rest({}, message->frame());
    else
        append(message);
}

runtime::Dropped SendQueue::keep_whole(const SharedMessage& message, std::size_t bytes) {
    if (!whole_) whole_ = std::make_unique<runtime::Backlog<SharedMessage>>();
    return whole_->put(message, bytes, message->terms());
}

runtime::Dropped SendQueue::drop_late(runtime::TimePoint now) {
    return whole_ ? whole_->drop_late(now) : runtime::Dropped{};
}

runtime::Dropped SendQueue::drop_oldest() {
    return whole_ ? whole_->drop_oldest(1) : runtime::Dropped{};
}

void SendQueue::refill(std::size_t most) {
    while (keeps_whole() && bytes_ < most)
        append_or_copy(whole_->take());
}

void SendQueue::append_whole(Entry entry) {
    bytes_ += entry.rest().size();
    entries_.push_back(std::move(entry));
    open_chunk_ = nullptr;
}

std::size_t SendQueue::peek(std::span<iovec> parts) const noexcept {
    const std::size_t count = std::min(parts.size(), entries_.size() - first_);
    for (std::size_t i = 0; i < count; ++i) {
        const auto rest = entries_[first_ + i].rest();
        parts[i] = {const_cast<std::uint8_t*>(rest.data()), rest.size()};  // only read from
    }
    return count;
}

void SendQueue::drop_first() {
    Entry& entry = entries_[first_++];
    if (auto* large = std::get_if<Large>(&entry.content))
        memory_.buffers.give_back(std::move(*large));
    entry.content = SharedMessage{};
}

void SendQueue::consume(std::size_t written) {
    bytes_ -= written;
    while (first_ != entries_.size()) {
        Entry& entry = entries_[first_];
        const std::size_t rest = entry.rest().size();
        if (written < rest) {
            entry.offset += written;
            break;
        }
        written -= rest;
        drop_first();
    }
    // A long queue that drains slowly does not keep its past.
    if (first_ == entries_.size()) {
        open_chunk_ = nullptr;
        entries_.clear();
        first_ = 0;
    } else if (first_ >= 64 && first_ * 2 >= entries_.size()) {
        entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(first_));
        first_ = 0;
    }
}

}  // namespace wsecho::engine
