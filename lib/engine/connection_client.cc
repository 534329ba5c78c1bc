// A connection that this side dialed: its handshake, through a proxy's tunnel and TLS where there
// are such.
#include <utility>

#include "engine/client_side.h"
#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/loop_dials.h"
#include "engine/served_path.h"
#include "lws/sha1.h"
#include "protocol/base64.h"
#include "protocol/client_handshake.h"
#include "protocol/handshake.h"
#include "protocol/http_connect.h"

namespace wsecho::engine {

using protocol::ResponseHead;
using Kind = DialFailure::Kind;
using Phase = ClientSide::Phase;

namespace {

constexpr std::size_t key_bytes = 16;  // RFC 6455, section 4.1, step 7

std::string status_line(const ResponseHead& head) {
    return std::to_string(head.status()) + " " + std::string{head.reason()};
}

}  // namespace

Connection::Connection(Loop& loop, ConnectionId id, std::string remote_address, ServedPath& path)
    : Connection(loop, id, std::move(remote_address)) {
    path_ = &path;
    is_client_ = true;
    admitted_ = true;
    decoder_.expect_server();
}

// --- The handshake, whose deadline is the link's ---

void Connection::start_dialed(std::shared_ptr<DialLink> link) {
    last_heard_ = loop_.now();
    deadline_ = runtime::TimePoint::max();
    details_->client = std::make_unique<ClientSide>(std::move(link));
    socket_.want_writable();
}

void Connection::on_dialed_writable() {
    ClientSide& client = *details_->client;
    if (client.phase != Phase::connect) return;
    if (auto why = socket_.why_not_connected(); !why.empty())
        return give_up_dialing({Kind::connect, 0, details_->remote_address + ": " + why});
    if (client.link->dialer().options().proxy)
        request_tunnel();
    else
        begin_with_endpoint();
}

void Connection::request_tunnel() {
    ClientSide& client = *details_->client;
    client.phase = Phase::tunnel;
    transmit_bytes(
        protocol::connect_request(client.link->endpoint(), *client.link->dialer().options().proxy));
}

void Connection::begin_with_endpoint() {
    ClientSide& client = *details_->client;
    if (!client.link->endpoint().is_secure()) return request_upgrade();
    client.phase = Phase::tls;
    try {
        client.tls = std::make_unique<lws::TlsClient>(client.link->dialer().tls(),
                                                      client.link->endpoint().host);
    } catch (const lws::TlsFailure& failure) {
        return give_up_dialing({Kind::tls, 0, failure.why});
    }
    transmit_sealed(client.tls->take_output());
}

void Connection::request_upgrade() {
    ClientSide& client = *details_->client;
    client.phase = Phase::answer;
    const auto key = protocol::to_base64(loop_.dials().random().take<key_bytes>());
    client.accept = lws::sha1_base64(protocol::accept_input(key));
    details_->head = protocol::request_text(client.link->dialer().options().request,
                                            client.link->endpoint(), key);
    transmit_sealed(sealed(
        {reinterpret_cast<const std::uint8_t*>(details_->head.data()), details_->head.size()}));
}

void Connection::receive_from_server(std::span<std::uint8_t> bytes) {
    if (details_->client->tls) return receive_sealed(bytes);
    if (state() == ConnectionState::handshake)
        receive_answer(bytes);
    else
        receive(bytes);
}

void Connection::receive_answer(std::span<std::uint8_t> bytes) {
    ClientSide& client = *details_->client;
    client.answer.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const auto end = client.answer_end.find(client.answer);
    const Kind bad_answer = client.phase == Phase::tunnel ? Kind::proxy : Kind::answer;
    if (end.value_or(client.answer.size()) > protocol::max_response_head)
        return give_up_dialing({bad_answer, 0, "the answer's head exceeds 16384 bytes"});
    if (!end) return;
    // The end of the head came just now: what is behind it is the end of these bytes.
    const auto rest = bytes.last(client.answer.size() - *end);
    client.answer.resize(*end);
    const auto head = ResponseHead::parse(client.answer);
    if (!head) return give_up_dialing({bad_answer, 0, "the answer is no HTTP response"});
    if (client.phase == Phase::tunnel)
        take_tunnel(*head, rest);
    else
        take_answer(*head, rest);
}

void Connection::take_tunnel(const ResponseHead& head, std::span<const std::uint8_t> rest) {
    if (!protocol::opens_tunnel(head.status()))
        return give_up_dialing(
            {Kind::proxy, head.status(), "the proxy answered " + status_line(head)});
    // Who is connected by it waits for what is said first (RFC 6455, section 4.1).
    if (!rest.empty())
        return give_up_dialing({Kind::proxy, head.status(), "bytes behind the proxy's answer"});
    details_->client->answer.clear();
    details_->client->answer_end = {};
    begin_with_endpoint();
}

void Connection::take_answer(const ResponseHead& head, std::span<std::uint8_t> rest) {
    ClientSide& client = *details_->client;
    if (head.status() != 101)
        return give_up_dialing(
            {Kind::status, head.status(), "the endpoint answered " + status_line(head)});
    const auto judged =
        protocol::judge_answer(head, client.link->dialer().options().request, client.accept);
    if (const auto* bad = std::get_if<protocol::AnswerViolation>(&judged))
        return give_up_dialing({Kind::answer, head.status(), std::string{bad->why}});
    client.phase = Phase::open;
    client.answer.shrink_to_fit();
    set_state(ConnectionState::open);
    last_message_ = loop_.now();
    start_metering();
    plan_heartbeat();
    schedule();
    begin_open();
    if (!rest.empty()) receive(rest);
}

void Connection::give_up_dialing(DialFailure failure) {
    details_->client->failure = std::move(failure);
    condemn(CloseCause::local);
}

void Connection::end_dialed() {
    if (state() == ConnectionState::handshake) return condemn(CloseCause::local);
    if (state() != ConnectionState::open) return;
    begin_close({protocol::CloseCode::going_away, {}, CloseCause::local, Initiator::local});
}

// Why it ended: told by whoever ended it, or that it broke where it stood.
DialFailure Connection::dial_failure() const {
    const ClientSide& client = *details_->client;
    if (was_open_)
        return {Kind::lost, 0,
                std::to_string(static_cast<unsigned>(report_->code)) + " " + report_->reason};
    if (client.failure.kind != Kind::none) return client.failure;
    if (client.phase == Phase::connect)
        return {Kind::connect, 0, details_->remote_address + ": no connection"};
    if (client.phase == Phase::tls) return {Kind::tls, 0, "hung up on in the TLS handshake"};
    return {client.phase == Phase::tunnel ? Kind::proxy : Kind::answer, 0,
            "hung up on before its answer was whole"};
}

// The link may let go of what this connection is held to: last.
void Connection::remove_dialed() {
    const auto link = details_->client ? details_->client->link : nullptr;
    const DialFailure failure = link ? dial_failure() : DialFailure{};
    loop_.remove(*this);
    if (link) link->on_ended(failure);
}

std::optional<std::string_view> Connection::peer_header(std::string_view name) const {
    if (!is_client_) return protocol::RequestHead::parse(details_->head)->header(name);
    return ResponseHead::parse(details_->client->answer)->lines().header(name);
}

}  // namespace wsecho::engine
