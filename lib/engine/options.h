// What a server can be told when it is made, and which of it makes no sense.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/address_limits.h"
#include "engine/error.h"
#include "engine/proxies.h"
#include "lws/event_loop.h"
#include "protocol/host_policy.h"
#include "protocol/origin.h"
#include "runtime/heartbeat.h"
#include "runtime/time.h"

namespace wsecho::engine {

// The defaults, and the words for each, stand in the C header.

// What becomes of a message for which its connection has no room. The numbers are those of the C
// header.
enum class BackpressurePolicy : std::uint8_t {
    refuse = 0,       // it is not taken
    drop_oldest = 1,  // what has waited longest makes room for it
    close = 2,        // nor is the connection kept
};

// What becomes of a connection that sends more than its rates allow. The numbers are those of the C
// header.
enum class RatePolicy : std::uint8_t {
    slow = 0,   // it is not read from until it may send again
    close = 1,  // it is not kept
};

// What a peer may send in a second; 0: as much as it likes.
struct RateOptions {
    std::uint64_t messages = 0;  // each frame counts
    std::uint64_t bytes = 0;
    RatePolicy policy = RatePolicy::slow;
};

// What each connection is held to.
struct ConnectionLimits {
    std::size_t max_message_bytes = 1024UL * 1024;
    std::size_t max_queued_bytes = 4UL * 1024 * 1024;
    BackpressurePolicy backpressure = BackpressurePolicy::refuse;
    std::size_t high_watermark = 0;  // 0: the application is not told
    std::size_t low_watermark = 0;
    runtime::Duration idle_timeout{0};  // 0: never
    runtime::HeartbeatSettings heartbeat;
    RateOptions rates;
    runtime::Duration close_timeout = std::chrono::seconds{5};
    // How long the kernel may take nothing of what waits for the peer; 0: any time.
    runtime::Duration send_timeout = std::chrono::seconds{30};
};

// Of messages, where the peer agrees (RFC 7692).
struct DeflateOptions {
    bool is_enabled = false;
    std::size_t threshold = 1024;  // smaller ones go as they are
    int window_bits = 15;          // of either side
    bool takes_over = false;       // either side's context, where the peer agrees to that, too
    int level = 6;
};

// Of the connections that came by one path.
struct PathOptions {
    protocol::OriginPolicy origins;
    std::uint32_t max_connections = 0;  // 0: the server's bound alone
    ConnectionLimits limits;
};

struct ServerOptions {
    std::string host = "127.0.0.1";
    int port = 0;           // -1: no TCP
    std::string unix_path;  // empty: no Unix socket
    std::string path;       // empty: any that no other path has
    protocol::OriginPolicy origins;
    protocol::HostPolicy hosts;         // of all paths
    unsigned threads = 1;               // 0: one for each core
    std::uint32_t max_connections = 0;  // 0: as many as the descriptor limit allows
    ConnectionLimits limits;
    std::size_t max_queued_bytes_total = std::size_t{1} << 30U;  // 0: no bound
    std::size_t max_receiving_bytes_total = 0;  // 0: a part of the machine's memory
    std::uint32_t max_channels = 1'000'000;
    std::uint32_t max_subscriptions = 1000;  // of one connection
    ProxyOptions proxies;
    AddressLimitOptions addresses;
    DeflateOptions deflate;
    runtime::Duration handshake_timeout = std::chrono::seconds{10};
    std::uint32_t max_pending_handshakes = 0;   // 0: as many as connections
    std::uint32_t max_pending_per_address = 0;  // on each loop; 0: no bound of its own
    int backlog = 4096;
    bool share_port = false;
    std::string event_loop{lws::automatic_event_loop};
};

// The first thing wrong, with words that name the field.
Status check(const ServerOptions& options);
Status check(const ConnectionLimits& limits);
Status check(const DeflateOptions& deflate);
// The fields' names begin with the prefix.
Status check(const runtime::HeartbeatSettings& heartbeat, std::string_view prefix);

}  // namespace wsecho::engine
