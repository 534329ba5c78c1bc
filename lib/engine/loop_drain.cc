// The end of a loop: at once for all, or drained.
#include <utility>

#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/loop_dials.h"

namespace wsecho::engine {

using runtime::TimePoint;

void Loop::request_stop() {
    static_cast<void>(post({Letter::Kind::stop, {}, {}, {}, {}}, 0));
}

void Loop::request_drain(DrainOrder& order) {
    Letter letter{Letter::Kind::drain, {}, {}, {}, {}};
    letter.drain = &order;
    static_cast<void>(post(std::move(letter), 0));
}

DrainReport Loop::drain_report() const noexcept {
    return drain_ ? drain_->report : DrainReport{};
}

// Nobody comes any more; whose handshake is not over is turned away.
void Loop::stop_accepting() {
    stopping_ = true;
    wheel_.cancel(accept_again_);
    peer_log_.tell_suppressed(TimePoint::max());
    events_->unwatch_listeners();
    if (dials_) dials_->let_all_go();
    table_.for_each([](Connection& connection) { connection.turn_away(); });
}

// A stop cuts a drain short, and does nothing where there was a stop.
void Loop::begin_stop() {
    if (drain_) return cut_drain();
    if (stopping_) return;
    stop_accepting();
    for (Connection* connection : open_)
        connection->leave();
    finish_stop_if_empty();
}

// Each connection's own timer tells it, so that nobody looks through all of them again before the
// deadline.
void Loop::begin_drain(DrainOrder& order) {
    stop_accepting();
    order.unwatched.count_down();
    drain_ = std::make_unique<LoopDrain>(order);
    const std::size_t count = open_.size();
    drain_->report.connections = count;
    const TimePoint now = precise_now();
    for (std::size_t n = 0; n < count && order.options.code != 0; ++n) {
        const TimePoint told = order.begin + told_after(n, count, order.options.spread);
        if (told <= now)
            open_[n]->leave();
        else
            open_[n]->leave_at(told);
    }
    schedule(drain_->deadline, order.begin + order.options.deadline);
    finish_stop_if_empty();
}

// Those who have not been told are, but nobody is waited for.
void Loop::cut_drain() {
    for (Connection* connection : open_)
        connection->leave();
    force_all();
}

void Loop::force_all() {
    table_.for_each([](Connection& connection) { connection.force(); });
}

CloseReport Loop::last_words() const {
    CloseReport words{protocol::CloseCode::going_away, "server stops", CloseCause::drain,
                      Initiator::local};
    if (drain_ && drain_->order.options.code != 0) {
        words.code = static_cast<protocol::CloseCode>(drain_->order.options.code);
        words.reason = drain_->order.options.reason;
    }
    return words;
}

void Loop::finish_stop_if_empty() {
    if (stopping_ && table_.size() == 0) events_->stop();
}

}  // namespace wsecho::engine
