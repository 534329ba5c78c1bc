// The accepted connections of one loop that have not come with their whole request: how many there
// may be, in all and of one client's network, and which of them gives way to a newcomer. Adding,
// removing and choosing take the same time however many there are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/address_limits.h"
#include "engine/connection_id.h"
#include "protocol/ip_address.h"
#include "runtime/intrusive_list.h"

namespace wsecho::engine {

struct PendingBounds {
    std::size_t in_all = 1;       // at least 1
    std::size_t per_network = 0;  // 0: no bound of its own
};

// The part of one loop. `wanted` is the bound of the server; 0: as many as `max_connections`, and
// no fewer than there is room for refusals on each loop.
PendingBounds pending_bounds_of_loop(std::uint32_t wanted, std::uint32_t per_network,
                                     std::uint32_t max_connections, unsigned loops) noexcept;

class PendingConnections {
    struct Network;

  public:
    // One connection's membership, which ends with the object.
    class Place {
      public:
        Place(PendingConnections& pending, ConnectionId id) noexcept : pending_(pending), id_(id) {}
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        ~Place() { pending_.leave(*this); }

      private:
        friend class PendingConnections;
        PendingConnections& pending_;
        const ConnectionId id_;
        Network* network_ = nullptr;
        runtime::ListHook<Place> by_age_;
        runtime::ListHook<Place> of_network_;
    };

    // `shared`, if there is one, counts the connections of each network on all loops, and outlives
    // this object. The seed is one that peers do not know.
    PendingConnections(const PendingBounds& bounds, AddressLimits* shared, std::uint64_t seed);
    PendingConnections(const PendingConnections&) = delete;
    PendingConnections& operator=(const PendingConnections&) = delete;
    ~PendingConnections() = default;  // no place outlives it

    // Without a network, a connection is held to no bound but that of all.
    [[nodiscard]] std::unique_ptr<Place> add(ConnectionId id,
                                             const std::optional<protocol::IpAddress>& network);
    // The network of a connection that had none is known. Its age stays.
    void set_network(Place& place, const protocol::IpAddress& network);

    // Which connection gives way to one that was just added, never itself, since its network has
    // too many; nothing if it has not.
    [[nodiscard]] std::optional<ConnectionId> find_surplus_of_network(const Place& newcomer) const;
    // Which gives way since there are too many in all; nothing if there are not.
    [[nodiscard]] std::optional<ConnectionId> find_surplus() const noexcept {
        return size_ > bounds_.in_all ? next_to_give_way() : std::nullopt;
    }
    // Which connection is the next to give way: the oldest of the network that has most of them,
    // so that whoever floods the server gives way to himself; the oldest of all where no network
    // has two. Nothing if there is none.
    [[nodiscard]] std::optional<ConnectionId> next_to_give_way() const noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t networks() const noexcept { return networks_.size(); }

  private:
    struct Network {
        protocol::IpAddress address;
        std::size_t count = 0;
        runtime::IntrusiveList<Place, &Place::of_network_> places{};
        runtime::ListHook<Network> of_count{};
    };
    using NetworksOfOneCount = runtime::IntrusiveList<Network, &Network::of_count>;
    struct Hash {
        std::uint64_t seed;
        std::size_t operator()(const protocol::IpAddress& address) const noexcept {
            return static_cast<std::size_t>(address.hash(seed));
        }
    };

    void join(Place& place, const protocol::IpAddress& address);
    void leave(Place& place) noexcept;
    void set_count(Network& network, std::size_t count) noexcept;

    const PendingBounds bounds_;
    AddressLimits* const shared_;
    std::size_t size_ = 0;
    runtime::IntrusiveList<Place, &Place::by_age_> by_age_;
    std::unordered_map<protocol::IpAddress, Network, Hash> networks_;
    // The networks that have so many connections, for each number; those that have the most are
    // found without looking at any other.
    std::vector<NetworksOfOneCount> by_count_{1};
    std::size_t most_ = 0;
};

}  // namespace wsecho::engine
