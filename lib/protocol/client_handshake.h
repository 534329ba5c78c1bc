// The client's side of the opening handshake (RFC 6455, section 4.1): writes a request, judges the
// answer. Pure: the key is drawn and its digest computed elsewhere.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/handshake_answer.h"
#include "protocol/response_head.h"
#include "protocol/url.h"

namespace wsecho::protocol {

// A longer head of an answer is refused.
inline constexpr std::size_t max_response_head = 16384;

// What a client asks for, at whatever endpoint.
struct ClientRequest {
    std::vector<std::string> subprotocols;  // the most wanted first
    std::vector<HeaderField> headers;       // beside those of the handshake itself
};

// What is wrong with it; empty: nothing. Subprotocols are tokens, each once (section 4.1); headers
// are such, not the handshake's own, and 64 KiB at the most.
std::string problem_of(const ClientRequest& request);

// With the credentials of the URL, if it has some (RFC 7617).
std::string request_text(const ClientRequest& request, const Url& url, std::string_view key);

// The value of a header Authorization or Proxy-Authorization (RFC 7617, section 2).
std::string basic_credentials(std::string_view user_info);

struct Agreement {
    std::string_view subprotocol;  // a view of the answer; empty: none
};
struct AnswerViolation {
    std::string_view why;
};

// Of an answer whose status is 101. `accept` is what Sec-WebSocket-Accept must be.
std::variant<Agreement, AnswerViolation> judge_answer(const ResponseHead& head,
                                                      const ClientRequest& request,
                                                      std::string_view accept);

// Will it be the same the next time? Of an answer whose status is another: what the client has to
// mend (401, 403, 404 and the like), or that it is elsewhere (redirections are not followed). Not
// what says itself that it passes (408, 421, 425, 429), nor what the server has to mend.
bool is_permanent(unsigned status) noexcept;

}  // namespace wsecho::protocol
