#include "engine/pending_connections.h"

#include <algorithm>

#include "engine/descriptor_limit.h"

namespace wsecho::engine {

using protocol::IpAddress;

PendingBounds pending_bounds_of_loop(std::uint32_t wanted, std::uint32_t per_network,
                                     std::uint32_t max_connections, unsigned loops) noexcept {
    const std::size_t in_all = wanted != 0 ? wanted : max_connections;
    const std::size_t part = (in_all + loops - 1) / loops;
    return {wanted != 0 ? part : std::max<std::size_t>(part, refusal_room), per_network};
}

PendingConnections::PendingConnections(const PendingBounds& bounds, AddressLimits* shared,
                                       std::uint64_t seed)
    : bounds_(bounds), shared_(shared), networks_(0, Hash{seed}) {}

std::unique_ptr<PendingConnections::Place> PendingConnections::add(
    ConnectionId id, const std::optional<IpAddress>& network) {
    auto place = std::make_unique<Place>(*this, id);
    by_age_.push_back(*place);
    ++size_;
    if (network) join(*place, *network);
    return place;
}

void PendingConnections::set_network(Place& place, const IpAddress& network) {
    if (place.network_ == nullptr) join(place, network);
}

void PendingConnections::join(Place& place, const IpAddress& address) {
    Network& network = networks_.try_emplace(address, Network{address}).first->second;
    const std::size_t count = network.count + 1;
    if (by_count_.size() <= count) by_count_.resize(count + 1);
    if (shared_ != nullptr) shared_->add_pending(address);
    place.network_ = &network;
    network.places.push_back(place);
    set_count(network, count);
}

void PendingConnections::leave(Place& place) noexcept {
    by_age_.remove(place);
    --size_;
    if (place.network_ == nullptr) return;
    Network& network = *place.network_;
    if (shared_ != nullptr) shared_->remove_pending(network.address);
    network.places.remove(place);
    set_count(network, network.count - 1);
    if (network.count == 0) networks_.erase(network.address);
}

// A count changes by one. So where the network was the last with the most, the one below is now the
// most: it is there itself.
void PendingConnections::set_count(Network& network, std::size_t count) noexcept {
    if (network.count != 0) by_count_[network.count].remove(network);
    network.count = count;
    if (count != 0) by_count_[count].push_back(network);
    if (count > most_)
        most_ = count;
    else if (by_count_[most_].empty())
        --most_;
}

std::optional<ConnectionId> PendingConnections::find_surplus_of_network(
    const Place& newcomer) const {
    const Network* network = newcomer.network_;
    if (network == nullptr || network->count == 1) return std::nullopt;
    const bool is_over = bounds_.per_network != 0 && network->count > bounds_.per_network;
    if (!is_over && (shared_ == nullptr || !shared_->has_too_many(network->address)))
        return std::nullopt;
    return network->places.front()->id_;
}

std::optional<ConnectionId> PendingConnections::next_to_give_way() const noexcept {
    if (by_age_.empty()) return std::nullopt;
    const Place* oldest = most_ > 1 ? by_count_[most_].front()->places.front() : by_age_.front();
    return oldest->id_;
}

}  // namespace wsecho::engine
