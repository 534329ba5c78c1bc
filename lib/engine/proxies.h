// Proxies before the server: which of them are believed about where a connection comes from, and
// what they say. Addresses are texts as connections have them: "192.0.2.1:4711" or "unix".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/ip_network.h"
#include "protocol/request_head.h"

namespace wsecho::engine {

// How they say it; the numbers are those of the C header.
enum class ProxyHeader : std::uint8_t {
    none = 0,
    x_forwarded_for = 1,
    forwarded = 2,
    proxy_protocol = 3,
};

struct ProxyOptions {
    ProxyHeader header = ProxyHeader::none;
    protocol::NetworkList trusted;
};

// Is this peer one of them?
[[nodiscard]] bool is_trusted(const ProxyOptions& options, std::string_view peer) noexcept;

// Is this peer on this machine, by its loopback address?
[[nodiscard]] bool is_loopback(std::string_view peer) noexcept;

// By the request's headers; nothing: the peer itself.
[[nodiscard]] std::optional<std::string> find_client(const ProxyOptions& options,
                                                     const protocol::RequestHead& head,
                                                     std::string_view peer);

}  // namespace wsecho::engine
