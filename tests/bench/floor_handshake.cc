// SHA-1 (FIPS 180-4) and base64 (RFC 4648) as small as they get, and the 101 response.
#include "floor_handshake.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace wsecho::floor_server {
namespace {

using Sha1 = std::array<std::uint8_t, 20>;
using State = std::array<std::uint32_t, 5>;

constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::uint32_t byte_at(std::string_view text, std::size_t index) {
    return static_cast<std::uint8_t>(text[index]);
}

void add_block(State& state, std::string_view block) {
    std::array<std::uint32_t, 80> words{};
    for (std::size_t index = 0; index < 16; ++index) {
        words[index] = byte_at(block, index * 4) << 24U | byte_at(block, index * 4 + 1) << 16U |
                       byte_at(block, index * 4 + 2) << 8U | byte_at(block, index * 4 + 3);
    }
    for (std::size_t index = 16; index < words.size(); ++index) {
        words[index] = std::rotl(
            words[index - 3] ^ words[index - 8] ^ words[index - 14] ^ words[index - 16], 1);
    }
    auto [a, b, c, d, e] = state;
    for (std::size_t index = 0; index < words.size(); ++index) {
        const std::uint32_t mixed = index < 20   ? ((b & c) | (~b & d)) + 0x5A827999U
                                    : index < 40 ? (b ^ c ^ d) + 0x6ED9EBA1U
                                    : index < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCU
                                                 : (b ^ c ^ d) + 0xCA62C1D6U;
        const std::uint32_t next = std::rotl(a, 5) + mixed + e + words[index];
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = next;
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
}

Sha1 sha1(std::string text) {
    const std::uint64_t bits = text.size() * 8;
    text.push_back('\x80');
    while (text.size() % 64 != 56)
        text.push_back('\0');
    for (unsigned shift = 64; shift > 0; shift -= 8) {
        text.push_back(static_cast<char>(bits >> (shift - 8) & 0xFFU));
    }
    State state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    for (std::size_t at = 0; at < text.size(); at += 64) {
        add_block(state, std::string_view(text).substr(at, 64));
    }
    Sha1 digest{};
    for (std::size_t index = 0; index < digest.size(); ++index) {
        digest[index] = static_cast<std::uint8_t>(state[index / 4] >> (24 - index % 4 * 8) & 0xFFU);
    }
    return digest;
}

std::string base64(const Sha1& bytes) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t index = at; index < at + 3; ++index) {
            group = group << 8U | (index < bytes.size() ? bytes[index] : 0U);
        }
        for (unsigned shift = 24; shift > 0; shift -= 6) {
            text.push_back(alphabet[group >> (shift - 6) & 0x3FU]);
        }
    }
    text.back() = '=';  // twenty bytes leave the last group one short
    return text;
}

std::string_view key_of(std::string_view request) {
    constexpr std::string_view name = "sec-websocket-key:";
    std::string lowered(request);
    for (char& character : lowered) {
        if (character >= 'A' && character <= 'Z') {
            character = static_cast<char>(character + ('a' - 'A'));
        }
    }
    const std::size_t field = lowered.find(name);
    if (field == std::string::npos) return {};
    std::string_view value = request.substr(field + name.size());
    value = value.substr(0, value.find('\r'));
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value;
}

}  // namespace

Handshake answer_handshake(std::string_view received) {
    const std::size_t end = received.find("\r\n\r\n");
    if (end == std::string_view::npos) return {};
    Handshake handshake{end + 4, {}};
    const std::string_view key = key_of(received.substr(0, end));
    if (key.empty()) return handshake;
    handshake.response =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        base64(sha1(std::string(key).append(guid))) + "\r\n\r\n";
    return handshake;
}

}  // namespace wsecho::floor_server
