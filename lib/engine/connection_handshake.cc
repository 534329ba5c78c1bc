// A connection before it is one: the request, and its answer.
#include <array>
#include <utility>
#include <vector>

#include "engine/client_side.h"
#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/served_path.h"
#include "lws/sha1.h"
#include "protocol/extension_list.h"
#include "protocol/permessage_deflate.h"
#include "protocol/proxy_protocol.h"
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
        case HttpStatus::forbidden:
            return RefusalReason::origin;
        case HttpStatus::not_found:
            return RefusalReason::not_found;
        case HttpStatus::method_not_allowed:
            return RefusalReason::method;
        case HttpStatus::request_timeout:
            return RefusalReason::timeout;
        case HttpStatus::misdirected_request:
            return RefusalReason::host;
        case HttpStatus::upgrade_required:
            return RefusalReason::upgrade_required;
        case HttpStatus::too_many_requests:
            return RefusalReason::address;
        case HttpStatus::header_fields_too_large:
            return RefusalReason::too_large;
        case HttpStatus::internal_server_error:
            return RefusalReason::rejected;
        case HttpStatus::service_unavailable:
            return RefusalReason::limit;
    }
    return RefusalReason::bad_request;
}

constexpr protocol::Refusal too_many_of_address{HttpStatus::too_many_requests,
                                                "too many connections from this address"};
constexpr protocol::Refusal too_many_pending{HttpStatus::service_unavailable,
                                             "too many connections wait: try again later"};

}  // namespace

void Connection::receive_request(std::span<const std::uint8_t> bytes) {
    std::string& head = details_->head;
    head.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!take_proxy_header()) return;
    const auto end = details_->head_end.find(head);
    if (end.value_or(head.size()) > max_request_head)
        return refuse({HttpStatus::header_fields_too_large, "the request head exceeds 8192 bytes"});
    if (!end) return;

    // Frames may come right behind the head.
    std::vector<std::uint8_t> rest{head.begin() + static_cast<std::ptrdiff_t>(*end), head.end()};
    head.resize(*end);
    head.shrink_to_fit();

    const auto parsed = RequestHead::parse(head);
    if (!parsed) return refuse({HttpStatus::bad_request, "this is no HTTP/1.1 request"});
    bool is_local = !details_->is_proxied && is_loopback(details_->remote_address);
    if (auto client = find_client(loop_.options().proxies, *parsed, details_->remote_address)) {
        details_->remote_address = std::move(*client);
        is_local = false;
    }
    if (!loop_.take_handshake(details_->remote_address))
        return refuse({HttpStatus::too_many_requests, "too many handshakes from this address"});
    path_ = loop_.find_path(parsed->path());
    const auto judged = protocol::judge_handshake(*parsed, path_ != nullptr);
    if (const auto* refusal = std::get_if<protocol::Refusal>(&judged)) return refuse(*refusal);
    // RFC 6455, section 9.1. Who compresses nothing does not read it.
    if (loop_.options().deflate.is_enabled && !protocol::parse_extensions(*parsed))
        return refuse({HttpStatus::bad_request, "Sec-WebSocket-Extensions is malformed"});
    if (const auto refusal =
            protocol::judge_page(path_->origins, loop_.options().hosts, is_local, *parsed)) {
        if (refusal->status == HttpStatus::misdirected_request) log_wrong_host(*parsed);
        return refuse(*refusal);
    }
    if (!loop_.take_address_place(details_->remote_address)) return refuse(too_many_of_address);
    if (!loop_.admit(*path_)) {
        loop_.give_back_address_place(details_->remote_address);
        return refuse({HttpStatus::service_unavailable, "the server is full: try again later"});
    }
    admitted_ = true;
    details_->place.reset();
    if (path_->observer.answers_handshakes()) return ask(*parsed, std::move(rest));
    accept(*parsed, {});
    if (!rest.empty()) receive(rest);
}

void Connection::log_wrong_host(const RequestHead& head) {
    const auto host = std::string{head.header("Host").value_or("")};
    loop_.log_peer(PeerLog::Kind::wrong_host,
                   "a page was refused that came by Host '" + host +
                       "': if this server is meant to be reached by that name, "
                       "the option allowed_hosts has to have it");
}

// Section 2 of proxy-protocol.txt: from whom it is expected, it has to be there.
bool Connection::take_proxy_header() {
    const ProxyOptions& proxies = loop_.options().proxies;
    if (details_->is_proxied || proxies.header != ProxyHeader::proxy_protocol ||
        !is_trusted(proxies, details_->remote_address))
        return true;
    const auto header = protocol::parse_proxy_header(details_->head);
    if (header.state == protocol::ProxyHeader::State::malformed)
        refuse({HttpStatus::bad_request, "a trusted proxy sent no right PROXY header"});
    if (header.state != protocol::ProxyHeader::State::whole) return false;
    details_->is_proxied = true;
    details_->head.erase(0, header.size);
    if (header.source) {
        details_->remote_address = header.source->to_text();
        loop_.client_is_known(*this);
    }
    return true;
}

// What has arrived is read first: a peer that has asked is not ended because it was not read yet.
bool Connection::give_way(RefusalReason reason) {
    if (state() == ConnectionState::handshake) {
        std::array<std::uint8_t, max_request_head> bytes;
        const auto result = socket_.read(bytes);
        if (result.read != 0) static_cast<void>(on_bytes(std::span{bytes}.first(result.read)));
        if (!details_->place) return false;
        // One that has left already is not answered.
        if (state() == ConnectionState::handshake && !result.ended)
            refuse(reason == RefusalReason::address ? too_many_of_address : too_many_pending,
                   reason);
    }
    details_->place.reset();
    condemn(CloseCause::local);
    return true;
}

