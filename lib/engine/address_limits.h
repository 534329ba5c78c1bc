// How much one client address may take of a server: connections at a time, and handshakes per
// second. Any thread: all loops share one table, which accepted sockets, handshakes and ends of
// connections alone look at.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <unordered_map>

#include "protocol/ip_address.h"
#include "runtime/time.h"
#include "runtime/token_bucket.h"

namespace wsecho::engine {

struct AddressLimitOptions {
    unsigned v4_bits = 32;  // addresses of one network of this size count as one
    unsigned v6_bits = 64;
    std::uint32_t max_connections = 0;  // 0: no bound
    std::uint32_t max_handshakes_per_second = 0;

    [[nodiscard]] bool limit_anything() const noexcept {
        return max_connections != 0 || max_handshakes_per_second != 0;
    }
};

// Bounded whatever peers do: an address without connections is forgotten when its bucket is full
// again, and sooner where there are very many.
class AddressLimits {
  public:
    // The seed is one that peers do not know.
    AddressLimits(const AddressLimitOptions& options, std::uint64_t seed);

    // False: too many in this second.
    bool take_handshake(const protocol::IpAddress& address, runtime::TimePoint now);
    // False: it has as many connections as it may.
    bool take_place(const protocol::IpAddress& address);
    void give_place(const protocol::IpAddress& address, runtime::TimePoint now);

    // Counts a socket of the address from its acceptance until its request is whole. Sockets
    // without a request never keep one with a request from its place: they give way where, with the
    // connections, there are too many.
    void add_pending(const protocol::IpAddress& address);
    void remove_pending(const protocol::IpAddress& address) noexcept;
    [[nodiscard]] bool has_too_many(const protocol::IpAddress& address) const;

    [[nodiscard]] std::size_t remembered() const;

  private:
    struct Entry {
        explicit Entry(const runtime::TokenRate& rate) : bucket(rate) {}
        std::uint32_t connections = 0;
        std::uint32_t pending = 0;
        bool is_waiting = false;  // among those to be forgotten
        runtime::TimePoint last_handshake{};
        runtime::TokenBucket bucket;
    };
    struct Hash {
        std::uint64_t seed;
        std::size_t operator()(const protocol::IpAddress& address) const noexcept {
            return static_cast<std::size_t>(address.hash(seed));
        }
    };

    [[nodiscard]] protocol::IpAddress network_of(const protocol::IpAddress& address) const noexcept;
    [[nodiscard]] static bool is_in_use(const Entry& entry) noexcept {
        return entry.connections != 0 || entry.pending != 0;
    }
    void let_wait(const protocol::IpAddress& network, Entry& entry);
    void forget(runtime::TimePoint now);

    const AddressLimitOptions options_;
    const runtime::TokenRate rate_;
    mutable std::mutex mutex_;
    std::unordered_map<protocol::IpAddress, Entry, Hash> by_network_;
    std::deque<protocol::IpAddress> waiting_;  // those that may be forgotten soon
};

}  // namespace wsecho::engine
