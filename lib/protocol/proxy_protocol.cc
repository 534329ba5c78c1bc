// Reads PROXY headers: section 2.1 of proxy-protocol.txt is the line of version 1, section 2.2 the
// block of version 2.
#include "protocol/proxy_protocol.h"

#include <algorithm>
#include <array>

namespace wsecho::protocol {

namespace {

constexpr std::string_view line_start = "PROXY ";
constexpr std::string_view line_end = "\r\n";
constexpr std::string_view unknown_protocol = "UNKNOWN";

constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};
constexpr std::size_t fixed_size = 16;  // of version 2: signature, command, family, length

ProxyHeader malformed(std::string_view why) noexcept {
    return {ProxyHeader::State::malformed, 0, std::nullopt, why};
}

ProxyHeader whole(std::size_t size, const std::optional<Endpoint>& source) noexcept {
    return {ProxyHeader::State::whole, size, source, {}};
}

// Is one of the two texts the start of the other?
bool agree(std::string_view left, std::string_view right) noexcept {
    const auto size = std::min(left.size(), right.size());
    return left.substr(0, size) == right.substr(0, size);
}

// --- Version 1 ---

// The fields of a line for TCP, in their order. A field that has not come whole is refused as soon
// as nothing that may follow could mend it.
class Line {
  public:
    static constexpr std::size_t field_count = 5;

    // What is wrong with a field; empty where nothing is.
    std::string_view take(std::size_t index, std::string_view field, bool is_complete) noexcept {
        switch (index) {
            case 0:
                return take_protocol(field, is_complete);
            case 1:
                return take_address(field, is_complete, &source_.address);
            case 2:
                return take_address(field, is_complete, nullptr);
            case 3:
                return take_port(field, is_complete, &source_.port);
            case 4:
                return take_port(field, is_complete, nullptr);
            default:
                return "more than two addresses and two ports in a PROXY line";
        }
    }

    [[nodiscard]] const Endpoint& source() const noexcept { return source_; }

  private:
    std::string_view take_protocol(std::string_view field, bool is_complete) noexcept {
        is_v6_ = field == "TCP6";
        const bool is_known = is_v6_ || field == "TCP4";
        const bool may_become_known = field.size() < 4 && agree(field, "TCP");
        return is_known || (!is_complete && may_become_known)
                   ? ""
                   : "a protocol other than TCP4, TCP6 and UNKNOWN in a PROXY line";
    }

    std::string_view take_address(std::string_view field, bool is_complete,
                                  IpAddress* address) const noexcept {
        // Other than elsewhere there is no zone, and the protocol says which family it is.
        constexpr std::string_view v4_characters = "0123456789.";
        constexpr std::string_view v6_characters = "0123456789abcdefABCDEF:.";
        const auto wrong = is_v6_ ? "a malformed IPv6 address in a PROXY line"
                                  : "a malformed IPv4 address in a PROXY line";
        if (field.find_first_not_of(is_v6_ ? v6_characters : v4_characters) !=
            std::string_view::npos)
            return wrong;
        if (!is_complete) return "";
        const auto parsed = IpAddress::parse(field);
        if (!parsed || is_v6_ != (field.find(':') != std::string_view::npos)) return wrong;
        if (address != nullptr) *address = *parsed;
        return "";
    }

    static std::string_view take_port(std::string_view field, bool is_complete,
                                      std::optional<std::uint16_t>* port) noexcept {
        if (field.empty() && !is_complete) return "";
        const auto parsed = parse_decimal(field, 65535);  // what starts a port is one, too
        if (!parsed) return "a malformed port in a PROXY line";
        if (port != nullptr) *port = *parsed;
        return "";
    }

