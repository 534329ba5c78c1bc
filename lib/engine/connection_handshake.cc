// A connection before it is one: the request, and its answer.
#include <vector>

#include "engine/connection.h"
#include "engine/loop.h"
#include "lws/sha1.h"
#include "protocol/request_head.h"

namespace wsecho::engine {

using protocol::HttpStatus;
using protocol::RequestHead;

namespace {

constexpr std::size_t max_request_head = 8192;
constexpr auto retry_after = std::chrono::seconds{5};
// How long a refused peer may take to read why.
constexpr auto linger = std::chrono::seconds{2};

RefusalReason reason_of(HttpStatus status) noexcept {
    switch (status) {
        case HttpStatus::bad_request:
            return RefusalReason::bad_request;
        case HttpStatus::not_found:
            return RefusalReason::not_found;
        case HttpStatus::method_not_allowed:
            return RefusalReason::method;
        case HttpStatus::request_timeout:
            return RefusalReason::timeout;
        case HttpStatus::upgrade_required:
            return RefusalReason::upgrade_required;
        case HttpStatus::header_fields_too_large:
            return RefusalReason::too_large;
        case HttpStatus::service_unavailable:
            return RefusalReason::limit;
    }
    return RefusalReason::bad_request;
}

}  // namespace

void Connection::receive_request(std::span<const std::uint8_t> bytes) {
    std::string& head = request_->head;
    head.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto end = protocol::find_head_end(head);
    if (end.value_or(head.size()) > max_request_head)
        return refuse({HttpStatus::header_fields_too_large, "the request head exceeds 8192 bytes"});
    if (!end) return;

    // Frames may come right behind the head.
    std::vector<std::uint8_t> rest{head.begin() + static_cast<std::ptrdiff_t>(*end), head.end()};
    head.resize(*end);
    head.shrink_to_fit();

    const auto parsed = RequestHead::parse(head);
    if (!parsed) return refuse({HttpStatus::bad_request, "this is no HTTP/1.1 request"});
    const auto judged = protocol::judge_handshake(*parsed, loop_.options().path);
    if (const auto* refusal = std::get_if<protocol::Refusal>(&judged)) return refuse(*refusal);
    if (!loop_.admit())
        return refuse({HttpStatus::service_unavailable, "the server is full: try again later"});
    accept(std::get<protocol::Upgrade>(judged));
    if (!rest.empty()) receive_frames(rest);
}

void Connection::accept(const protocol::Upgrade& upgrade) {
    was_open_ = true;
    transmit_bytes(
        protocol::upgrade_response(lws::sha1_base64(protocol::accept_input(upgrade.key))));
    set_state(ConnectionState::open);
    last_message_ = loop_.now();
    next_ping_ = last_message_ + loop_.next_heartbeat_offset();
    loop_.opened(*this);
    schedule();
    if (!loop_.observer().on_open(id_)) callback_failed();
}

void Connection::refuse(const protocol::Refusal& refusal) {
    loop_.counters().refusals[static_cast<std::size_t>(reason_of(refusal.status))].add(1);
    report_ = std::make_unique<CloseReport>();  // told: not a peer that just left
    set_state(ConnectionState::refused);
    transmit_bytes(protocol::refusal_response(refusal, retry_after));
    socket_.shut_down_writing();
    deadline_ = loop_.now() + linger;
    schedule();
}

void Connection::turn_away() {
    if (state() == ConnectionState::handshake)
        refuse({HttpStatus::service_unavailable, "the server stops: try again later"});
    condemn(CloseCause::drain);
}

}  // namespace wsecho::engine
