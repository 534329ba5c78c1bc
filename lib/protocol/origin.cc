#include "protocol/origin.h"

#include <algorithm>
#include <charconv>

#include "protocol/http_text.h"
#include "protocol/list.h"

namespace wsecho::protocol {

namespace {

constexpr std::string_view separators = " ,";

struct Authority {
    std::string_view host;
    std::optional<std::uint16_t> port;
};

bool is_host_character(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~' || c == '%';
}

bool is_host(std::string_view host) noexcept {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
        return std::all_of(host.begin(), host.end(),
                           [](char c) { return is_host_character(c) || c == ':'; });
    }
    return !host.empty() && std::all_of(host.begin(), host.end(), is_host_character);
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (error != std::errc{} || end != text.data() + text.size() || port == 0) return std::nullopt;
    return port;
}

// "example.com", "example.com:8443", "[2001:db8::1]:8443" (RFC 3986, section 3.2, without the
// user, which stands in neither header).
std::optional<Authority> parse_authority(std::string_view text) noexcept {
    const auto bracket = text.rfind(']');
    const auto colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
    Authority authority{text.substr(0, colon), std::nullopt};
    if (!is_host(authority.host)) return std::nullopt;
    if (colon == std::string_view::npos) return authority;
    authority.port = parse_port(text.substr(colon + 1));
    if (!authority.port) return std::nullopt;
    return authority;
}

std::optional<std::uint16_t> port_of_scheme(std::string_view scheme) noexcept {
    if (equal_ignoring_case(scheme, "http") || equal_ignoring_case(scheme, "ws")) return 80;
    if (equal_ignoring_case(scheme, "https") || equal_ignoring_case(scheme, "wss")) return 443;
    return std::nullopt;
}

// Behind a proxy that ends TLS the scheme of the request is not known: a Host without a port is
// on the usual one of the page's scheme.
bool is_same(const Origin& origin, std::string_view host_header) noexcept {
    const auto host = parse_authority(host_header);
    return host && equal_ignoring_case(origin.host, host->host) &&
           (host->port ? *host->port == origin.port : origin.port == port_of_scheme(origin.scheme));
}

}  // namespace

std::optional<Origin> Origin::parse(std::string_view text) noexcept {
    constexpr std::string_view behind_scheme = "://";
    const auto end = text.find(behind_scheme);
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    const auto scheme = text.substr(0, end);
    const auto authority = parse_authority(text.substr(end + behind_scheme.size()));
    if (!authority) return std::nullopt;
    const auto port = authority->port ? authority->port : port_of_scheme(scheme);
    if (!port) return std::nullopt;
    return Origin{scheme, authority->host, *port};
}

bool OriginPolicy::Pattern::matches(const Origin& origin) const noexcept {
    if (origin.port != port || !equal_ignoring_case(origin.scheme, scheme)) return false;
    if (!subdomains) return equal_ignoring_case(origin.host, host);
    return origin.host.size() > host.size() &&
           equal_ignoring_case(origin.host.substr(origin.host.size() - host.size()), host);
}

bool OriginPolicy::add(std::string_view element) {
    if (element == "*") return any_ = true;
    if (element == "same") return same_ = true;
    if (element == "null") return null_ = true;
    std::string text{element};
    const auto asterisk = text.find("://*.");
    const bool subdomains = asterisk != std::string::npos;
    if (subdomains) text.erase(asterisk + 3, 1);
    const auto origin = Origin::parse(text);
    if (!origin) return false;
    patterns_.push_back(
        {std::string{origin->scheme}, std::string{origin->host}, origin->port, subdomains});
    return true;
}

std::optional<OriginPolicy> OriginPolicy::parse(std::string_view text) {
    OriginPolicy policy;
    policy.same_ = false;
    bool found = false;
    const bool right = for_each_element(text, separators, [&](std::string_view element) {
        found = true;
        return policy.add(element);
    });
    if (!right || !found) return std::nullopt;
    return policy;
}

bool OriginPolicy::allows_by_name(std::string_view origin) const noexcept {
    if (any_) return true;
    if (origin == "null") return null_;
    const auto parsed = Origin::parse(origin);
    return parsed && std::any_of(patterns_.begin(), patterns_.end(),
                                 [&](const Pattern& pattern) { return pattern.matches(*parsed); });
}

bool OriginPolicy::allows_as_same(std::string_view origin, std::string_view host) const noexcept {
    const auto parsed = same_ ? Origin::parse(origin) : std::nullopt;
    return parsed && is_same(*parsed, host);
}

}  // namespace wsecho::protocol
