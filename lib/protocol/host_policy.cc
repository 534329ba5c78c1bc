#include "protocol/host_policy.h"

#include <algorithm>

#include "protocol/http_text.h"
#include "protocol/ip_address.h"
#include "protocol/list.h"

namespace wsecho::protocol {

namespace {

constexpr std::string_view separators = " ,";
constexpr std::string_view loopback_name = "localhost";
constexpr std::string_view below_loopback_name = ".localhost";  // RFC 6761, section 6.3

bool is_name(std::string_view text) noexcept {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '.' || c == '_';
    });
}

bool has_brackets(std::string_view text) noexcept {
    return text.size() > 2 && text.front() == '[' && text.back() == ']';
}

std::string_view without_brackets(std::string_view text) noexcept {
    return has_brackets(text) ? text.substr(1, text.size() - 2) : text;
}

// In a Host header an IPv6 address has brackets (RFC 3986, section 3.2.2).
std::string_view without_port(std::string_view host_header) noexcept {
    const auto bracket = host_header.rfind(']');
    const auto colon = host_header.find(':', bracket == std::string_view::npos ? 0 : bracket);
    return host_header.substr(0, colon);
}

std::optional<IpAddress> address_of(std::string_view host) noexcept {
    return IpAddress::parse(without_brackets(host));
}

bool ends_with_ignoring_case(std::string_view text, std::string_view end) noexcept {
    return text.size() > end.size() &&
           equal_ignoring_case(text.substr(text.size() - end.size()), end);
}

bool matches(std::string_view host, std::string_view listed) noexcept {
    if (listed.starts_with('.')) return ends_with_ignoring_case(host, listed);
    if (equal_ignoring_case(host, listed)) return true;
    // An IPv6 address may be written in several ways.
    const auto address = address_of(listed);
    return address && address_of(host) == address;
}

}  // namespace

bool HostPolicy::add(std::string_view element) {
    if (element == "*") return any_ = true;
    if (element.starts_with("*.")) {
        if (!is_name(element.substr(2))) return false;
        names_.emplace_back(element.substr(1));
        return true;
    }
    if (element.starts_with('.') || (!is_name(element) && !address_of(element))) return false;
    names_.emplace_back(element);
    return true;
}

std::optional<HostPolicy> HostPolicy::parse(std::string_view text) {
    HostPolicy policy;
    const bool is_right = for_each_element(
        text, separators, [&policy](std::string_view element) { return policy.add(element); });
    if (!is_right || (!policy.any_ && policy.names_.empty())) return std::nullopt;
    policy.is_given_ = true;
    return policy;
}

bool HostPolicy::is_listed(std::string_view host) const noexcept {
    return std::any_of(names_.begin(), names_.end(),
                       [host](const std::string& listed) { return matches(host, listed); });
}

bool HostPolicy::allows(std::string_view host_header, bool is_local) const noexcept {
    const auto host = without_port(host_header);
    if (any_ || is_listed(host)) return true;
    if (is_given_) return false;
    return !is_local || address_of(host) || equal_ignoring_case(host, loopback_name) ||
           ends_with_ignoring_case(host, below_loopback_name);
}

}  // namespace wsecho::protocol
