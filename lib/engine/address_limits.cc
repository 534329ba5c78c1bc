#include "engine/address_limits.h"

namespace wsecho::engine {

using protocol::IpAddress;
using runtime::TimePoint;

namespace {

// A bucket holds what a second lets pass, so it is full again after one.
constexpr auto full_after = std::chrono::seconds{1};
// Beyond that one is forgotten though its bucket is not full: who has that many addresses gains no
// more by it.
constexpr std::size_t most_waiting = 65'536;
// Looked at for each handshake: more than one can be added.
constexpr int looks = 2;

}  // namespace

AddressLimits::AddressLimits(const AddressLimitOptions& options, std::uint64_t seed)
    : options_(options),
      rate_(options.max_handshakes_per_second, options.max_handshakes_per_second),
      by_network_(0, Hash{seed}) {}

IpAddress AddressLimits::network_of(const IpAddress& address) const noexcept {
    return address.prefix(options_.v4_bits, options_.v6_bits);
}

bool AddressLimits::take_handshake(const IpAddress& address, TimePoint now) {
    if (options_.max_handshakes_per_second == 0) return true;
    const std::scoped_lock lock{mutex_};
    forget(now);
    const IpAddress network = network_of(address);
    Entry& entry = by_network_.try_emplace(network, rate_).first->second;
    entry.last_handshake = now;
    let_wait(network, entry);
    return entry.bucket.take(1, now);
}

bool AddressLimits::take_place(const IpAddress& address) {
    if (options_.max_connections == 0) return true;
    const std::scoped_lock lock{mutex_};
    Entry& entry = by_network_.try_emplace(network_of(address), rate_).first->second;
    if (entry.connections >= options_.max_connections) return false;
    ++entry.connections;
    return true;
}

void AddressLimits::give_place(const IpAddress& address, TimePoint now) {
    if (options_.max_connections == 0) return;
    const std::scoped_lock lock{mutex_};
    const auto found = by_network_.find(network_of(address));
    if (found == by_network_.end()) return;
    --found->second.connections;
    if (!is_in_use(found->second) && !found->second.is_waiting) by_network_.erase(found);
    forget(now);
}

void AddressLimits::add_pending(const IpAddress& address) {
    if (options_.max_connections == 0) return;
    const std::scoped_lock lock{mutex_};
    ++by_network_.try_emplace(network_of(address), rate_).first->second.pending;
}

void AddressLimits::remove_pending(const IpAddress& address) noexcept {
    if (options_.max_connections == 0) return;
    const std::scoped_lock lock{mutex_};
    const auto found = by_network_.find(network_of(address));
    if (found == by_network_.end()) return;
    --found->second.pending;
    if (!is_in_use(found->second) && !found->second.is_waiting) by_network_.erase(found);
}

bool AddressLimits::has_too_many(const IpAddress& address) const {
    if (options_.max_connections == 0) return false;
    const std::scoped_lock lock{mutex_};
    const auto found = by_network_.find(network_of(address));
    return found != by_network_.end() &&
           std::uint64_t{found->second.connections} + found->second.pending >
               options_.max_connections;
}

void AddressLimits::let_wait(const IpAddress& network, Entry& entry) {
    if (entry.is_waiting) return;
    waiting_.push_back(network);
    entry.is_waiting = true;
}

// Who has connections is remembered for them; whose bucket is not full waits on.
void AddressLimits::forget(TimePoint now) {
    for (int look = 0; look < looks && !waiting_.empty(); ++look) {
        const IpAddress network = waiting_.front();
        const auto found = by_network_.find(network);
        Entry& entry = found->second;
        const bool is_full_again = now - entry.last_handshake >= full_after;
        waiting_.pop_front();
        if (!is_full_again && waiting_.size() < most_waiting) {
            waiting_.push_back(network);
            continue;
        }
        entry.is_waiting = false;
        if (!is_in_use(entry)) by_network_.erase(found);
    }
}

std::size_t AddressLimits::remembered() const {
    const std::scoped_lock lock{mutex_};
    return by_network_.size();
}

}  // namespace wsecho::engine
