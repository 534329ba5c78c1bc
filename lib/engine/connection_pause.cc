// Reading that is paused: nothing is taken from the socket, so that TCP holds the peer back, and
// what had been taken already waits in its order.
#include <utility>

#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/served_path.h"

namespace wsecho::engine {

ErrorCode Connection::pause_reading() {
    if (const auto code = check_open(); code != ErrorCode::ok) return code;
    pause(PauseReason::application);
    return ErrorCode::ok;
}

ErrorCode Connection::resume_reading() {
    if (const auto code = check_open(); code != ErrorCode::ok) return code;
    resume(PauseReason::application);
    return ErrorCode::ok;
}

void Connection::pause(PauseReason reason) {
    if (!details_->paused) details_->paused = std::make_unique<PausedReading>();
    details_->paused->by(reason) = true;
    if (std::exchange(paused_, true)) return;
    socket_.pause_reading();
    schedule();
}

void Connection::resume(PauseReason reason) {
    if (!paused_) return;
    details_->paused->by(reason) = false;
    ask_to_go_on_reading();
}

void Connection::check_paused(runtime::TimePoint now) {
    if (details_->paused->by_rate && now >= details_->paused->rate_over) resume(PauseReason::rate);
}

void Connection::go_on_to_close() {
    if (!paused_) return;
    details_->paused->by_application = details_->paused->by_rate = false;
    ask_to_go_on_reading();
}

// Not at once: the call may come from inside a callback for a message of this connection.
void Connection::ask_to_go_on_reading() {
    if (details_->paused->holds() || std::exchange(details_->paused->is_marked, true)) return;
    loop_.mark_resumed(id_);
}

void Connection::go_on_reading() {
    if (!paused_) return;
    details_->paused->is_marked = false;
    if (details_->paused->holds()) return;  // paused again since
    paused_ = false;
    details_->paused.reset();
    restart_clocks();
    socket_.resume_reading();
    if (socket_.keeps_bytes()) socket_.ask_for_turn();
}

// Nothing could be heard of the peer: it has the whole of each time again.
void Connection::restart_clocks() {
    if (state() != ConnectionState::open) return;
    last_heard_ = loop_.now();
    last_message_ = last_heard_;
    heartbeat_.restart_timeout(last_heard_);
    schedule();
}

}  // namespace wsecho::engine
