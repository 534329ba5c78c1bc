// Finds the client's address in what the proxies before a server wrote into the request's head.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "protocol/ip_address.h"
#include "protocol/ip_network.h"
#include "protocol/request_head.h"

namespace wsecho::protocol {

// Which header is read: the one that the proxies write. Never both, since proxies hand on the other
// one as the client sent it, forged or not (RFC 7239, section 8.1).
enum class ForwardedHeader : std::uint8_t {
    x_forwarded_for,  // de facto: addresses with commas between them
    forwarded,        // RFC 7239, section 4: the parameter for= of each element
};

// More proxies than anybody has one behind the other.
inline constexpr std::size_t max_forwarded_elements = 32;

// A peer on a Unix socket. It is a type of its own so that an address that nobody could read is
// not taken for one.
struct UnixPeer {};

// Each proxy adds, at the end of the list, the address that it was connected from (RFC 7239,
// section 7.1); all lines of the header are one list (RFC 9110, section 5.3). What stands left of
// the first element that a trusted proxy wrote may be forged. So the list is read from its end: as
// long as the address that handed on, first the socket's `peer`, is `trusted`, the element before
// it is believed, and the first address that is not trusted is the client. Where all are trusted,
// the first element is.
//
// Where an element is no address, the client is the last one known before: "unknown" and "_hidden"
// (RFC 7239, sections 6.2 and 6.3), an element without for=, garbage, and an empty element as
// well, which a list may have (RFC 9110, section 5.6.1) but which a proxy also writes for an
// address that it does not know: what stands left of it is then the client's own text. So it is
// after max_forwarded_elements.
//
// Nothing where the peer itself is the last one known: it is not trusted, or there is no such
// header, or no address at its end.
std::optional<Endpoint> find_client(const RequestHead& head, ForwardedHeader header,
                                    const IpAddress& peer, const NetworkList& trusted) noexcept;
std::optional<Endpoint> find_client(const RequestHead& head, ForwardedHeader header, UnixPeer peer,
                                    const NetworkList& trusted) noexcept;

}  // namespace wsecho::protocol
