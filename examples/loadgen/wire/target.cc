// Takes a ws:// or wss:// address apart.
#include "wire/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace wsecho::loadgen {
namespace {

constexpr std::string_view scheme = "ws://";
constexpr std::string_view secure_scheme = "wss://";

std::uint16_t parse_port(std::string_view digits) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || port == 0) {
        throw TargetError(fmt::format("'{}' is not a port: give a number from 1 to 65535", digits));
    }
    return port;
}

// What would end the request line or start another header.
bool is_unsafe(char character) {
    return character <= ' ' || character == '\x7f';
}

}  // namespace

Target parse_target(std::string_view address) {
    const bool tls = address.starts_with(secure_scheme);
    if (!tls && !address.starts_with(scheme)) {
        throw TargetError(
            fmt::format("'{}' is not an address that starts with ws:// or wss://", address));
    }
    if (std::any_of(address.begin(), address.end(), is_unsafe)) {
        throw TargetError("the address contains a space or a control character: percent-encode it");
    }
    if (address.find('#') != std::string_view::npos) {
        throw TargetError(
            "a WebSocket address has no fragment: leave out the '#' and what follows");
    }
    std::string_view rest = address.substr((tls ? secure_scheme : scheme).size());
    const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
    std::string_view authority = rest.substr(0, authority_end);
    const std::string_view resource = rest.substr(authority_end);
    if (authority.find('@') != std::string_view::npos) {
        throw TargetError(
            "a user name in the address is not supported: leave out what precedes '@'");
    }

    Target target;
    target.tls = tls;
    if (tls) target.port = 443;
    target.authority = authority;
    std::string_view after_host;
    if (authority.starts_with('[')) {
        const std::size_t bracket = authority.find(']');
        if (bracket == std::string_view::npos) {
            throw TargetError("the IPv6 address lacks its closing ']'");
        }
        target.host = authority.substr(1, bracket - 1);
        after_host = authority.substr(bracket + 1);
    } else {
        const std::size_t colon = std::min(authority.find(':'), authority.size());
        target.host = authority.substr(0, colon);
        after_host = authority.substr(colon);
    }
    if (target.host.empty()) throw TargetError("the address names no host");
    if (!after_host.empty()) {
        if (!after_host.starts_with(':')) {
            throw TargetError(
                fmt::format("'{}' follows the host, where ':PORT' belongs", after_host));
        }
        target.port = parse_port(after_host.substr(1));
    }
    if (resource.starts_with('/')) {
        target.resource = resource;
    } else {
        target.resource += resource;  // a query alone belongs to the path "/"
    }
    return target;
}

}  // namespace wsecho::loadgen
