// What a connection has besides where this side dialed it: how far its handshake is, and whom to
// tell.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/dial_failure.h"
#include "engine/dial_link.h"
#include "lws/tls_client.h"
#include "protocol/head_end.h"

namespace wsecho::engine {

struct ClientSide {
    // What is waited for.
    enum class Phase : std::uint8_t {
        connect,  // the socket to be connected
        tunnel,   // the proxy's answer
        tls,      // the endpoint's part in its handshake
        answer,   // the endpoint's
        open,
    };

    explicit ClientSide(std::shared_ptr<DialLink> told) : link(std::move(told)) {}

    const std::shared_ptr<DialLink> link;
    Phase phase = Phase::connect;
    std::string accept;  // what Sec-WebSocket-Accept must be
    std::string answer;  // its head, as far as it has come
    protocol::HeadEnd answer_end;
    DialFailure failure;                  // why it ends
    std::unique_ptr<lws::TlsClient> tls;  // of wss:
};

}  // namespace wsecho::engine
