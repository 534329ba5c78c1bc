// Where to connect: ws: and wss: URIs (RFC 6455, section 3), and http: ones of proxies. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wsecho::protocol {

struct Url {
    enum class Scheme : std::uint8_t { ws, wss, http };

    Scheme scheme = Scheme::ws;
    std::string user_info;   // "user:password", decoded; empty: none
    std::string host;        // a name, or an address without brackets
    std::uint16_t port = 0;  // the scheme's, if none was given
    std::string target;      // "/path?query", at least "/"
    std::string text;        // as it was given, without the user info

    // Nothing where it is none of these; one with a fragment is not (section 3).
    static std::optional<Url> parse(std::string_view text);

    [[nodiscard]] bool is_secure() const noexcept { return scheme == Scheme::wss; }
    // For a header Host: with the port where it is not the scheme's.
    [[nodiscard]] std::string host_header() const;
    // With the port in any case.
    [[nodiscard]] std::string authority() const;
};

}  // namespace wsecho::protocol
