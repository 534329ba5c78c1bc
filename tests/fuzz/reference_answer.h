// A server's answer to a client's handshake, step by step as RFC 6455, section 4.1 has it.
#pragma once

#include "reference_head.h"

namespace wsecho::fuzz {

// RFC 9112, section 4.
inline bool is_status_line(std::string_view line) {
    if (line.substr(0, 9) != "HTTP/1.1 " && line.substr(0, 9) != "HTTP/1.0 ") return false;
    const auto status = line.substr(9, 3);
    if (status.size() != 3 || status[0] < '1' || status[0] > '5') return false;
    for (const char c : status)
        if (c < '0' || c > '9') return false;
    return line.size() == 12 || (line[12] == ' ' && is_value_text(line.substr(13)));
}

// Nothing where the text is no head of a response.
inline std::optional<Head> read_response(std::string_view text) {
    auto head = Head::read(text);
    return head && is_status_line(head->first_line) ? head : std::nullopt;
}

inline unsigned status_of(const Head& response) {
    return static_cast<unsigned>(std::stoul(response.first_line.substr(9, 3)));
}

// The steps behind the status 101: `asked` are the subprotocols.
inline bool is_agreement(const Head& response, const std::vector<std::string>& asked,
                         std::string_view accept) {
    const auto chosen = response.values("sec-websocket-protocol");
    const bool is_choice_right =
        chosen.empty() ||
        (chosen.size() == 1 && std::find(asked.begin(), asked.end(), chosen[0]) != asked.end());
    return response.has_token("upgrade", "websocket") &&
           response.has_token("connection", "upgrade") &&
           response.has_one("sec-websocket-accept", accept) &&
           response.list("sec-websocket-extensions").empty() && is_choice_right;
}

}  // namespace wsecho::fuzz
