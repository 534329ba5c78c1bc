#include "engine/fan_out.h"

#include <algorithm>
#include <utility>

namespace wsecho::engine {

void FanOut::add(SharedMessage message, ConnectionId except) {
    add({std::move(message), except, 0});
}

void FanOut::add(const std::shared_ptr<Channel>& channel, SharedMessage message,
                 std::uint64_t number, ConnectionId except) {
    if (entries_.empty()) channel_ = channel;
    add({std::move(message), except, number});
}

void FanOut::add(Entry entry) {
    bytes_ += entry.message->frame().size();
    has_exceptions_ = has_exceptions_ || entry.except != ConnectionId{};
    entries_.push_back(std::move(entry));
    joined_.reset();
}

void FanOut::clear() {
    entries_.clear();
    channel_.reset();
    joined_.reset();
    bytes_ = 0;
    has_exceptions_ = false;
    ++generation_;
}

bool FanOut::leaves_out(ConnectionId id) const noexcept {
    return has_exceptions_ && std::any_of(entries_.begin(), entries_.end(),
                                          [id](const Entry& entry) { return entry.except == id; });
}

const SharedMessage& FanOut::joined() {
    if (!joined_ && entries_.size() == 1) joined_ = entries_.front().message;
    if (!joined_) {
        std::vector<std::uint8_t> frames;
        frames.reserve(bytes_);
        for (const Entry& entry : entries_) {
            const auto frame = entry.message->frame();
            frames.insert(frames.end(), frame.begin(), frame.end());
        }
        joined_ = std::make_shared<const PreparedMessage>(std::move(frames));
    }
    return joined_;
}

}  // namespace wsecho::engine
