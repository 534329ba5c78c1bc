// Writes the upgrade request and judges the response.
#include "wire/handshake.h"

#include <fmt/format.h>

#include <algorithm>

#include "wire/deflate.h"

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

// Of the first header of that name; empty if there is none.
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

// Whether it is among the tokens of a Connection header.
bool names_upgrade(std::string_view tokens) {
    while (!tokens.empty()) {
        const std::size_t comma = std::min(tokens.find(','), tokens.size());
        if (equals_ignoring_case(trimmed(tokens.substr(0, comma)), "upgrade")) return true;
        tokens.remove_prefix(std::min(comma + 1, tokens.size()));
    }
    return false;
}

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

// What in the head of a 101 response goes against what was offered; nothing if all is well.
std::string problem_with(std::string_view head, const HandshakeOffer& offer) {
    if (header_value(head, "sec-websocket-accept") != expected_accept) {
        return "the 101 response has a wrong Sec-WebSocket-Accept";
    }
    // RFC 6455, section 4.1: without either the client must fail the connection.
    if (!equals_ignoring_case(header_value(head, "upgrade"), "websocket") ||
        !names_upgrade(header_value(head, "connection"))) {
        return "the 101 response does not say 'Upgrade: websocket' and 'Connection: Upgrade'";
    }
    const std::string_view subprotocol = header_value(head, "sec-websocket-protocol");
    if (!subprotocol.empty() && subprotocol != offer.subprotocol) {
        return fmt::format("the server chose subprotocol '{}', which was not offered", subprotocol);
    }
    if (subprotocol.empty() && !offer.subprotocol.empty()) {
        return fmt::format("the server does not speak subprotocol '{}'", offer.subprotocol);
    }
    const std::string_view extensions = header_value(head, "sec-websocket-extensions");
    if (extensions.empty()) {
        // Compressed messages without an agreement would be against the protocol, and plain ones
        // not what was to be measured.
        return offer.deflate ? "the server does not agree to permessage-deflate" : "";
    }
    if (!offer.deflate || !extensions.starts_with("permessage-deflate")) {
        return fmt::format("the server chose extension '{}', which was not offered", extensions);
    }
    if (!contains(extensions, "server_no_context_takeover")) {
        return "the server compresses with context takeover, which was not offered";
    }
    return {};
}

}  // namespace

std::string handshake_request(const Target& target, const HandshakeOffer& offer) {
    std::string request = fmt::format(
        "GET {} HTTP/1.1\r\n"
        "Host: {}\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n"
        "Sec-WebSocket-Key: {}\r\n"
        "Sec-WebSocket-Version: 13\r\n",
        target.resource, target.authority, key);
    if (!offer.subprotocol.empty()) {
        request += fmt::format("Sec-WebSocket-Protocol: {}\r\n", offer.subprotocol);
    }
    if (offer.deflate) request += fmt::format("Sec-WebSocket-Extensions: {}\r\n", deflate_offer);
    for (const std::string& header : offer.headers)
        request += header + "\r\n";
    return request + "\r\n";
}

HandshakeAnswer judge_handshake(std::string_view response, const HandshakeOffer& offer) {
    using Verdict = HandshakeAnswer::Verdict;
    const std::size_t end = response.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (response.size() <= max_head) return {};
        return {Verdict::refused, 0, "the response's head does not end within 16 KiB", false};
    }
    const std::string_view head = response.substr(0, end);
    const std::string_view status_line = head.substr(0, head.find("\r\n"));
    if (!status_line.starts_with("HTTP/1.1 101")) {
        return {Verdict::refused, end + 4, std::string(status_line), false};
    }
    std::string problem = problem_with(head, offer);
    if (!problem.empty()) return {Verdict::refused, end + 4, std::move(problem), false};
    const bool deflate = !header_value(head, "sec-websocket-extensions").empty();
    return {Verdict::accepted, end + 4, {}, deflate};
}

}  // namespace wsecho::loadgen
