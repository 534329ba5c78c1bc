// The server's side of the opening handshake (RFC 6455, section 4.2): judges a request. Pure: the
// digest of the key is computed elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/handshake_answer.h"
#include "protocol/host_policy.h"
#include "protocol/origin.h"
#include "protocol/request_head.h"

namespace wsecho::protocol {

enum class HttpStatus : std::uint16_t {
    bad_request = 400,
    forbidden = 403,
    not_found = 404,
    method_not_allowed = 405,
    request_timeout = 408,
    misdirected_request = 421,
    upgrade_required = 426,
    too_many_requests = 429,
    header_fields_too_large = 431,
    internal_server_error = 500,
    service_unavailable = 503,
};

struct Refusal {
    HttpStatus status;
    std::string_view why;  // one line for the client: the body of the answer
};

struct Upgrade {
    std::string_view key;  // Sec-WebSocket-Key, a view of the request
};

// Is its path served?
std::variant<Upgrade, Refusal> judge_handshake(const RequestHead& head, bool is_served);

// Is a request, judged to be right, from a page that may connect? `hosts` holds for pages that only
// "same" lets in, since for those the Host decides: what a policy on origins names may connect by
// whatever name it likes. Neither is about a request without an Origin, which no browser sent:
// rebinding is done to browsers, and other programs may write what they want into Host.
std::optional<Refusal> judge_page(const OriginPolicy& origins, const HostPolicy& hosts,
                                  bool is_local, const RequestHead& head) noexcept;

// The digest of this text, in base64, is Sec-WebSocket-Accept (section 4.2.2, step 5.4).
std::string accept_input(std::string_view key);

// With the headers that belong to its status; `retry_after` is for 429 and 503.
Rejection rejection_of(const Refusal& refusal, std::chrono::seconds retry_after);

}  // namespace wsecho::protocol
