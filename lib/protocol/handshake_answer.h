// What an application answers a handshake with: checked, and written as HTTP/1.1. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/request_head.h"

namespace wsecho::protocol {

struct HeaderField {
    std::string name;
    std::string value;
};

struct Acceptance {
    std::string subprotocol;           // one that was offered; empty: none
    std::vector<HeaderField> headers;  // beside those of the handshake itself
};

struct Rejection {
    unsigned status = 403;
    std::vector<HeaderField> headers;  // without a Content-Type, the body is plain text in UTF-8
    std::string body;
};

// Of all headers and the body together, so that the answer of one peer stays small.
inline constexpr std::size_t max_answer_bytes = 64UL * 1024;

// What is wrong with an answer to this request; empty: nothing. Names and values must be such
// (RFC 9110, section 5), and not those that say how the connection goes on.
std::string problem_of(const Acceptance& acceptance, const RequestHead& head);
std::string problem_of(const Rejection& rejection);

// `accept` is the value of Sec-WebSocket-Accept, `extensions` that of Sec-WebSocket-Extensions;
// empty: none.
std::string response_of(const Acceptance& acceptance, std::string_view accept,
                        std::string_view extensions = {});
std::string response_of(const Rejection& rejection);

}  // namespace wsecho::protocol
