// Why and how a connection ended.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/close_code.h"

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
};
inline constexpr std::size_t close_causes = 11;

enum class Initiator : std::uint8_t { local = 0, peer = 1 };

struct CloseReport {
    protocol::CloseCode code = protocol::CloseCode::abnormal;
    std::string reason;
    CloseCause cause = CloseCause::tcp;
    Initiator initiator = Initiator::peer;
};

}  // namespace wsecho::engine
