// Reads and writes addresses: RFC 4291, section 2.2, and RFC 5952.
#include "protocol/ip_address.h"

#include <algorithm>
#include <charconv>

namespace wsecho::protocol {

namespace {

using Bytes = IpAddress::Bytes;
using Quad = std::array<std::uint8_t, 4>;

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned mapped_bits = 96;
constexpr std::size_t group_count = 8;

std::optional<Quad> parse_quad(std::string_view text) noexcept {
    Quad quad{};
    for (std::size_t i = 0; i < quad.size(); ++i) {
        const auto end = i + 1 < quad.size() ? text.find('.') : text.size();
        if (end == std::string_view::npos) return std::nullopt;
        const auto octet = parse_decimal(text.substr(0, end), 255);
        if (!octet) return std::nullopt;
        quad[i] = static_cast<std::uint8_t>(*octet);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return quad;
}

std::optional<unsigned> parse_group(std::string_view text) noexcept {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size() || text.size() > 4)
        return std::nullopt;
    return value;
}

// Reads groups with single colons between them to the front of `bytes`; tells how many bytes they
// are. Only the last 32 bits of an address may be written as an IPv4 address.
std::optional<std::size_t> parse_groups(std::string_view text, bool may_end_in_quad,
                                        Bytes& bytes) noexcept {
    std::size_t size = 0;
    while (!text.empty()) {
        const auto colon = text.find(':');
        const auto group = text.substr(0, colon);
        const bool is_last = colon == std::string_view::npos;
        if (is_last && may_end_in_quad && group.find('.') != std::string_view::npos) {
            const auto quad = parse_quad(group);
            if (!quad || size + quad->size() > bytes.size()) return std::nullopt;
            std::copy(quad->begin(), quad->end(), bytes.begin() + size);
            return size + quad->size();
        }
        const auto value = parse_group(group);
        if (!value || size + 2 > bytes.size()) return std::nullopt;
        bytes[size++] = static_cast<std::uint8_t>(*value >> 8U);
        bytes[size++] = static_cast<std::uint8_t>(*value & 0xFFU);
        if (is_last) break;
        text.remove_prefix(colon + 1);
        if (text.empty()) return std::nullopt;
    }
    return size;
}

std::optional<Bytes> parse_v6(std::string_view text) noexcept {
    const auto gap = text.find("::");
    const bool has_gap = gap != std::string_view::npos;
    Bytes front{};
    const auto front_size = parse_groups(text.substr(0, gap), !has_gap, front);
    if (!front_size) return std::nullopt;
    if (!has_gap) return *front_size == front.size() ? std::optional{front} : std::nullopt;

    Bytes back{};
    const auto back_size = parse_groups(text.substr(gap + 2), true, back);
    // "::" stands for one group at least.
    if (!back_size || *front_size + *back_size + 2 > front.size()) return std::nullopt;
    std::copy_n(back.begin(), *back_size, front.end() - static_cast<std::ptrdiff_t>(*back_size));
    return front;
}

bool is_zone(std::string_view text) noexcept {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

using Groups = std::array<unsigned, group_count>;

Groups groups_of(const Bytes& bytes) noexcept {
    Groups groups{};
    for (std::size_t i = 0; i < groups.size(); ++i)
        groups[i] = static_cast<unsigned>(bytes[2 * i] << 8U) | bytes[2 * i + 1];
    return groups;
}

struct Run {
    std::size_t begin = 0;
    std::size_t size = 0;
};

// RFC 5952, section 4.2.3: the longest run of zeros, of equal ones the first.
Run longest_run_of_zeros(const Groups& groups) noexcept {
    Run longest;
    Run current;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        current = groups[i] != 0 ? Run{i + 1, 0} : Run{current.begin, current.size + 1};
        if (current.size > longest.size) longest = current;
    }
    return longest;
}

void append_number(std::string& text, unsigned number, int base) {
    std::array<char, 8> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    text.append(digits.data(), end);
}

std::string v4_text(const Bytes& bytes) {
    std::string text;
    for (std::size_t i = mapped_prefix.size(); i < bytes.size(); ++i) {
        if (!text.empty()) text += '.';
        append_number(text, bytes[i], 10);
    }
    return text;
}

std::string v6_text(const Bytes& bytes) {
    const auto groups = groups_of(bytes);
    auto gap = longest_run_of_zeros(groups);
    if (gap.size < 2) gap = {};  // section 4.2.2: a single group is not shortened
    std::string text;
    for (std::size_t i = 0; i < groups.size();) {
        if (gap.size > 0 && i == gap.begin) {
            text += "::";
            i += gap.size;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        append_number(text, groups[i++], 16);
    }
    return text;
}

// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): each bit of it depends on all bits.
std::uint64_t mixed(std::uint64_t value) noexcept {
    value += 0x9E3779B97F4A7C15U;
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31U);
}

}  // namespace

std::optional<std::uint16_t> parse_decimal(std::string_view text, std::uint16_t maximum) noexcept {
    std::uint16_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value > maximum)
        return std::nullopt;
    if (text.size() > 1 && text.front() == '0') return std::nullopt;
    return value;
}

