#include "protocol/handshake.h"

#include <algorithm>
#include <vector>

namespace wsecho::protocol {

namespace {

// A key is 16 bytes in base64: 22 characters and two signs of padding (section 4.2.1).
bool is_key(std::string_view key) noexcept {
    if (key.size() != 24 || key.substr(22) != "==") return false;
    return std::all_of(key.begin(), key.begin() + 22, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '/';
    });
}

bool has_body(const RequestHead& head) noexcept {
    if (head.header("Transfer-Encoding")) return true;
    const auto lengths = head.count("Content-Length");
    return lengths > 1 || (lengths == 1 && head.header("Content-Length") != "0");
}

// What RFC 9110 (sections 15.5.6 and 15.5.22), RFC 6455 (4.4) and RFC 6585 (4) want beside the
// status.
std::vector<HeaderField> headers_with(HttpStatus status, std::chrono::seconds retry_after) {
    switch (status) {
        case HttpStatus::method_not_allowed:
            return {{"Allow", "GET"}};
        case HttpStatus::upgrade_required:
            return {{"Upgrade", "websocket"}, {"Sec-WebSocket-Version", "13"}};
        case HttpStatus::too_many_requests:
        case HttpStatus::service_unavailable:
            return {{"Retry-After", std::to_string(retry_after.count())}};
        default:
            return {};
    }
}

}  // namespace

std::variant<Upgrade, Refusal> judge_handshake(const RequestHead& head, bool is_served) {
    if (head.version() != "HTTP/1.1")
        return Refusal{HttpStatus::bad_request, "WebSocket needs HTTP/1.1"};
    if (head.method() != "GET")
        return Refusal{HttpStatus::method_not_allowed, "a WebSocket handshake is a GET request"};
    if (head.count("Host") != 1)
        return Refusal{HttpStatus::bad_request, "exactly one Host header is needed"};
    if (!is_served) return Refusal{HttpStatus::not_found, "no WebSocket is served at this path"};
    if (!head.has_token("Upgrade", "websocket"))
        return Refusal{HttpStatus::upgrade_required,
                       "this is a WebSocket endpoint: send 'Upgrade: websocket'"};
    if (!head.has_token("Connection", "Upgrade"))
        return Refusal{HttpStatus::bad_request, "the Connection header must name 'Upgrade'"};
    if (head.header("Sec-WebSocket-Version") != "13" || head.count("Sec-WebSocket-Version") != 1)
        return Refusal{HttpStatus::upgrade_required, "Sec-WebSocket-Version must be 13"};
    const auto key = head.header("Sec-WebSocket-Key");
    if (!key || head.count("Sec-WebSocket-Key") != 1 || !is_key(*key))
        return Refusal{HttpStatus::bad_request,
                       "one Sec-WebSocket-Key of 16 bytes in base64 is needed"};
    if (has_body(head))
        return Refusal{HttpStatus::bad_request, "a WebSocket handshake has no body"};
    return Upgrade{*key};
}

std::string accept_input(std::string_view key) {
    return std::string{key} + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
}

std::optional<Refusal> judge_page(const OriginPolicy& origins, const HostPolicy& hosts,
                                  bool is_local, const RequestHead& head) noexcept {
    const auto origin = head.header("Origin");
    if (!origin) return std::nullopt;
    const auto host = head.header("Host").value_or("");
    const bool is_one = head.count("Origin") == 1;  // two are no browser's
    if (is_one && origins.allows_by_name(*origin)) return std::nullopt;
    if (!is_one || !origins.allows_as_same(*origin, host))
        return Refusal{HttpStatus::forbidden, "pages of this origin may not connect"};
    if (hosts.allows(host, is_local)) return std::nullopt;
    return Refusal{HttpStatus::misdirected_request,
                   "pages may not connect by this Host: the option allowed_hosts has to name it"};
}

Rejection rejection_of(const Refusal& refusal, std::chrono::seconds retry_after) {
    return {static_cast<unsigned>(refusal.status), headers_with(refusal.status, retry_after),
            std::string{refusal.why} + "\n"};
}

}  // namespace wsecho::protocol
