#include "protocol/url.h"

#include <algorithm>
#include <charconv>

#include "protocol/http_text.h"
#include "protocol/ip_address.h"

namespace wsecho::protocol {

namespace {

constexpr std::size_t max_host = 253;  // RFC 1035, section 3.1, without the dot at the end

bool is_host_char(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
}

bool is_visible(std::string_view text) noexcept {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::optional<Url::Scheme> scheme_of(std::string_view text) noexcept {
    if (equal_ignoring_case(text, "ws")) return Url::Scheme::ws;
    if (equal_ignoring_case(text, "wss")) return Url::Scheme::wss;
    if (equal_ignoring_case(text, "http")) return Url::Scheme::http;
    return std::nullopt;
}

std::uint16_t default_port(Url::Scheme scheme) noexcept {
    return scheme == Url::Scheme::wss ? 443 : 80;
}

std::optional<unsigned> number_of(std::string_view digits, int base) noexcept {
    unsigned value = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [behind, error] = std::from_chars(digits.data(), end, value, base);
    if (error != std::errc{} || behind != end) return std::nullopt;
    return value;
}

// RFC 3986, section 2.1. A NUL or the end of a line would say something else to whom it is sent.
std::optional<std::string> decode(std::string_view text) {
    std::string decoded;
    while (!text.empty()) {
        char c = text.front();
        text.remove_prefix(1);
        if (c == '%') {
            const auto value = text.size() < 2 ? std::nullopt : number_of(text.substr(0, 2), 16);
            if (!value) return std::nullopt;
            c = static_cast<char>(*value);
            text.remove_prefix(2);
        }
        decoded += c;
    }
    return is_field_value(decoded) ? std::optional{decoded} : std::nullopt;
}

bool parse_port(std::string_view text, Url& url) noexcept {
    url.port = default_port(url.scheme);
    if (text.empty()) return true;
    const auto port = text.front() == ':' ? number_of(text.substr(1), 10) : std::nullopt;
    if (!port || *port == 0 || *port > 65535) return false;
    url.port = static_cast<std::uint16_t>(*port);
    return true;
}

// RFC 3986, section 3.2.2.
bool parse_host_and_port(std::string_view text, Url& url) {
    if (text.starts_with('[')) {
        const auto close = text.find(']');
        if (close == std::string_view::npos) return false;
        url.host = text.substr(1, close - 1);
        return url.host.find(':') != std::string::npos && IpAddress::parse(url.host) &&
               parse_port(text.substr(close + 1), url);
    }
    const auto colon = std::min(text.find(':'), text.size());
    url.host = text.substr(0, colon);
    return !url.host.empty() && url.host.size() <= max_host &&
           std::all_of(url.host.begin(), url.host.end(), is_host_char) &&
           parse_port(text.substr(colon), url);
}

}  // namespace

std::optional<Url> Url::parse(std::string_view text) {
    constexpr std::string_view behind_scheme = "://";
    if (!is_visible(text) || text.find('#') != std::string_view::npos) return std::nullopt;
    const auto colon = text.find(behind_scheme);
    if (colon == std::string_view::npos) return std::nullopt;
    const auto scheme = scheme_of(text.substr(0, colon));
    if (!scheme) return std::nullopt;

    Url url;
    url.scheme = *scheme;
    const auto rest = text.substr(colon + behind_scheme.size());
    const auto path = std::min(rest.find_first_of("/?"), rest.size());
    auto authority = rest.substr(0, path);
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        auto decoded = decode(authority.substr(0, at));
        if (!decoded) return std::nullopt;
        url.user_info = std::move(*decoded);
        authority.remove_prefix(at + 1);
    }
    if (!parse_host_and_port(authority, url)) return std::nullopt;
    url.target = rest.substr(path);
    url.text = std::string{text.substr(0, colon + behind_scheme.size())}.append(authority).append(
        url.target);
    if (!url.target.starts_with('/')) url.target.insert(0, "/");
    return url;
}

std::string Url::authority() const {
    const bool has_brackets = host.find(':') != std::string::npos;
    return (has_brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Url::host_header() const {
    const std::string whole = authority();
    return port == default_port(scheme) ? whole.substr(0, whole.rfind(':')) : whole;
}

}  // namespace wsecho::protocol
