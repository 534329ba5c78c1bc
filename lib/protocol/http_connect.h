// A tunnel through an HTTP proxy (RFC 9110, section 9.3.6): the request for one. Pure.
#pragma once

#include <string>

#include "protocol/url.h"

namespace wsecho::protocol {

// To the endpoint's host and port, with the credentials of the proxy's URL, if it has some.
std::string connect_request(const Url& endpoint, const Url& proxy);

// Is the tunnel there? Any 2xx says so; what comes behind the answer's head is the endpoint's.
constexpr bool opens_tunnel(unsigned status) noexcept {
    return status >= 200 && status < 300;
}

}  // namespace wsecho::protocol
