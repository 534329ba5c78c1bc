// The PROXY protocol (HAProxy's proxy-protocol.txt), versions 1 and 2: what a proxy that knows no
// HTTP writes before a connection's first byte, to tell where the connection comes from. Pure.
//
// Its section 2: never guess whether a header is there. A listener is told to expect one, from
// trusted proxies only; else whoever connects could claim any address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/ip_address.h"

namespace wsecho::protocol {

// Section 2.1: a line of version 1, with its end. Section 2.2: version 2 begins with 16 bytes and
// tells the length of what follows, addresses and then extensions. Without these both fit in the
// 536 bytes of the smallest segment; a certificate's names among them may need more.
inline constexpr std::size_t max_proxy_line = 107;
inline constexpr std::size_t max_proxy_block = 2048;
inline constexpr std::size_t max_proxy_header = 16 + max_proxy_block;

struct ProxyHeader {
    enum class State : std::uint8_t { need_more, whole, malformed };

    State state = State::need_more;
    std::size_t size = 0;            // of a whole header: what follows is the connection's own
    std::optional<Endpoint> source;  // of a whole header; nothing: keep the socket's own peer
    std::string_view why;            // it is malformed; a string literal
};

// Reads the header at the front of `bytes`, all that the connection has sent so far; after
// `need_more`, call it again with more. It asks for no byte beyond the header. What begins like no
// header is malformed at the first byte that differs, so that an HTTP request is found at once; a
// field is so at the latest when it is whole.
//
// There is no source where the proxy speaks for itself (LOCAL), where it does not know (UNKNOWN,
// UNSPEC), or where the client came by a Unix socket. Extensions (TLV) are skipped.
ProxyHeader parse_proxy_header(std::string_view bytes) noexcept;

}  // namespace wsecho::protocol
