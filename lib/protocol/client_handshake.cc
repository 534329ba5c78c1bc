#include "protocol/client_handshake.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "protocol/base64.h"
#include "protocol/http_text.h"

namespace wsecho::protocol {

namespace {

using namespace std::string_view_literals;

constexpr std::string_view websocket_prefix = "Sec-WebSocket-";
constexpr std::array set_by_the_client{"Host"sv, "Upgrade"sv, "Connection"sv, "Content-Length"sv,
                                       "Transfer-Encoding"sv};

bool is_set_by_the_client(std::string_view name) noexcept {
    return equal_ignoring_case(name.substr(0, websocket_prefix.size()), websocket_prefix) ||
           std::any_of(set_by_the_client.begin(), set_by_the_client.end(),
                       [name](auto each) { return equal_ignoring_case(each, name); });
}

void append(std::string& request, std::string_view name, std::string_view value) {
    request.append(name).append(": ").append(value).append("\r\n");
}

std::string join(const std::vector<std::string>& elements) {
    std::string list;
    for (const std::string& element : elements)
        list.append(list.empty() ? "" : ", ").append(element);
    return list;
}

bool has_header(const ClientRequest& request, std::string_view name) noexcept {
    return std::any_of(
        request.headers.begin(), request.headers.end(),
        [name](const HeaderField& field) { return equal_ignoring_case(field.name, name); });
}

template <class List>
bool contains(const List& list, std::string_view element) {
    return std::find(list.begin(), list.end(), element) != list.end();
}

}  // namespace

std::string problem_of(const ClientRequest& request) {
    std::unordered_set<std::string_view> subprotocols;
    for (const std::string& subprotocol : request.subprotocols) {
        if (!is_token(subprotocol)) return "subprotocols: '" + subprotocol + "' is none";
        if (!subprotocols.insert(subprotocol).second)
            return "subprotocols: '" + subprotocol + "' stands there twice";
    }
    std::size_t size = 0;
    for (const HeaderField& field : request.headers) {
        if (!is_token(field.name)) return "headers: '" + field.name + "' is no header name";
        if (!is_field_value(field.value)) return "headers: " + field.name + ": no header value";
        if (is_set_by_the_client(field.name))
            return "headers: " + field.name + ": set by the dialer alone";
        size += field.name.size() + field.value.size() + ": \r\n"sv.size();
    }
    return size > max_answer_bytes ? "headers: over 65536 bytes" : "";
}

std::string basic_credentials(std::string_view user_info) {
    return "Basic " + to_base64(user_info);
}

std::string request_text(const ClientRequest& request, const Url& url, std::string_view key) {
    std::string text = "GET " + url.target + " HTTP/1.1\r\n";
    append(text, "Host", url.host_header());
    append(text, "Upgrade", "websocket");
    append(text, "Connection", "Upgrade");
    append(text, "Sec-WebSocket-Key", key);
    append(text, "Sec-WebSocket-Version", "13");
    if (!request.subprotocols.empty())
        append(text, "Sec-WebSocket-Protocol", join(request.subprotocols));
    if (!url.user_info.empty() && !has_header(request, "Authorization"))
        append(text, "Authorization", basic_credentials(url.user_info));
    for (const HeaderField& field : request.headers)
        append(text, field.name, field.value);
    return text.append("\r\n");
}

// The numbered steps behind the server's response.
std::variant<Agreement, AnswerViolation> judge_answer(const ResponseHead& head,
                                                      const ClientRequest& request,
                                                      std::string_view accept) {
    const HeaderLines& lines = head.lines();
    if (!lines.has_token("Upgrade", "websocket"))
        return AnswerViolation{"the answer does not name 'Upgrade: websocket'"};
    if (!lines.has_token("Connection", "Upgrade"))
        return AnswerViolation{"the answer's Connection header does not name 'Upgrade'"};
    if (lines.count("Sec-WebSocket-Accept") != 1 || lines.header("Sec-WebSocket-Accept") != accept)
        return AnswerViolation{"the answer's Sec-WebSocket-Accept is not that of the key"};
    if (!lines.list("Sec-WebSocket-Extensions").empty())
        return AnswerViolation{"the answer has an extension that was not asked for"};
    const auto chosen = lines.header("Sec-WebSocket-Protocol");
    if (!chosen) return Agreement{};
    if (lines.count("Sec-WebSocket-Protocol") != 1 || !contains(request.subprotocols, *chosen))
        return AnswerViolation{"the answer has a subprotocol that was not asked for"};
    return Agreement{*chosen};
}

bool is_permanent(unsigned status) noexcept {
    constexpr std::array passing{408U, 421U, 425U, 429U};
    return status >= 300 && status < 500 &&
           std::find(passing.begin(), passing.end(), status) == passing.end();
}

}  // namespace wsecho::protocol
