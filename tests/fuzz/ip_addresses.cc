// IP addresses and networks: read as the system's inet_pton() reads them, written so that they are
// read again; a network holds what a comparison bit by bit says.
#include <arpa/inet.h>

#include "protocol/ip_address.h"
#include "protocol/ip_network.h"
#include "reference_head.h"

namespace wsecho::fuzz {

namespace {

using protocol::Endpoint;
using protocol::IpAddress;
using protocol::Network;
using protocol::NetworkList;

std::optional<IpAddress> reference(const std::string& text) {
    if (text.find('\0') != std::string::npos) return std::nullopt;
    IpAddress::Bytes bytes{};
    if (text.find(':') == std::string::npos) {
        if (::inet_pton(AF_INET, text.c_str(), bytes.data()) != 1) return std::nullopt;
        return IpAddress::from_v4(std::span{bytes}.first<4>());
    }
    // A zone is visible ASCII, and does not count.
    const auto percent = text.find('%');
    if (percent != std::string::npos) {
        const std::string zone = text.substr(percent + 1);
        for (const char c : zone)
            if (c <= ' ' || c >= 0x7F) return std::nullopt;
        if (zone.empty()) return std::nullopt;
    }
    if (::inet_pton(AF_INET6, text.substr(0, percent).c_str(), bytes.data()) != 1)
        return std::nullopt;
    return IpAddress{bytes};
}

bool bit_of(const IpAddress& address, unsigned bit) {
    return (address.bytes()[bit / 8] & (0x80U >> (bit % 8))) != 0;
}

void check_prefix(const IpAddress& address, unsigned v4_bits, unsigned v6_bits) {
    const IpAddress prefix = address.prefix(v4_bits, v6_bits);
    const unsigned kept = address.is_v4() ? 96 + std::min(v4_bits, 32U) : std::min(v6_bits, 128U);
    for (unsigned bit = 0; bit < 128; ++bit)
        require(bit_of(prefix, bit) == (bit < kept && bit_of(address, bit)),
                "a prefix has the first bits of the address, and zeros");
}

void check_address(const std::string& text) {
    const auto address = IpAddress::parse(text);
    require(address == reference(text), "an address is what the system reads");
    if (!address) return;
    const std::string written = address->to_text();
    require(IpAddress::parse(written) == address, "what is written is read again");
    char system[INET6_ADDRSTRLEN];
    if (!address->is_v4() && ::inet_ntop(AF_INET6, address->bytes().data(), system, sizeof system))
        require(written == system || std::string_view{system}.find('.') != std::string_view::npos,
                "it is written as the system writes it");
    for (const auto& endpoint :
         {Endpoint{*address, {}}, Endpoint{*address, 0}, Endpoint{*address, 65535}})
        require(Endpoint::parse(endpoint.to_text()) == endpoint, "so is an endpoint");
}

// Does the network of this text hold the address? Nothing: it is no network.
std::optional<bool> holds(const std::string& text, const IpAddress& address) {
    const auto slash = text.find('/');
    const std::string written = text.substr(0, slash);
    const auto base = reference(written);
    if (!base || written.find('%') != std::string::npos) return std::nullopt;
    const bool is_v6_text = written.find(':') != std::string::npos;
    unsigned bits = is_v6_text ? 128 : 32;
    if (slash != std::string::npos) {
        const std::string length = text.substr(slash + 1);
        if (length.empty() || length.size() > 3 || (length[0] == '0' && length != "0"))
            return std::nullopt;
        for (const char c : length)
            if (c < '0' || c > '9') return std::nullopt;
        if (std::stoul(length) > bits) return std::nullopt;
        bits = static_cast<unsigned>(std::stoul(length));
    }
    if (!is_v6_text) bits += 96;
    if (base->is_v4() && bits < 96) return std::nullopt;
    for (unsigned bit = bits; bit < 128; ++bit)
        if (bit_of(*base, bit)) return std::nullopt;
    if (base->is_v4() != address.is_v4()) return false;
    for (unsigned bit = 0; bit < bits; ++bit)
        if (bit_of(*base, bit) != bit_of(address, bit)) return false;
    return true;
}

void check_network(const std::string& text, const IpAddress& address) {
    const auto network = Network::parse(text);
    const auto expected = holds(text, address);
    require(network.has_value() == expected.has_value(),
            "a network is one where the reference says so");
    if (network)
        require(network->contains(address) == *expected, "it holds what the reference says");
    const auto list = NetworkList::parse("192.0.2.1 " + text + ",unix");
    if (!network || !list) return;
    require(list->contains(address) == (*expected || address == IpAddress::parse("192.0.2.1")),
            "a list holds what one of its networks holds");
    require(list->trusts_unix(), "and all of its words count");
}

}  // namespace

void check(View input) {
    Reader reader{input};
    const unsigned v4_bits = reader.byte() % 40;
    const unsigned v6_bits = reader.byte() % 140;
    const std::string first{reader.line()};
    const std::string second{reader.line()};
    check_address(first);
    check_network(second, IpAddress::parse(first).value_or(IpAddress{}));
    if (const auto address = IpAddress::parse(first)) check_prefix(*address, v4_bits, v6_bits);
    if (const auto endpoint = Endpoint::parse(first)) {
        require(Endpoint::parse(endpoint->to_text()) == endpoint, "an endpoint is read again");
        require(!endpoint->port || first.ends_with(std::to_string(*endpoint->port)),
                "its port is what stands at the end");
    }
}

}  // namespace wsecho::fuzz
