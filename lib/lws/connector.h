// Sockets that connect: the addresses of a host, and the connecting to one of them.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <vector>

#include "lws/listener.h"

namespace wsecho::lws {

// Of one host and port.
struct RemoteAddress {
    sockaddr_storage address{};
    socklen_t size = 0;

    [[nodiscard]] std::string text() const;  // "192.0.2.1:4711" or "[2001:db8::1]:4711"
};

struct Resolution {
    std::vector<RemoteAddress> addresses;  // in the order in which to try them (RFC 6724)
    std::string why;                       // there are none
};

// Of a name, which may take long; and of an address as text, which never does. Nothing and no
// reason where it is a name.
Resolution resolve(const std::string& host, std::uint16_t port);
Resolution resolve_numeric(const std::string& host, std::uint16_t port);

struct Connecting {
    Descriptor descriptor;
    std::string why;  // there is none
};

// Non-blocking and without Nagle's delay. It takes bytes once it is connected, or has failed:
// Socket::why_not_connected().
Connecting begin_connect(const RemoteAddress& address);

}  // namespace wsecho::lws
