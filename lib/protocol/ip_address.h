// Addresses of the Internet Protocol, and endpoints with a port: read, written, compared. Pure:
// the system's own functions for it come with its sockets.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wsecho::protocol {

// An IPv4 address is kept as an IPv4-mapped one (RFC 4291, section 2.5.5.2): a socket for both
// families tells the same peer as "::ffff:10.0.0.1" that another tells as "10.0.0.1".
class IpAddress {
  public:
    using Bytes = std::array<std::uint8_t, 16>;

    IpAddress() noexcept = default;  // "::", the unspecified address
    explicit IpAddress(const Bytes& bytes) noexcept : bytes_{bytes} {}
    static IpAddress from_v4(std::span<const std::uint8_t, 4> bytes) noexcept;

    // Four decimal numbers without leading zeros, or a text of RFC 4291, section 2.2. The zone of
    // an IPv6 address ("fe80::1%eth0", RFC 4007, section 11) is dropped: it means something to
    // this host only.
    static std::optional<IpAddress> parse(std::string_view text) noexcept;

    [[nodiscard]] const Bytes& bytes() const noexcept { return bytes_; }
    // RFC 1122, section 3.2.1.3, and RFC 4291, section 2.5.3.
    [[nodiscard]] bool is_loopback() const noexcept;
    [[nodiscard]] bool is_v4() const noexcept;

    // The network that it is in, as its first address: of an IPv4 address so many bits stay, of
    // an IPv6 one so many. Peers are counted by it, since whoever has one IPv6 address has 2^64.
    [[nodiscard]] IpAddress prefix(unsigned v4_bits, unsigned v6_bits) const noexcept;

    // As RFC 5952 has it; an IPv4 address in four decimal numbers.
    [[nodiscard]] std::string to_text() const;

    // A seed that peers do not know keeps them from choosing addresses that collide in a table.
    [[nodiscard]] std::uint64_t hash(std::uint64_t seed = 0) const noexcept;

    friend auto operator<=>(const IpAddress&, const IpAddress&) noexcept = default;

  private:
    Bytes bytes_{};
};

// Where a connection comes from; nobody may have told the port.
struct Endpoint {
    IpAddress address;
    std::optional<std::uint16_t> port;

    // "1.2.3.4", "1.2.3.4:567", "::1", "[::1]" or "[::1]:567".
    static std::optional<Endpoint> parse(std::string_view text) noexcept;

    // Brackets stand only where a port follows.
    [[nodiscard]] std::string to_text() const;

    friend bool operator==(const Endpoint&, const Endpoint&) noexcept = default;
};

// A decimal number without sign or leading zeros: octets, ports and lengths of prefixes. A leading
// zero is refused because some read it as octal.
std::optional<std::uint16_t> parse_decimal(std::string_view text, std::uint16_t maximum) noexcept;

}  // namespace wsecho::protocol

template <>
struct std::hash<wsecho::protocol::IpAddress> {
    std::size_t operator()(const wsecho::protocol::IpAddress& address) const noexcept {
        return static_cast<std::size_t>(address.hash());
    }
};
