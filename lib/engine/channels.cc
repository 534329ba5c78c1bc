#include "engine/channels.h"

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <random>

namespace wsecho::engine {

namespace {

// A server that is started again gives others, so that a peer's number of before is not taken for
// one of now. Never 0.
std::uint64_t random_epoch() {
    std::random_device random;
    return (std::uint64_t{random()} << 32U) | random() | 1U;
}

}  // namespace

Channels::Channels(unsigned loops, std::size_t most)
    : loops_(loops), most_(most), epoch_(random_epoch()) {}

bool Channels::is_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= longest_name &&
           std::none_of(text.begin(), text.end(), [](char c) {
               const auto byte = static_cast<std::uint8_t>(c);
               return byte < 0x20 || byte == 0x7F;
           });
}

std::shared_ptr<Channel> Channels::find(std::string_view name) const {
    const std::shared_lock lock{mutex_};
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

std::shared_ptr<Channel> Channels::find_or_make(std::string_view name) {
    if (auto found = find(name)) return found;
    const std::scoped_lock lock{mutex_};
    const auto found = by_name_.find(name);
    if (found != by_name_.end()) return found->second;
    if (by_name_.size() >= most_) return nullptr;
    auto made = std::make_shared<Channel>(std::string{name}, epoch_, loops_);
    by_name_.emplace(name, made);
    epoch_ += 2;
    return made;
}

void Channels::drop_if_unused(const Channel& channel) {
    const std::scoped_lock lock{mutex_};
    const auto found = by_name_.find(channel.name());
    if (found == by_name_.end() || found->second.get() != &channel) return;
    // In its turn, so that whoever has found it meanwhile finds either it or its end.
    const auto kept = found->second;
    Channel::Turn turn{*kept};
    if (!turn.is_unused()) return;
    turn.retire();
    by_name_.erase(found);
}

}  // namespace wsecho::engine
