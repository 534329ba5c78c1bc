// A dialed connection's bytes between its frames and its socket: encrypted, where the endpoint
// wants that. What has been encrypted leaves in the order in which it was.
#include "engine/client_side.h"
#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/loop_dials.h"

namespace wsecho::engine {

using Kind = DialFailure::Kind;
using Phase = ClientSide::Phase;
using TlsState = lws::TlsClient::State;

// The session's memory has all of it before any is told: who pauses the reading keeps the rest.
void Connection::receive_sealed(std::span<const std::uint8_t> bytes) {
    ClientSide& client = *details_->client;
    client.tls->feed(bytes);
    transmit_sealed(client.tls->take_output());
    if (client.phase == Phase::tls && client.tls->state() == TlsState::open) request_upgrade();
    const auto room = loop_.dials().plain_text();
    while (!condemned_ && !failing_ && client.phase != Phase::tls) {
        const std::size_t count = client.tls->read(room);
        if (count == 0) break;
        const auto text = room.first(count);
        state() == ConnectionState::handshake ? receive_answer(text) : receive(text);
    }
    transmit_sealed(client.tls->take_output());
    if (client.tls->state() == TlsState::failed) tls_failed();
}

void Connection::tls_failed() {
    const lws::TlsClient& tls = *details_->client->tls;
    if (was_open_) return condemn(CloseCause::tls);
    give_up_dialing({tls.is_certificate_s_fault() ? Kind::certificate : Kind::tls, 0, tls.why()});
}

std::span<const std::uint8_t> Connection::sealed(std::span<const std::uint8_t> bytes) {
    const auto& tls = details_->client->tls;
    if (!tls) return bytes;
    tls->write(bytes);
    if (tls->state() == TlsState::failed) tls_failed();
    return tls->take_output();
}

void Connection::transmit_sealed(std::span<const std::uint8_t> bytes) {
    if (bytes.empty()) return;
    if (may_write_now()) return transmit_now({}, bytes);
    queue().append_rest({}, bytes);
    account_queued(bytes.size());
}

// RFC 6455, section 7.1.1: the server is the one to close, and a client waits for that, as long as
// for the peer's frame.
void Connection::finish_close_of_client() {
    if (!peer_closed_ && !failing_) return;
    if (const auto& tls = details_->client->tls) {
        tls->say_goodbye();
        transmit_sealed(tls->take_output());
        if (queue_) return;
    }
    socket_.shut_down_writing();
}

}  // namespace wsecho::engine
