// A connection when its server ends.
#include "engine/connection.h"
#include "engine/loop.h"

namespace wsecho::engine {

using runtime::TimePoint;

void Connection::turn_away() {
    if (is_client_ && state() == ConnectionState::handshake) return condemn(CloseCause::drain);
    if (state() == ConnectionState::asking) settle(true);
    if (state() == ConnectionState::handshake || state() == ConnectionState::asking)
        refuse({protocol::HttpStatus::service_unavailable, "the server stops: try again later"});
    // Who is still being told why has its time for it; as who is closing already.
    if (state() == ConnectionState::refused && !queue_) condemn(CloseCause::drain);
}

// In a drain there is time to answer, and to take what is queued, until the deadline of all.
void Connection::leave() {
    if (state() != ConnectionState::open) return;
    begin_close(loop_.last_words());
    if (!loop_.is_draining()) return;
    deadline_ = TimePoint::max();
    schedule();
}

void Connection::leave_at(TimePoint told) {
    if (state() != ConnectionState::open) return;
    deadline_ = told;
    schedule();
}

void Connection::force() {
    if (condemned_) return;
    forced_ = true;
    condemn(CloseCause::drain);
}

DrainEnd Connection::drain_end() const noexcept {
    if (forced_) return DrainEnd::forced;
    if (report_->cause != CloseCause::drain) return DrainEnd::left;
    return peer_closed_ ? DrainEnd::answered : DrainEnd::broken;
}

}  // namespace wsecho::engine