    Endpoint source_;
    bool is_v6_ = false;
};

// Here and below, `text` is what stands between "PROXY " and the line's end; `size` is the whole
// line's, or zero where it has not come whole.
ProxyHeader read_fields(std::string_view text, std::size_t size) noexcept {
    Line line;
    for (std::size_t index = 0;; ++index) {
        const auto space = text.find(' ');
        const bool is_last = space == std::string_view::npos;
        const auto wrong = line.take(index, text.substr(0, space), !is_last || size > 0);
        if (!wrong.empty()) return malformed(wrong);
        if (is_last && size == 0) return {};
        if (is_last)
            return index + 1 == Line::field_count
                       ? whole(size, line.source())
                       : malformed("less than two addresses and two ports in a PROXY line");
        text.remove_prefix(space + 1);
    }
}

// Section 2.1: whatever follows UNKNOWN is ignored.
ProxyHeader read_unknown(std::string_view text, std::size_t size) noexcept {
    const auto next = text.substr(0, unknown_protocol.size() + 1);
    if (next.size() > unknown_protocol.size() && next.back() != ' ')
        return malformed("a protocol that only begins with UNKNOWN in a PROXY line");
    return size > 0 ? whole(size, std::nullopt) : ProxyHeader{};
}

ProxyHeader read_text(std::string_view text, std::size_t size) noexcept {
    if (text.substr(0, unknown_protocol.size()) == unknown_protocol)
        return read_unknown(text, size);
    return size == 0 && agree(text, unknown_protocol) ? ProxyHeader{} : read_fields(text, size);
}

ProxyHeader read_line(std::string_view bytes) noexcept {
    const auto line = bytes.substr(0, max_proxy_line);
    const auto end = line.find(line_end);
    if (end == std::string_view::npos && line.size() == max_proxy_line)
        return malformed("a PROXY line without an end in its first 107 bytes");
    auto text = line.substr(0, end);
    text.remove_prefix(std::min(line_start.size(), text.size()));
    if (end != std::string_view::npos) return read_text(text, end + line_end.size());
    if (text.empty() || text.back() != line_end.front()) return read_text(text, 0);
    // Only its line feed is missing, or else it is malformed.
    text.remove_suffix(1);
    const auto header = read_text(text, line.size() + 1);
    return header.state == ProxyHeader::State::malformed ? header : ProxyHeader{};
}

// --- Version 2 ---

enum class Command : std::uint8_t { local = 0x20, proxy = 0x21 };

// The address family, with STREAM as the transport.
enum class Family : std::uint8_t {
    unspecified = 0x00,
    inet = 0x11,
    inet6 = 0x21,
    unix_socket = 0x31
};

std::uint8_t byte_at(std::string_view bytes, std::size_t index) noexcept {
    return static_cast<std::uint8_t>(bytes[index]);
}

std::uint16_t number_at(std::string_view bytes, std::size_t index) noexcept {
    return static_cast<std::uint16_t>(byte_at(bytes, index) << 8U | byte_at(bytes, index + 1));
}

// How many bytes the family's two addresses and ports are; nothing for an unknown family.
std::optional<std::size_t> addresses_size(Family family) noexcept {
    switch (family) {
        case Family::unspecified:
            return 0;
        case Family::inet:
            return 12;
        case Family::inet6:
            return 36;
        case Family::unix_socket:
            return 216;
    }
    return std::nullopt;
}

// The source's address is first, then the destination's, then the ports in the same order.
std::optional<Endpoint> read_source(Family family, std::string_view block) noexcept {
    const auto copy_to = [block](auto& bytes) {
        std::transform(block.begin(), block.begin() + bytes.size(), bytes.begin(),
                       [](char c) { return static_cast<std::uint8_t>(c); });
    };
    if (family == Family::inet) {
        std::array<std::uint8_t, 4> bytes{};
        copy_to(bytes);
        return Endpoint{IpAddress::from_v4(bytes), number_at(block, 2 * bytes.size())};
    }
    if (family == Family::inet6) {
        IpAddress::Bytes bytes{};
        copy_to(bytes);
        return Endpoint{IpAddress{bytes}, number_at(block, 2 * bytes.size())};
    }
    return std::nullopt;
}

ProxyHeader read_block(std::string_view bytes) noexcept {
    constexpr std::size_t command_at = 12;
    constexpr std::size_t family_at = 13;
    constexpr std::size_t length_at = 14;

    if (bytes.size() <= command_at) return {};
    const auto command = Command{byte_at(bytes, command_at)};
    if (command != Command::local && command != Command::proxy)
        return malformed("an unknown version or command in a PROXY header");
    if (bytes.size() <= family_at) return {};
    // Section 2.2: what comes with LOCAL is ignored, the family, too.
    const auto family = command == Command::proxy ? Family{byte_at(bytes, family_at)} : Family{};
    const auto needed = addresses_size(family);
    if (!needed) return malformed("an unknown address family or transport in a PROXY header");

    if (bytes.size() < fixed_size) return {};
    const std::size_t length = number_at(bytes, length_at);
    if (length > max_proxy_block) return malformed("a PROXY header longer than 2048 bytes");
    if (length < *needed) return malformed("a PROXY header too short for its addresses");
    if (bytes.size() < fixed_size + length) return {};
    return whole(fixed_size + length, read_source(family, bytes.substr(fixed_size, length)));
}

}  // namespace

ProxyHeader parse_proxy_header(std::string_view bytes) noexcept {
    if (bytes.empty()) return {};
    if (agree(bytes, line_start)) return read_line(bytes);
    if (agree(bytes, signature)) return read_block(bytes);
    return malformed("no PROXY header");
}

}  // namespace wsecho::protocol
