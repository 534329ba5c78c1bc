// A connection's life apart from its bytes: timers, close, end.
#include "engine/connection.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/client_side.h"
#include "engine/loop.h"
#include "engine/served_path.h"

namespace wsecho::engine {

using protocol::CloseCode;
using protocol::Opcode;
using runtime::TimePoint;

namespace {

static_assert(sizeof(Connection) <= 5 * std::size_t{64}, "no more than five cache lines");

}  // namespace

ConnectionDetails::ConnectionDetails() = default;
ConnectionDetails::~ConnectionDetails() = default;

Connection::Connection(Loop& loop, ConnectionId id, std::string remote_address)
    : loop_(loop), id_(id), timer_(*this), details_(std::make_unique<ConnectionDetails>()) {
    details_->remote_address = std::move(remote_address);
}

Connection::~Connection() = default;

ConnectionTerms& Connection::terms() {
    if (!details_->terms) details_->terms = std::make_unique<ConnectionTerms>();
    return *details_->terms;
}

void Connection::start(std::unique_ptr<PendingConnections::Place> place) {
    details_->place = std::move(place);
    last_heard_ = loop_.now();
    deadline_ = last_heard_ + loop_.options().handshake_timeout;
    schedule();
}

bool Connection::on_bytes(std::span<std::uint8_t> bytes) {
    loop_.serve(*this);
    const bool is_new = !was_open_;
    last_heard_ = loop_.now();
    // A long pass may serve a connection again: to it that is a new pass.
    written_in_pass_ = 0;
    loop_.counters().bytes_received.add(bytes.size());
    traffic_.bytes_received += bytes.size();
    switch (state()) {
        case ConnectionState::handshake:
            is_client_ ? receive_from_server(bytes) : receive_request(bytes);
            break;
        case ConnectionState::open:
        case ConnectionState::closing:
            if (failing_) break;
            is_client_ ? receive_from_server(bytes) : receive(bytes);
            break;
        case ConnectionState::asking:
            receive_early(bytes);
            break;
        case ConnectionState::refused:
        case ConnectionState::closed:
            break;  // read and forgotten, so that the answer is not lost to a reset
    }
    // How long the first message takes is not known yet.
    return end_turn(is_new ? Pace::unknown : pace_of_turn());
}

// The peer's sign of life is as old as its bytes, but that they have waited is not its fault.
bool Connection::on_turn() {
    loop_.serve(*this);
    last_heard_ = loop_.now();
    written_in_pass_ = 0;
    receive_frames(details_->unread->rest());
    return end_turn(pace_of_turn());
}

lws::Socket::Pace Connection::pace_of_turn() const noexcept {
    return loop_.work().is_heavy() ? Pace::slow : Pace::quick;
}

bool Connection::end_turn(Pace pace) {
    if (queue_ && !blocked_) flush();
    socket_.set_pace(pace);
    loop_.served();
    return !condemned_;
}

bool Connection::on_writable() {
    blocked_ = false;
    last_heard_ = loop_.now();
    if (is_client_ && state() == ConnectionState::handshake) on_dialed_writable();
    flush();
    return !condemned_;
}

// The socket is gone: this call ends the connection, and this object.
void Connection::on_closed() {
    const bool was_asking = state() == ConnectionState::asking;
    set_state(ConnectionState::closed);
    if (was_asking) open_to_close();
    release_held();  // the socket can still be written
    loop_.wheel().cancel(timer_);
    drop_received();
    if (was_open_) {
        if (!report_) report_ = std::make_unique<CloseReport>();
        report_->numbers = last_numbers();
        loop_.counters().closes[static_cast<std::size_t>(report_->cause)].add(1);
        if (!path_->observer.on_close(id_, *report_)) loop_.counters().callback_failures.add(1);
    } else if (!report_ && !is_client_) {
        loop_.counters().refusals[static_cast<std::size_t>(RefusalReason::disconnected)].add(1);
    }
    release_queue();
    is_client_ ? remove_dialed() : loop_.remove(*this);
}

LastNumbers Connection::last_numbers() const noexcept {
    return {loop_.now() - details_->opened_at, traffic_,
            queued_bytes() + report_->numbers.bytes_unsent, details_->round_trips.smoothed()};
}

void Connection::condemn(CloseCause cause) {
    if (condemned_) return;
    condemned_ = true;
    if (!report_ && was_open_)
        report_ = std::make_unique<CloseReport>(
            CloseReport{CloseCode::abnormal, {}, cause, Initiator::local});
    loop_.condemn(*this);
}

ErrorCode Connection::close(CloseReport report) {
    if (const auto code = check_open(); code != ErrorCode::ok) return code;
    begin_close(std::move(report));
    return ErrorCode::ok;
}

// RFC 6455, section 7.1.2: our close frame goes behind what is queued; then the peer's is
// awaited, or the deadline.
void Connection::begin_close(CloseReport report) {
    if (!loop_.fan_out().empty()) catch_up();                        // published before the close
    if (queue_) refill_to(std::numeric_limits<std::size_t>::max());  // sent before it
    set_state(ConnectionState::closing);
    std::array<std::uint8_t, protocol::max_control_payload> payload{};
    std::size_t size = 0;
    if (report.code != CloseCode::no_status) {
        const auto code = static_cast<std::uint16_t>(report.code);
        const auto reason = std::min(report.reason.size(), protocol::max_close_reason);
        payload[0] = static_cast<std::uint8_t>(code >> 8U);
        payload[1] = static_cast<std::uint8_t>(code & 0xFFU);
        std::memcpy(payload.data() + 2, report.reason.data(), reason);
        size = 2 + reason;
    }
    report_ = std::make_unique<CloseReport>(std::move(report));
    deadline_ = loop_.now() + path_->limits.close_timeout;
    transmit(Opcode::close, std::span{payload}.first(size));
    metered_ = false;
    go_on_to_close();  // to the peer's close frame
    schedule();
    finish_close();
}

// Once both close frames are through, the server is the one to close (section 7.1.1). A failed
// connection ends with ours: the peer sees the end of the stream behind it, and what it still
// sends is read and dropped, since a reset would take the frame from it.
void Connection::finish_close() {
    if (queue_) return;
    if (state() == ConnectionState::refused) socket_.shut_down_writing();
    if (state() != ConnectionState::closing) return;
    if (is_client_) return finish_close_of_client();
    if (peer_closed_)
        condemn(report_->cause);
    else if (failing_)
        socket_.shut_down_writing();
}

// The time at which a queue is given up of which the kernel takes nothing.
TimePoint Connection::send_deadline() const {
    const auto timeout = path_->limits.send_timeout;
    return blocked_ && queue_ && timeout.count() > 0 ? queue_->moved_at() + timeout
                                                     : TimePoint::max();
}

TimePoint Connection::next_due() const {
    if (state() != ConnectionState::open) return deadline_;
    // In a drain, the deadline is the time to leave.
    TimePoint due = std::min(deadline_, send_deadline());
    // Whether the peer is alive cannot be heard.
    if (paused_)
        return details_->paused->by_rate ? std::min(due, details_->paused->rate_over) : due;
    due = std::min(due, heartbeat_.due(heartbeat_settings()));
    const auto idle = path_->limits.idle_timeout;
    if (idle.count() > 0) due = std::min(due, last_message_ + idle);
    return due;
}

void Connection::schedule() {
    const TimePoint due = next_due();
    if (due == TimePoint::max())
        loop_.wheel().cancel(timer_);
    else
        loop_.schedule(timer_, due);
}

// The timer's time has come; what it was set for may have moved since, so all is looked at.
void Connection::on_due(TimePoint now) {
    switch (state()) {
        case ConnectionState::handshake:
            if (now >= deadline_)
                refuse({protocol::HttpStatus::request_timeout, "the handshake took too long"});
            break;
        case ConnectionState::asking:
            if (now >= deadline_ && !settle(true))
                refuse({protocol::HttpStatus::service_unavailable, "no answer in time"},
                       RefusalReason::timeout);
            break;
        case ConnectionState::refused:
            if (now >= deadline_) condemn(CloseCause::local);
            break;
        case ConnectionState::closing:
            if (now >= deadline_) condemn(report_->cause);
            break;
        case ConnectionState::open: {
            const auto idle = path_->limits.idle_timeout;
            if (now >= deadline_)
                leave();
            else if (now >= send_deadline())
                condemn(CloseCause::slow_consumer);
            else if (paused_)
                check_paused(now);
            else if (idle.count() > 0 && now - last_message_ >= idle)
                begin_close({CloseCode::going_away, "idle", CloseCause::idle, Initiator::local});
            else
                check_heartbeat(now);
            break;
        }
        case ConnectionState::closed:
            return;
    }
    if (!condemned_) schedule();
}

}  // namespace wsecho::engine
