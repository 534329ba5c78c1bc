#include "protocol/handshake_answer.h"

#include <algorithm>
#include <array>
#include <span>

#include "protocol/http_text.h"

namespace wsecho::protocol {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view websocket_prefix = "Sec-WebSocket-";
constexpr std::array set_by_the_server{"Connection"sv, "Content-Length"sv, "Transfer-Encoding"sv};
constexpr unsigned first_status = 300;
constexpr unsigned last_status = 599;

bool starts_with_ignoring_case(std::string_view text, std::string_view start) noexcept {
    return text.size() >= start.size() && equal_ignoring_case(text.substr(0, start.size()), start);
}

bool is_set_by_the_server(std::string_view name) noexcept {
    return std::any_of(set_by_the_server.begin(), set_by_the_server.end(),
                       [name](auto each) { return equal_ignoring_case(each, name); });
}

std::string problem_of(std::span<const HeaderField> headers) {
    for (const HeaderField& field : headers) {
        if (!is_token(field.name)) return "'" + field.name + "' is no header name";
        if (!is_field_value(field.value)) return field.name + ": no header value";
        if (is_set_by_the_server(field.name)) return field.name + ": set by the server alone";
    }
    return {};
}

std::size_t size_of(std::span<const HeaderField> headers) noexcept {
    std::size_t size = 0;
    for (const HeaderField& field : headers)
        size += field.name.size() + ": \r\n"sv.size() + field.value.size();
    return size;
}

void append(std::string& response, std::string_view name, std::string_view value) {
    response.append(name).append(": ").append(value).append("\r\n");
}

void append(std::string& response, std::span<const HeaderField> headers) {
    for (const HeaderField& field : headers)
        append(response, field.name, field.value);
}

}  // namespace

std::string problem_of(const Acceptance& acceptance, const RequestHead& head) {
    // RFC 6455, section 4.2.2: one that the client offered, written as it wrote it.
    if (!acceptance.subprotocol.empty()) {
        const auto offered = head.list("Sec-WebSocket-Protocol");
        if (std::find(offered.begin(), offered.end(), acceptance.subprotocol) == offered.end())
            return "subprotocol: '" + acceptance.subprotocol + "' was not offered";
    }
    for (const HeaderField& field : acceptance.headers)
        if (starts_with_ignoring_case(field.name, websocket_prefix) ||
            equal_ignoring_case(field.name, "Upgrade"))
            return field.name + ": set by the server alone";
    if (size_of(acceptance.headers) > max_answer_bytes) return "headers: over 65536 bytes";
    return problem_of(acceptance.headers);
}

std::string problem_of(const Rejection& rejection) {
    if (rejection.status < first_status || rejection.status > last_status)
        return "status: must be 300 to 599";
    // RFC 9110, section 15.4.5: it has no body, and is about a copy that the client has.
    if (rejection.status == 304) return "status: 304 answers no handshake";
    if (size_of(rejection.headers) + rejection.body.size() > max_answer_bytes)
        return "headers and body: over 65536 bytes";
    return problem_of(rejection.headers);
}

std::string response_of(const Acceptance& acceptance, std::string_view accept,
                        std::string_view extensions) {
    std::string response =
        "HTTP/1.1 101 Switching Protocols\r\n"
        "Upgrade: websocket\r\n"
        "Connection: Upgrade\r\n";
    append(response, "Sec-WebSocket-Accept", accept);
    if (!acceptance.subprotocol.empty())
        append(response, "Sec-WebSocket-Protocol", acceptance.subprotocol);
    if (!extensions.empty()) append(response, "Sec-WebSocket-Extensions", extensions);
    append(response, acceptance.headers);
    return response + "\r\n";
}

std::string response_of(const Rejection& rejection) {
    std::string response = "HTTP/1.1 " + std::to_string(rejection.status) + " ";
    response.append(reason_phrase(rejection.status)).append("\r\n");
    append(response, rejection.headers);
    const bool has_type = std::any_of(
        rejection.headers.begin(), rejection.headers.end(),
        [](const auto& field) { return equal_ignoring_case(field.name, "Content-Type"); });
    if (!has_type && !rejection.body.empty())
        append(response, "Content-Type", "text/plain; charset=utf-8");
    append(response, "Content-Length", std::to_string(rejection.body.size()));
    append(response, "Connection", "close");
    return response + "\r\n" + rejection.body;
}

}  // namespace wsecho::protocol
