// Writes the upgrade request and judges the response.
#include "handshake.h"

#include <fmt/format.h>

#include <algorithm>

namespace wsecho::loadgen {
namespace {

// The key of the RFC's own example, whose answer is known: no SHA-1 is needed to check it.
constexpr std::string_view key = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view expected_accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
constexpr std::size_t max_head = 16384;

char lower(char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A'))
                                                : character;
}

bool equals_ignoring_case(std::string_view left, std::string_view right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view header_value(std::string_view head, std::string_view name) {
    for (std::size_t line = head.find("\r\n"); line != std::string_view::npos;) {
        const std::size_t start = line + 2;
        line = head.find("\r\n", start);
        const std::string_view field = head.substr(start, line - start);
        const std::size_t colon = field.find(':');
        if (colon != std::string_view::npos && equals_ignoring_case(field.substr(0, colon), name)) {
            return trimmed(field.substr(colon + 1));
        }
    }
    return {};
}

}  // namespace

std::string handshake_request(const Target& target) {
    return fmt::format(
        "GET {} HTTP/1.1\r\n"
        "Host: {}\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Key: {}\r\n"
        "Sec-WebSocket-Version: 13\r\n"
        "\r\n",
        target.resource, target.authority, key);
}

HandshakeAnswer judge_handshake(std::string_view response) {
    using Verdict = HandshakeAnswer::Verdict;
    const std::size_t end = response.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (response.size() <= max_head) return {};
        return {Verdict::refused, 0, "the response's head does not end within 16 KiB"};
    }
    const std::string_view head = response.substr(0, end);
    const std::string_view status_line = head.substr(0, head.find("\r\n"));
    if (!status_line.starts_with("HTTP/1.1 101")) {
        return {Verdict::refused, end + 4, std::string(status_line)};
    }
    if (header_value(head, "sec-websocket-accept") != expected_accept) {
        return {Verdict::refused, end + 4, "the 101 response has a wrong Sec-WebSocket-Accept"};
    }
    return {Verdict::accepted, end + 4, {}};
}

}  // namespace wsecho::loadgen
