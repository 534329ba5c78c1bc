#include "engine/fan_out.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace wsecho::engine {

namespace {

template <class FormOf>  // FormOf: const SharedMessage& -> const SharedMessage&
SharedMessage join(const std::vector<FanOut::Entry>& entries, FormOf&& form_of) {
    if (entries.size() == 1) return form_of(entries.front().message);
    std::size_t bytes = 0;
    for (const FanOut::Entry& entry : entries)
        bytes += form_of(entry.message)->frame().size();
    std::vector<std::uint8_t> frames;
    frames.reserve(bytes);
    for (const FanOut::Entry& entry : entries) {
        const auto frame = form_of(entry.message)->frame();
        frames.insert(frames.end(), frame.begin(), frame.end());
    }
    return std::make_shared<const PreparedMessage>(std::move(frames));
}

}  // namespace

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
    has_terms_ = has_terms_ || entry.message->terms().are_any();
    entries_.push_back(std::move(entry));
    joined_.reset();
    joined_compressed_.reset();
}

void FanOut::clear() {
    entries_.clear();
    channel_.reset();
    joined_.reset();
    joined_compressed_.reset();
    bytes_ = 0;
    has_exceptions_ = false;
    has_terms_ = false;
    ++generation_;
}

bool FanOut::leaves_out(ConnectionId id) const noexcept {
    return has_exceptions_ && std::any_of(entries_.begin(), entries_.end(),
                                          [id](const Entry& entry) { return entry.except == id; });
}

const SharedMessage& FanOut::joined() {
    if (!joined_) joined_ = join(entries_, std::identity{});
    return joined_;
}

const SharedMessage& FanOut::joined(Deflate& deflate) {
    if (!joined_compressed_)
        joined_compressed_ =
            join(entries_, [&](const SharedMessage& message) -> const SharedMessage& {
                return deflate.form_of(message);
            });
    return joined_compressed_;
}

}  // namespace wsecho::engine