// A client waits for the answer (RFC 6455, section 4.1), but one that does not is no enemy yet.
void Connection::receive_early(std::span<std::uint8_t> bytes) {
    const bool is_too_early = details_->pending->early.size() + bytes.size() > max_request_head;
    if (settle(is_too_early)) {
        if (was_open_) receive(bytes);
        return;
    }
    if (is_too_early)
        return refuse({HttpStatus::bad_request, "frames before the answer to the handshake"});
    auto& early = details_->pending->early;
    early.insert(early.end(), bytes.begin(), bytes.end());
}

void Connection::ask(const RequestHead& head, std::vector<std::uint8_t> early) {
    details_->pending = std::make_unique<PendingHandshake>();
    details_->pending->early = std::move(early);
    set_state(ConnectionState::asking);
    const bool survived = path_->observer.on_handshake(id_, head, details_->remote_address);
    if (!survived) loop_.counters().callback_failures.add(1);
    const bool is_too_early = details_->pending->early.size() > max_request_head;
    if (settle(!survived || is_too_early)) return;
    if (!survived)
        refuse({HttpStatus::internal_server_error, "the application failed"},
               RefusalReason::rejected);
    else if (is_too_early)
        refuse({HttpStatus::bad_request, "frames before the answer to the handshake"});
}

Status Connection::decide(HandshakeDecision decision) {
    if (state() == ConnectionState::closed) return ErrorCode::gone;
    if (state() != ConnectionState::asking || !details_->pending || details_->pending->decision)
        return {ErrorCode::wrong_state, "the handshake is answered already"};
    const auto* accepted = std::get_if<AcceptedHandshake>(&decision);
    const std::string problem =
        accepted == nullptr
            ? protocol::problem_of(std::get<protocol::Rejection>(decision))
            : protocol::problem_of(accepted->answer, *RequestHead::parse(details_->head));
    if (!problem.empty()) return {ErrorCode::invalid_argument, problem};
    details_->pending->decision = std::make_unique<HandshakeDecision>(std::move(decision));
    return {};
}

std::unique_ptr<PendingHandshake> Connection::take_decision(bool is_last) {
    if (details_->pending && details_->pending->decision) return std::move(details_->pending);
    if (is_last) details_->pending.reset();
    return nullptr;
}

bool Connection::settle(bool is_last) {
    const auto settled = loop_.take_decision(*this, is_last);
    if (!settled) return false;
    if (const auto* rejection = std::get_if<protocol::Rejection>(settled->decision.get())) {
        reject(*rejection, RefusalReason::rejected, path_->limits.close_timeout);
        return true;
    }
    const auto& accepted = std::get<AcceptedHandshake>(*settled->decision);
    set_user(accepted.user);
    accept(*RequestHead::parse(details_->head), accepted.answer);
    if (!settled->early.empty()) receive(settled->early);
    return true;
}

void Connection::on_decided() {
    if (state() != ConnectionState::asking) return;
    loop_.serve(*this);
    settle();
    if (queue_ && !blocked_) flush();
    loop_.served();
}

// The peer left after the application had accepted it, which was told that it may rely on that:
// what it keeps for the connection ends with a close callback.
void Connection::open_to_close() {
    const auto settled = loop_.take_decision(*this, true);
    const auto* accepted =
        settled ? std::get_if<AcceptedHandshake>(settled->decision.get()) : nullptr;
    if (accepted == nullptr) return;
    set_user(accepted->user);
    begin_open();
}

std::string Connection::agree_on_extensions(const RequestHead& head) {
    if (!loop_.options().deflate.is_enabled) return {};
    const auto offers = protocol::parse_extensions(head);
    auto agreed = protocol::agree_on_deflate(*offers, loop_.deflate().allowed());
    if (!agreed) return {};
    details_->deflate = std::make_unique<ConnectionDeflate>(agreed->terms);
    decoder_.allow_compression();
    compresses_ = true;
    return std::move(agreed->answer);
}

void Connection::accept(const RequestHead& head, const protocol::Acceptance& answer) {
    const auto key = *head.header("Sec-WebSocket-Key");
    transmit_bytes(protocol::response_of(answer, lws::sha1_base64(protocol::accept_input(key)),
                                         agree_on_extensions(head)));
    set_state(ConnectionState::open);
    last_message_ = loop_.now();
    deadline_ = runtime::TimePoint::max();
    plan_heartbeat();
    start_metering();
    schedule();
    begin_open();
}

void Connection::begin_open() {
    was_open_ = true;
    details_->opened_at = loop_.now();
    set_backpressure(path_->limits.backpressure);
    loop_.opened(*this);
    if (is_client_) details_->client->link->on_open(*this);
    if (!path_->observer.on_open(id_)) callback_failed();
}

void Connection::refuse(const protocol::Refusal& refusal) {
    refuse(refusal, reason_of(refusal.status));
}

void Connection::refuse(const protocol::Refusal& refusal, RefusalReason reason) {
    reject(protocol::rejection_of(refusal, retry_after), reason, linger);
}

void Connection::reject(const protocol::Rejection& rejection, RefusalReason reason,
                        runtime::Duration time_to_read) {
    if (admitted_) loop_.give_back_places(*this);
    admitted_ = false;
    loop_.counters().refusals[static_cast<std::size_t>(reason)].add(1);
    report_ = std::make_unique<CloseReport>();  // told: not a peer that just left
    set_state(ConnectionState::refused);
    // It has no place among the connections any more, and does not stay among the pending for
    // nothing.
    if (!details_->place) details_->place = loop_.add_pending(*this);
    transmit_bytes(protocol::response_of(rejection));
    finish_close();
    deadline_ = loop_.now() + time_to_read;
    schedule();
}

}  // namespace wsecho::engine
