// Batches, one after the other, and who has received how much of the one under way.
#include "scenario/fanout_load.h"

#include <algorithm>

namespace wsecho::loadgen {
namespace {

constexpr std::chrono::seconds round_timeout{5};

std::int64_t ticks(Time time) {
    return time.time_since_epoch().count();
}
Time time_of(std::int64_t count) {
    return Time(Clock::duration(count));
}

}  // namespace

FanoutLoad::FanoutLoad(Fleet& fleet, const Options& options, FanoutRound& round)
    : Load(fleet),
      round_(round),
      messages_(options.size, options.opcode, options.offer.deflate),
      ledger_(messages_, fleet.size(), options.batch),
      batch_(options.batch) {
    if (round_.publisher == nullptr) round_.publisher = &fleet;
}

void FanoutLoad::start(Time /*now*/) {
    round_.open += fleet_.open_now();
}

Time FanoutLoad::act(Time now) {
    if (!publishes() || round_.is_stuck) return Time::max();
    if (in_round_ && round_.missing <= 0) finish_round();
    if (in_round_) {
        // A round that a lost message keeps from ending ends the run.
        const Time deadline = time_of(round_.published_at) + round_timeout;
        round_.is_stuck = now >= deadline;
        return deadline;
    }
    if (round_.stopping) return Time::max();
    const auto connections = fleet_.connections();
    const auto publisher =
        std::find_if(connections.begin(), connections.end(),
                     [](const ClientConnection& each) { return each.is_open(); });
    if (publisher == connections.end()) {
        round_.is_stuck = true;
    } else {
        publish(*publisher);
    }
    return Clock::now() + round_timeout;
}

void FanoutLoad::publish(ClientConnection& publisher) {
    const std::uint32_t first = round_.published;
    const Bytes frames = messages_.frames({publisher_number_, first}, batch_);
    round_.missing = std::int64_t{round_.open} * batch_;
    round_.first_at = 0;
    round_.published_at = ticks(Clock::now());
    round_.published = first + batch_;
    in_round_ = true;
    tally_.sent += batch_;
    fleet_.send(publisher, frames);
}

void FanoutLoad::finish_round() {
    in_round_ = false;
    const Time published = time_of(round_.published_at);
    ++rounds_.count;
    rounds_.first.record(time_of(round_.first_at) - published);
    rounds_.last.record(time_of(round_.last_at) - published);
}

// What was published since this connection last received something.
void FanoutLoad::note_published(ClientConnection& connection) {
    const Time at = time_of(round_.published_at);
    while (connection.account.sent != round_.published && ledger_.room(connection.account) > 0)
        ledger_.note_sent(connection.account, connection.index, at);
}

void FanoutLoad::on_payload(ClientConnection& connection, const PayloadChunk& chunk, Time now) {
    if (connection.account.sent != round_.published) note_published(connection);
    const Ledger::Answer answer =
        ledger_.take(connection.account, connection.index, publisher_number_, chunk);
    if (!answer.settled) return;
    tally_.latency.record(now - answer.since);
    ++tally_.messages;
    ++delivered_;
}

void FanoutLoad::on_read_end(ClientConnection& /*connection*/, Time now) {
    if (delivered_ == 0) return;
    std::int64_t none = 0;
    round_.first_at.compare_exchange_strong(none, ticks(now));
    round_.last_at = ticks(now);
    const std::int64_t delivered = std::exchange(delivered_, 0);
    if (round_.missing.fetch_sub(delivered) == delivered && !publishes()) round_.publisher->wake();
}

void FanoutLoad::on_closed(ClientConnection& connection, bool was_open, Time /*now*/) {
    if (!was_open) return;
    --round_.open;
    note_published(connection);
    round_.missing -= connection.account.outstanding();
    ledger_.close(connection.account);
}

void FanoutLoad::give_up() {
    for (ClientConnection& connection : fleet_.connections()) {
        if (!connection.is_open()) continue;
        note_published(connection);
        ledger_.close(connection.account);
    }
}

}  // namespace wsecho::loadgen
