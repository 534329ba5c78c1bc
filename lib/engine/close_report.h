// Why and how a connection ended.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/close_code.h"
#include "runtime/time.h"

namespace wsecho::engine {

// The numbers are those of the C header.
enum class CloseCause : std::uint8_t {
    peer = 0,
    local = 1,
    heartbeat = 2,
    idle = 3,
    too_big = 4,
    slow_consumer = 5,
    protocol = 6,
    tls = 7,
    tcp = 8,
    limit = 9,
    drain = 10,
    memory = 11,
};
inline constexpr std::size_t close_causes = 12;

enum class Initiator : std::uint8_t { local = 0, peer = 1 };

// What a connection has carried so far. Of its loop's thread alone.
struct Traffic {
    std::uint64_t messages_received = 0;
    std::uint64_t messages_sent = 0;  // accepted to be sent
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
};

// The last numbers of a connection.
struct LastNumbers {
    runtime::Duration age{0};  // since it was opened
    Traffic traffic;
    std::uint64_t bytes_unsent = 0;
    runtime::Duration round_trip{0};  // smoothed; nothing where no ping was answered
};

struct CloseReport {
    protocol::CloseCode code = protocol::CloseCode::abnormal;
    std::string reason;
    CloseCause cause = CloseCause::tcp;
    Initiator initiator = Initiator::peer;
    LastNumbers numbers{};  // filled in at the end
};

}  // namespace wsecho::engine
