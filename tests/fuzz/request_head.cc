// Request heads: parsed and looked up as a simple reference does; judged as the handshake's rules
// say, one by one; whatever comes of it is an answer that the client's side reads as what it was.
#include "protocol/request_head.h"

#include "protocol/client_handshake.h"
#include "protocol/handshake.h"
#include "protocol/head_end.h"
#include "protocol/response_head.h"
#include "reference_head.h"

namespace wsecho::fuzz {

namespace {

using protocol::RequestHead;

// RFC 9112, section 3; a target is a path, or an absolute URI.
bool is_request_line(const std::string& line) {
    const auto words = split(line, " ");
    if (words.size() != 3 || !is_token_text(words[0])) return false;
    if (words[2].size() != 8 || words[2].rfind("HTTP/", 0) != 0) return false;
    const std::string& target = words[1];
    for (const char c : target)
        if (c <= ' ' || c >= 0x7F) return false;
    if (target.empty() || target[0] == '/') return !target.empty();
    const auto scheme = target.substr(0, target.find("://"));
    if (scheme.size() == target.size() || scheme.empty()) return false;
    for (const char c : lower(scheme))
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '+' && c != '-' && c != '.')
            return false;
    return lower(scheme)[0] >= 'a' && lower(scheme)[0] <= 'z';
}

bool is_key(const std::vector<std::string>& values) {
    if (values.size() != 1 || values[0].size() != 24 || values[0].substr(22) != "==") return false;
    for (const char c : values[0].substr(0, 22))
        if (!is_token_text(std::string(1, c)) && c != '/') return false;
    return values[0].find_first_of("!#$%&'*-.^_`|~") == std::string::npos;
}

// RFC 6455, section 4.2.1.
bool is_upgrade(const Head& head) {
    const auto words = split(head.first_line, " ");
    const auto lengths = head.values("content-length");
    return words[0] == "GET" && words[2] == "HTTP/1.1" && head.values("host").size() == 1 &&
           head.has_token("upgrade", "websocket") && head.has_token("connection", "upgrade") &&
           head.has_one("sec-websocket-version", "13") &&
           is_key(head.values("sec-websocket-key")) && head.values("transfer-encoding").empty() &&
           (lengths.empty() || lengths == std::vector<std::string>{"0"});
}

void read_refusal(const protocol::Refusal& refusal) {
    const auto rejection = protocol::rejection_of(refusal, std::chrono::seconds{7});
    require(problem_of(rejection).empty(), "the engine's own refusals are right");
    const std::string response = response_of(rejection);
    const auto end = protocol::HeadEnd{}.find(response);
    require(end.has_value(), "a refusal has a whole head");
    const auto head = protocol::ResponseHead::parse(std::string_view{response}.substr(0, *end));
    require(head && head->status() == unsigned(refusal.status), "a refusal's status is read back");
    require(head->lines().header("Content-Length") == std::to_string(response.size() - *end),
            "a refusal's body is as long as it says");
}

void read_acceptance(const RequestHead& request) {
    protocol::Acceptance acceptance;
    const auto offered = request.list("Sec-WebSocket-Protocol");
    if (!offered.empty()) acceptance.subprotocol = offered.back();
    if (!problem_of(acceptance, request).empty()) return;
    const std::string response = response_of(acceptance, "the digest");
    const auto head = protocol::ResponseHead::parse(response);
    require(head && head->status() == 101, "an acceptance is read as a response");
    const protocol::ClientRequest asked{{acceptance.subprotocol}, {}};
    const auto judged = judge_answer(*head, asked, "the digest");
    const auto* agreement = std::get_if<protocol::Agreement>(&judged);
    require(agreement != nullptr && agreement->subprotocol == acceptance.subprotocol,
            "what the server's side accepts, the client's side takes for accepted");
}

void judge(const RequestHead& request, const Head& head) {
    const auto judged = protocol::judge_handshake(request, true);
    if (const auto* upgrade = std::get_if<protocol::Upgrade>(&judged)) {
        require(is_upgrade(head), "only a right handshake is one");
        require(head.has_one("sec-websocket-key", upgrade->key), "its key is the request's");
        read_acceptance(request);
        const auto unserved = protocol::judge_handshake(request, false);
        require(std::get<protocol::Refusal>(unserved).status == protocol::HttpStatus::not_found,
                "at a path that is not served, the same request gets 404");
    } else {
        require(!is_upgrade(head), "a right handshake is not refused");
        read_refusal(std::get<protocol::Refusal>(judged));
    }
    const auto refusal = protocol::judge_page(*protocol::OriginPolicy::parse("*"),
                                              protocol::HostPolicy{}, true, request);
    require(!refusal.has_value() == (head.values("origin").size() <= 1),
            "where any page may connect, only two origins at once are refused");
}

}  // namespace

void check(View input) {
    const auto text = text_of(input);
    protocol::HeadEnd in_pieces;
    const auto early = in_pieces.find(text.substr(0, text.size() / 2));
    const auto end = early ? early : in_pieces.find(text);
    require(end == protocol::HeadEnd{}.find(text), "a head that comes in pieces has the same end");
    require(end == (text.find("\r\n\r\n") == std::string_view::npos
                        ? std::nullopt
                        : std::optional{text.find("\r\n\r\n") + 4}),
            "a head ends with the first empty line");
    const auto head_text = text.substr(0, end.value_or(text.size()));
    const auto request = RequestHead::parse(head_text);
    const auto head = Head::read(head_text);
    require(request.has_value() == (head && is_request_line(head->first_line)),
            "a head is taken where the reference takes it");
    if (!request) return;

    const auto words = split(head->first_line, " ");
    require(request->method() == words[0] && request->version() == words[2],
            "the first line is read");
    require(request->path().starts_with('/') && request->path().find('?') == std::string_view::npos,
            "a path begins with a slash, and has no query");
    const auto question = words[1].find('?');
    require(
        request->query() == (question == std::string::npos ? "" : words[1].substr(question + 1)),
        "a query is what stands behind the first question mark");
    compare_fields(*request, *head);
    judge(*request, *head);
}

}  // namespace wsecho::fuzz
