// Reads networks and lists of them, and tells who is in one.
#include "protocol/ip_network.h"

#include <algorithm>
#include <utility>

#include "protocol/list.h"

namespace wsecho::protocol {

namespace {

constexpr std::string_view separators = " \t,";

// RFC 1122, section 3.2.1.3, and RFC 4291, section 2.5.3.
constexpr std::string_view loopback_networks = "127.0.0.0/8 ::1";

// RFC 1918, section 3; RFC 4193, section 3.1; link-local: RFC 3927 and RFC 4291, section 2.5.6.
constexpr std::string_view private_networks =
    "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 169.254.0.0/16 fe80::/10";

}  // namespace

std::optional<Network> Network::parse(std::string_view text) noexcept {
    const auto slash = text.find('/');
    const auto written = text.substr(0, slash);
    const auto address = IpAddress::parse(written);
    if (!address || written.find('%') != std::string_view::npos) return std::nullopt;

    const bool is_v6_text = written.find(':') != std::string_view::npos;
    unsigned bits = is_v6_text ? 128 : 32;
    if (slash != std::string_view::npos) {
        const auto length = parse_decimal(text.substr(slash + 1), is_v6_text ? 128 : 32);
        if (!length) return std::nullopt;
        bits = *length;
    }
    if (is_v6_text && address->is_v4()) {
        if (bits < 96) return std::nullopt;  // the bits that make it a mapped one lie beyond
        bits -= 96;
    }
    if (address->prefix(bits, bits) != *address) return std::nullopt;
    return Network{*address, bits};
}

bool Network::contains(const IpAddress& address) const noexcept {
    // A prefix stays in its family, so that one never equals a network of the other.
    return address.prefix(bits_, bits_) == address_;
}

bool NetworkList::add(std::string_view element) {
    if (element == "loopback") return add_all(loopback_networks);
    if (element == "private") return add_all(private_networks) && add_all(loopback_networks);
    if (element == "unix") {
        trusts_unix_ = true;
        return true;
    }
    const auto network = Network::parse(element);
    if (network) networks_.push_back(*network);
    return network.has_value();
}

bool NetworkList::add_all(std::string_view elements) {
    return for_each_element(elements, separators,
                            [this](std::string_view element) { return add(element); });
}

std::optional<NetworkList> NetworkList::parse(std::string_view text) {
    NetworkList list;
    return list.add_all(text) ? std::optional{std::move(list)} : std::nullopt;
}

bool NetworkList::contains(const IpAddress& address) const noexcept {
    return std::any_of(networks_.begin(), networks_.end(),
                       [&](const Network& network) { return network.contains(address); });
}

}  // namespace wsecho::protocol