IpAddress IpAddress::from_v4(std::span<const std::uint8_t, 4> bytes) noexcept {
    Bytes mapped{};
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), mapped.begin());
    std::copy(bytes.begin(), bytes.end(), mapped.begin() + mapped_prefix.size());
    return IpAddress{mapped};
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) noexcept {
    if (text.find(':') == std::string_view::npos) {
        const auto quad = parse_quad(text);
        return quad ? std::optional{from_v4(*quad)} : std::nullopt;
    }
    const auto percent = text.find('%');
    if (percent != std::string_view::npos && !is_zone(text.substr(percent + 1)))
        return std::nullopt;
    const auto bytes = parse_v6(text.substr(0, percent));
    return bytes ? std::optional{IpAddress{*bytes}} : std::nullopt;
}

bool IpAddress::is_v4() const noexcept {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes_.begin());
}

bool IpAddress::is_loopback() const noexcept {
    if (is_v4()) return bytes_[mapped_prefix.size()] == 127;
    return bytes_.back() == 1 &&
           std::all_of(bytes_.begin(), bytes_.end() - 1, [](auto byte) { return byte == 0; });
}

IpAddress IpAddress::prefix(unsigned v4_bits, unsigned v6_bits) const noexcept {
    unsigned bits = is_v4() ? mapped_bits + std::min(v4_bits, 32U) : std::min(v6_bits, 128U);
    Bytes masked{};
    for (std::size_t i = 0; i < masked.size() && bits > 0; ++i) {
        const unsigned kept = std::min(bits, 8U);
        masked[i] = static_cast<std::uint8_t>(bytes_[i] & (0xFF00U >> kept));
        bits -= kept;
    }
    return IpAddress{masked};
}

std::string IpAddress::to_text() const {
    return is_v4() ? v4_text(bytes_) : v6_text(bytes_);
}

std::uint64_t IpAddress::hash(std::uint64_t seed) const noexcept {
    std::uint64_t value = seed;
    for (std::size_t half = 0; half < bytes_.size(); half += 8) {
        std::uint64_t word = 0;
        for (std::size_t i = 0; i < 8; ++i)
            word = (word << 8U) | bytes_[half + i];
        value = mixed(value ^ word);
    }
    return value;
}

std::optional<Endpoint> Endpoint::parse(std::string_view text) noexcept {
    constexpr auto npos = std::string_view::npos;
    std::string_view host = text;
    std::string_view rest;
    if (text.substr(0, 1) == "[") {
        const auto close = text.find(']');
        host = text.substr(1, close == npos ? npos : close - 1);
        if (close == npos || host.find(':') == npos) return std::nullopt;
        rest = text.substr(close + 1);
    } else if (const auto colon = text.find(':'); colon == text.rfind(':') && colon != npos) {
        host = text.substr(0, colon);
        rest = text.substr(colon);
    }
    const auto address = IpAddress::parse(host);
    if (!address) return std::nullopt;
    if (rest.empty()) return Endpoint{*address, std::nullopt};
    const auto port = parse_decimal(rest.substr(1), 65535);
    if (rest.front() != ':' || !port) return std::nullopt;
    return Endpoint{*address, port};
}

std::string Endpoint::to_text() const {
    std::string text = address.to_text();
    if (!port) return text;
    if (!address.is_v4()) text.insert(0, 1, '[').push_back(']');
    text += ':';
    append_number(text, *port, 10);
    return text;
}

}  // namespace wsecho::protocol
