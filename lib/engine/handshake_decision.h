// What the application answers a handshake with; any thread gives it, the connection's loop carries
// it out.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "protocol/handshake_answer.h"

namespace wsecho::engine {

struct AcceptedHandshake {
    protocol::Acceptance answer;
    void* user = nullptr;  // the connection's from its open callback on
};

using HandshakeDecision = std::variant<AcceptedHandshake, protocol::Rejection>;

// Of a connection whose request is whole, until it is answered.
struct PendingHandshake {
    // What came behind the request; the loop's alone.
    std::vector<std::uint8_t> early;
    // With the table locked.
    std::unique_ptr<HandshakeDecision> decision;
};

}  // namespace wsecho::engine
