// What a connection has that a message does not touch: kept apart, so that what an echo needs lies
// in few cache lines. Its connection's loop alone, but for what is marked.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/channel.h"
#include "engine/deflate.h"
#include "engine/handshake_decision.h"
#include "engine/options.h"
#include "engine/pending_connections.h"
#include "engine/rate_limits.h"
#include "engine/receiving_memory.h"
#include "protocol/head_end.h"
#include "runtime/heartbeat.h"
#include "runtime/round_trip.h"
#include "runtime/time.h"
#include "runtime/unread_bytes.h"

namespace wsecho::engine {

class Connection;
struct ClientSide;

enum class PauseReason : std::uint8_t { application, rate };

// Of a connection whose reading is paused.
struct PausedReading {
    // Why; one does not end the other. With neither, reading goes on at the end of the pass.
    bool by_application = false;
    bool by_rate = false;
    bool is_marked = false;          // the loop looks at it at the end of the pass
    runtime::TimePoint rate_over{};  // when it may send again

    [[nodiscard]] bool& by(PauseReason reason) noexcept {
        return reason == PauseReason::rate ? by_rate : by_application;
    }
    [[nodiscard]] bool holds() const noexcept { return by_application || by_rate; }
};

// What few connections have.
struct ConnectionTerms {
    std::optional<runtime::HeartbeatSettings> heartbeat;  // its own, instead of its path's
    std::optional<ConnectionRates> rates;                 // where it is held to some
};

// What is seldom looked at: what the peer asked for, which may be asked about for the connection's
// life, the channels that it is in, its round trips.
struct ConnectionDetails {
    ConnectionDetails();
    ~ConnectionDetails();

    std::string remote_address;  // the client's, as far as trusted proxies tell it
    std::string head;
    std::unique_ptr<PendingConnections::Place> place;  // while it may have to give way
    std::unique_ptr<PendingHandshake> pending;
    std::unique_ptr<ClientSide> client;            // of one that was dialed
    std::unique_ptr<ConnectionDeflate> deflate;    // the loop's own; where it was agreed on
    std::unique_ptr<PausedReading> paused;         // until the end of the pass that resumes it
    std::unique_ptr<runtime::UnreadBytes> unread;  // from the socket, but not by the decoder
    std::unique_ptr<ReceivingMemory<Connection>::Share> receiving;  // since it first held something
    std::unique_ptr<ConnectionTerms> terms;
    std::vector<std::shared_ptr<Membership>> memberships;
    // Any thread, with the table locked; its path's at first.
    std::atomic<BackpressurePolicy> backpressure{BackpressurePolicy::refuse};
    std::atomic<bool> overflowed{false};  // on another thread, and its loop is told
    bool is_full = false;                 // its own queue refused; with the table locked
    bool is_proxied = false;              // the header of the PROXY protocol is behind
    protocol::HeadEnd head_end;           // of `head`, while the request arrives
    runtime::RoundTripTimes round_trips;  // with the table locked
    runtime::TimePoint opened_at{};
};

}  // namespace wsecho::engine
