// The opening handshake (RFC 6455, section 4), the client's side. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "target.h"

namespace wsecho::loadgen {

[[nodiscard]] std::string handshake_request(const Target& target);

struct HandshakeAnswer {
    enum class Verdict { incomplete, accepted, refused };
    Verdict verdict = Verdict::incomplete;
    std::size_t size = 0;  // of the response's head: frames may follow in the same read
    std::string problem;   // of a refusal: the status line, or what was wrong with a 101
};

[[nodiscard]] HandshakeAnswer judge_handshake(std::string_view response);

}  // namespace wsecho::loadgen
