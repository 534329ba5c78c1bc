// PROXY protocol: read byte by byte a header is found at its last byte and never before, a fault
// stays one, and both are what a simple reference says; what a proxy writes for an address is read
// as it.
#include "protocol/proxy_protocol.h"

#include <arpa/inet.h>

#include <cstring>

#include "reference_head.h"

namespace wsecho::fuzz {

namespace {

using protocol::Endpoint;
using protocol::IpAddress;
using protocol::parse_proxy_header;
using protocol::ProxyHeader;
using State = ProxyHeader::State;

constexpr std::string_view signature{"\r\n\r\n\0\r\nQUIT\n", 12};

// A whole header, or nothing, by haproxy's proxy-protocol.txt, sections 2.1 and 2.2.
struct Whole {
    std::size_t size;
    std::optional<Endpoint> source;
};

bool is_port(const std::string& text) {
    if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return false;
    for (const char c : text)
        if (c < '0' || c > '9') return false;
    return std::stoi(text) <= 65535;
}

std::optional<IpAddress> address_of(int family, const std::string& text) {
    IpAddress::Bytes bytes{};
    if (::inet_pton(family, text.c_str(), bytes.data()) != 1 ||
        std::strlen(text.c_str()) != text.size())
        return std::nullopt;
    if (family == AF_INET6) return IpAddress{bytes};
    return IpAddress::from_v4(std::span{bytes}.first<4>());
}

std::optional<Whole> read_line(std::string_view bytes) {
    const auto end = bytes.substr(0, 107).find("\r\n");
    if (end == std::string_view::npos) return std::nullopt;
    const auto words = split(bytes.substr(0, end), " ");
    if (words[0] != "PROXY" || words.size() < 2) return std::nullopt;
    if (words[1] == "UNKNOWN") return Whole{end + 2, std::nullopt};
    const int family = words[1] == "TCP4" ? AF_INET : words[1] == "TCP6" ? AF_INET6 : 0;
    if (family == 0 || words.size() != 6 || !is_port(words[4]) || !is_port(words[5]))
        return std::nullopt;
    const auto source = address_of(family, words[2]);
    if (!source || !address_of(family, words[3])) return std::nullopt;
    return Whole{end + 2, Endpoint{*source, static_cast<std::uint16_t>(std::stoi(words[4]))}};
}

std::optional<Whole> read_block(std::string_view bytes) {
    Reader reader{bytes_of(bytes)};
    reader.bytes(signature.size());
    const unsigned command = reader.byte();
    const unsigned family = reader.byte();
    const auto length = static_cast<std::size_t>(reader.number(2));
    const std::size_t size = 16 + length;
    if (bytes.size() < size || (command != 0x20 && command != 0x21) || length > 2048)
        return std::nullopt;
    if (command == 0x20 || family == 0) return Whole{size, std::nullopt};
    if (family == 0x31 && length >= 216) return Whole{size, std::nullopt};
    const std::size_t each = family == 0x11 ? 4 : family == 0x21 ? 16 : 0;
    if (each == 0 || length < 2 * each + 4) return std::nullopt;
    const View source = reader.bytes(each);
    reader.bytes(each);
    const auto port = static_cast<std::uint16_t>(reader.number(2));
    IpAddress::Bytes address{};
    std::copy(source.begin(), source.end(), address.begin());
    return Whole{size, Endpoint{each == 4 ? IpAddress::from_v4(std::span{address}.first<4>())
                                          : IpAddress{address},
                                port}};
}

std::optional<Whole> reference(std::string_view bytes) {
    if (bytes.starts_with(signature) && bytes.size() >= 16) return read_block(bytes);
    return bytes.starts_with("PROXY ") ? read_line(bytes) : std::nullopt;
}

void read_byte_by_byte(std::string_view bytes, const ProxyHeader& whole) {
    State state = State::need_more;
    const std::size_t end = std::min(bytes.size(), protocol::max_proxy_header + 1);
    for (std::size_t size = 0; size <= end; ++size) {
        const ProxyHeader header = parse_proxy_header(bytes.substr(0, size));
        require(header.why.empty() == (header.state != State::malformed), "a fault has words");
        if (state != State::need_more) {
            require(header.state == state, "what was found stays so");
        } else if (header.state == State::whole) {
            require(header.size == size, "a header is found at its last byte");
        }
        if (header.state == State::whole)
            require(header.size == whole.size && header.source == whole.source,
                    "what follows a header does not change it");
        state = header.state;
    }
    require(state == whole.state, "pieces make no difference");
}

void round_trip(Reader reader, bool is_v6) {
    Endpoint source;
    const auto bytes = reader.bytes(is_v6 ? 16 : 4);
    IpAddress::Bytes address{};
    std::copy(bytes.begin(), bytes.end(), address.begin());
    source.address = is_v6 ? IpAddress{address} : IpAddress::from_v4(std::span{address}.first<4>());
    source.port = static_cast<std::uint16_t>(reader.number(2));

    char text[INET6_ADDRSTRLEN];
    ::inet_ntop(is_v6 ? AF_INET6 : AF_INET, address.data(), text, sizeof text);
    const std::string line = std::string{"PROXY "} + (is_v6 ? "TCP6 " : "TCP4 ") + text + " " +
                             text + " " + std::to_string(*source.port) + " 443\r\n";
    const ProxyHeader header = parse_proxy_header(line + "GET ");
    require(header.state == State::whole && header.size == line.size() && header.source == source,
            "a line for an address is read as it");
}

}  // namespace

void check(View input) {
    const auto bytes = text_of(input);
    const ProxyHeader header = parse_proxy_header(bytes);
    const auto expected = reference(bytes);
    require((header.state == State::whole) == expected.has_value(),
            "a header is whole where the reference says so");
    if (expected)
        require(header.size == expected->size && header.source == expected->source,
                "size and source are the reference's");
    read_byte_by_byte(bytes, header);
    round_trip(Reader{input}, true);
    round_trip(Reader{input}, false);
}

}  // namespace wsecho::fuzz
