// What a connection sends, held to its rates: what is too much ends it, or has it wait.
#include <algorithm>

#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/served_path.h"

namespace wsecho::engine {

using protocol::CloseCode;
using protocol::Opcode;
using runtime::Duration;

void Connection::start_metering() {
    if (!path_->rates.limit_anything()) return;
    terms().rates.emplace(path_->rates);
    metered_ = true;
}

// What was read has been read: it is dealt with, and then nothing more is for a while.
void Connection::receive_metered(std::span<std::uint8_t> bytes) {
    const Duration debt = details_->terms->rates->count_bytes(bytes.size(), loop_.now());
    if (debt.count() > 0 && !may_owe()) return;
    receive_frames(bytes);
    if (debt.count() > 0 && metered_) pause_for(debt);
}

// Each frame costs about as much as a small message, whatever it is; but for the last of all.
bool Connection::meter_frame(Opcode opcode) {
    if (opcode == Opcode::close) return true;
    const Duration debt = details_->terms->rates->count_frame(loop_.now());
    if (debt.count() == 0) return true;
    if (!may_owe()) return false;
    pause_for(debt);  // behind this frame
    return true;
}

// What compressed data inflates to costs as much as if it had been sent. False: it was too much.
bool Connection::meter_inflated(std::size_t bytes) {
    const Duration debt = details_->terms->rates->count_bytes(bytes, loop_.now());
    if (debt.count() == 0) return true;
    if (!may_owe()) return false;
    pause_for(debt);  // behind this piece
    return true;
}

// Where the policy is to close, it is the end.
bool Connection::may_owe() {
    if (details_->terms->rates->policy() == RatePolicy::slow) return true;
    loop_.counters().rate_closes.add(1);
    fail(CloseCode::policy_violation, "too much in a second", CloseCause::limit);
    return false;
}

void Connection::pause_for(Duration debt) {
    const auto over = loop_.now() + debt;
    if (paused_ && details_->paused->by_rate) {
        details_->paused->rate_over = std::max(details_->paused->rate_over, over);
    } else {
        pause(PauseReason::rate);
        details_->paused->rate_over = over;
        loop_.counters().rate_pauses.add(1);
    }
    schedule();
}

}  // namespace wsecho::engine
