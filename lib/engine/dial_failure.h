// Why a dialed connection is not there.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/client_handshake.h"

namespace wsecho::engine {

struct DialFailure {
    // The numbers are those of the C header.
    enum class Kind : std::uint8_t {
        none = 0,
        resolve = 1,      // the name has no address
        connect = 2,      // TCP
        timeout = 3,      // connect_timeout
        proxy = 4,        // it made no tunnel
        tls = 5,          // the TLS handshake
        certificate = 6,  // it is not one to be trusted
        status = 7,       // an answer other than 101
        answer = 8,       // one that breaks RFC 6455
        lost = 9,         // it was there, and ended
        limit = 10,       // of the server's connections
    };

    Kind kind = Kind::none;
    unsigned status = 0;  // of HTTP, where there was an answer
    std::string words;

    // Will the next attempt at this endpoint fail in the same way?
    [[nodiscard]] bool is_permanent() const noexcept {
        if (kind == Kind::certificate) return true;
        return (kind == Kind::status || kind == Kind::proxy) && protocol::is_permanent(status);
    }
};

}  // namespace wsecho::engine
