// A connection's heartbeat: its pings, their answers, and whose settings it goes by.
#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/served_path.h"

namespace wsecho::engine {

using protocol::CloseCode;
using protocol::Opcode;
using runtime::Heartbeat;
using runtime::HeartbeatSettings;
using runtime::TimePoint;

bool Connection::has_own_heartbeat() const noexcept {
    return details_->terms && details_->terms->heartbeat;
}

HeartbeatSettings Connection::heartbeat_settings() const {
    return has_own_heartbeat() ? *details_->terms->heartbeat : path_->heartbeat.read();
}

// Spread over the interval, whoever else's is planned in the same moment.
void Connection::plan_heartbeat() {
    const auto settings = heartbeat_settings();
    heartbeat_.plan(settings, loop_.now(),
                    loop_.next_heartbeat_offset(heartbeat_.interval(settings)));
}

ErrorCode Connection::set_heartbeat(const std::optional<HeartbeatSettings>& settings) {
    if (const auto code = check_open(); code != ErrorCode::ok) return code;
    if (settings || has_own_heartbeat()) terms().heartbeat = settings;
    plan_heartbeat();
    schedule();
    return ErrorCode::ok;
}

void Connection::path_heartbeat_changed() {
    if (has_own_heartbeat() || state() != ConnectionState::open) return;
    plan_heartbeat();
    schedule();
}

void Connection::check_heartbeat(TimePoint now) {
    switch (heartbeat_.check(heartbeat_settings(), now, last_heard_, loop_.next_random())) {
        case Heartbeat::Action::none:
            return;
        case Heartbeat::Action::ping:
            return send_ping(now);
        case Heartbeat::Action::end:
            begin_close({CloseCode::internal_error, "no answer to a ping", CloseCause::heartbeat,
                         Initiator::local});
            condemn(CloseCause::heartbeat);
    }
}

// The payload is the time, encoded, which the peer sends back: no table of pings is needed.
void Connection::send_ping(TimePoint now) {
    const auto stamp = static_cast<std::uint64_t>(loop_.precise_now().time_since_epoch().count());
    heartbeat_.sent(stamp, now);
    transmit(Opcode::ping, loop_.ping_codec().encode(id_.value(), stamp));
}

ErrorCode Connection::ping() {
    if (const auto code = check_open(); code != ErrorCode::ok) return code;
    send_ping(loop_.now());
    schedule();
    return ErrorCode::ok;
}

// Section 5.5.3 allows pongs that answer nothing.
void Connection::handle_pong(std::span<const std::uint8_t> payload) {
    const auto stamp = loop_.ping_codec().decode(id_.value(), payload);
    if (!stamp || !heartbeat_.answered(heartbeat_settings(), *stamp, loop_.now())) return;
    const auto now = static_cast<std::uint64_t>(loop_.precise_now().time_since_epoch().count());
    const runtime::Duration round_trip{static_cast<std::int64_t>(now - *stamp)};
    loop_.add_round_trip(*this, round_trip);
    if (!path_->observer.on_heartbeat(id_, round_trip)) callback_failed();
}

}  // namespace wsecho::engine
