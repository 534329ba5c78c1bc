// Networks of addresses (CIDR, RFC 4632), and lists of them as an operator writes them. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "protocol/ip_address.h"

namespace wsecho::protocol {

// An IPv6 network holds no IPv4 address, though "::/0" spans the mapped ones: who writes it means
// IPv6. Mapped addresses are IPv4 ones: "::ffff:10.0.0.0/104" is "10.0.0.0/8".
class Network {
  public:
    // "10.0.0.0/8", or an address alone for the network that holds nothing else. Nothing where
    // bits beyond the prefix are set, which is a slip of the pen, or where there is a zone: it is
    // not compared, so that the network would hold more than is written.
    static std::optional<Network> parse(std::string_view text) noexcept;

    [[nodiscard]] bool contains(const IpAddress& address) const noexcept;

  private:
    Network(const IpAddress& address, unsigned bits) noexcept : address_{address}, bits_{bits} {}

    IpAddress address_;
    unsigned bits_;  // of an IPv4 address at most 32
};

// Whom to trust: networks, and perhaps peers on a Unix socket, which have no address. An empty
// list trusts nobody.
class NetworkList {
  public:
    // Elements with spaces or commas between them: networks, and the words "loopback", "private"
    // (networks that are not routed on the Internet, and loopback) and "unix". Nothing where an
    // element is none of these.
    static std::optional<NetworkList> parse(std::string_view text);

    [[nodiscard]] bool contains(const IpAddress& address) const noexcept;
    [[nodiscard]] bool trusts_unix() const noexcept { return trusts_unix_; }

  private:
    bool add(std::string_view element);
    bool add_all(std::string_view elements);

    std::vector<Network> networks_;
    bool trusts_unix_ = false;
};

}  // namespace wsecho::protocol
