// Where to connect: a ws:// or wss:// address (RFC 6455, section 3) taken apart.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace wsecho::loadgen {

struct Target {
    std::string host;  // without the brackets of an IPv6 address
    std::uint16_t port = 80;
    std::string resource = "/";  // path and query, as the request line carries them
    std::string authority;       // as the Host header carries it
    bool tls = false;
};

class TargetError : public std::invalid_argument {
  public:
    using std::invalid_argument::invalid_argument;
};

// Throws TargetError with words that name the part that is wrong.
[[nodiscard]] Target parse_target(std::string_view address);

}  // namespace wsecho::loadgen
