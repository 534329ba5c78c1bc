// The opening handshake (RFC 6455, section 4), the client's side. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "wire/target.h"

namespace wsecho::loadgen {

// What a handshake asks for besides the connection.
struct HandshakeOffer {
    std::string subprotocol;           // empty: none
    bool deflate = false;              // permessage-deflate without context takeover
    std::vector<std::string> headers;  // whole lines, without their ends
};

[[nodiscard]] std::string handshake_request(const Target& target, const HandshakeOffer& offer);

struct HandshakeAnswer {
    enum class Verdict { incomplete, accepted, refused };
    Verdict verdict = Verdict::incomplete;
    std::size_t size = 0;  // of the response's head: frames may follow in the same read
    std::string problem;   // of a refusal: the status line, or what was wrong with a 101
    bool deflate = false;  // was agreed on
};

[[nodiscard]] HandshakeAnswer judge_handshake(std::string_view response,
                                              const HandshakeOffer& offer);

}  // namespace wsecho::loadgen
