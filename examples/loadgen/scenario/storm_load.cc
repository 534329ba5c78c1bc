// One storm after the other.
#include "scenario/storm_load.h"

namespace wsecho::loadgen {
namespace {

constexpr std::chrono::seconds rest{1};

}  // namespace

void StormLoad::start(Time now) {
    fleet_.allow_handshakes(fleet_.size());
    next_ = now;
}

Time StormLoad::act(Time now) {
    if (stopping_ || awaited_ > 0) return Time::max();
    if (now < next_) return next_;
    for (ClientConnection& connection : fleet_.connections())
        fleet_.drop(connection);
    began_ = Clock::now();
    awaited_ = fleet_.size();
    for (ClientConnection& connection : fleet_.connections()) {
        fleet_.dial(connection);
        // Refused on the spot: nothing will be heard of it.
        if (connection.state == ClientConnection::State::closed) count_back(Clock::now());
    }
    return Time::max();
}

void StormLoad::on_open(ClientConnection& /*connection*/, Time dialed, Time now) {
    tally_.handshakes.record(now - dialed);
    count_back(now);
}

void StormLoad::on_closed(ClientConnection& /*connection*/, bool was_open, Time now) {
    if (!was_open) count_back(now);
}

void StormLoad::count_back(Time now) {
    if (awaited_ == 0 || --awaited_ > 0) return;
    recoveries_.push_back(now - began_);
    next_ = now + rest;
}

}  // namespace wsecho::loadgen
