// When to send, and what an arrival means.
#include "scenario/echo_load.h"

#include <algorithm>

#include "scenario/roles.h"

namespace wsecho::loadgen {
namespace {

constexpr std::chrono::seconds look_interval{1};
constexpr std::chrono::milliseconds flood_interval{50};
constexpr std::size_t flood_bytes = std::size_t{64} * 1024;
// Between two looks at what has come.
constexpr std::uint32_t max_sends_at_once = 128;
// How many messages of all connections may wait for an answer in open loop.
constexpr std::uint32_t open_loop_budget = 1'000'000;

std::uint32_t window_of(const Options& options, std::uint32_t connections) {
    if (options.in_flight > 0) return options.in_flight;
    return std::clamp(open_loop_budget / std::max(connections, 1U), 16U, 16384U);
}

}  // namespace

EchoLoad::EchoLoad(Fleet& fleet, const Options& options)
    : Load(fleet),
      messages_(options.size, options.opcode, options.offer.deflate),
      ledger_(messages_, fleet.size(), window_of(options, fleet.size())),
      timeout_(options.timeout),
      separate_writes_(options.separate_writes),
      flood_frames_(static_cast<std::uint32_t>(
          std::clamp<std::size_t>(flood_bytes / (options.size.min + 8), 1, 4096))),
      place_(fleet.size()),
      first_sent_(fleet.size()) {
    for (ClientConnection& connection : fleet.connections()) {
        const Role role = role_of(options, connection.number);
        if (role == Role::stalled) stalled_.push_back(&connection);
        if (role != Role::echo) continue;
        place_[connection.index] = static_cast<std::uint32_t>(players_.size());
        players_.push_back(&connection);
    }
}

void EchoLoad::start(Time now) {
    stopping_ = false;
    last_arrival_ = now;
    next_look_ = now + look_interval;
    next_flood_ = now;
    if (rate_ > 0 && !players_.empty()) {
        schedule_ = Schedule(rate_, static_cast<std::uint32_t>(players_.size()), now);
        next_due_ = 0;
        for (const ClientConnection* player : players_)
            first_sent_[player->index] = player->account.sent;
        return;
    }
    for (ClientConnection* player : players_) {
        if (player->is_open()) top_up(*player, Clock::now());
    }
}

Time EchoLoad::act(Time now) {
    if (now >= next_look_) {
        give_up_old(now);
        next_look_ = now + look_interval;
    }
    Time next = next_look_;
    if (!stalled_.empty() && !stopping_) {
        if (now >= next_flood_) flood(now);
        next = std::min(next, next_flood_);
    }
    if (rate_ > 0 && !stopping_) next = std::min(next, send_what_is_due(now));
    return next;
}

// Fills the connection up to its messages in flight.
void EchoLoad::top_up(ClientConnection& connection, Time now) {
    Account& account = connection.account;
    const std::uint32_t count = ledger_.room(account);
    if (count == 0) return;
    note_waiting(now);
    const Stamp first{connection.number, account.sent};
    for (std::uint32_t index = 0; index < count; ++index)
        ledger_.note_sent(account, connection.index, now);
    tally_.sent += count;
    if (!separate_writes_) return fleet_.send(connection, messages_.frames(first, count));
    for (std::uint32_t index = 0; index < count; ++index) {
        fleet_.send(connection, messages_.frames({first.connection, first.sequence + index}, 1));
    }
}

Time EchoLoad::send_what_is_due(Time now) {
    for (std::uint32_t count = 0; count < max_sends_at_once; ++count) {
        const Time due = schedule_.due(next_due_);
        if (due > now) return due;
        ClientConnection& player = *players_[next_due_ % players_.size()];
        const std::uint64_t turn = next_due_ / players_.size();
        ++next_due_;
        // One that is behind, for want of answers, catches up when they come.
        const std::uint32_t sent = player.account.sent - first_sent_[player.index];
        if (player.is_open() && sent == turn && ledger_.room(player.account) > 0) {
            const Time sent_at = Clock::now();
            tally_.lag.record(sent_at - due);
            send_due(player, due, sent_at);
        }
    }
    return now;
}

void EchoLoad::send_due(ClientConnection& connection, Time due, Time now) {
    note_waiting(now);
    const Stamp stamp{connection.number, connection.account.sent};
    ledger_.note_sent(connection.account, connection.index, due);
    ++tally_.sent;
    fleet_.send(connection, messages_.frames(stamp, 1));
}

// Sends what fell due while there was no room for it.
void EchoLoad::catch_up(ClientConnection& connection, Time now) {
    while (ledger_.room(connection.account) > 0) {
        const std::uint64_t turn = connection.account.sent - first_sent_[connection.index];
        // Those from next_due_ on are not late yet.
        if (turn * players_.size() + place_[connection.index] >= next_due_) return;
        const Time due = schedule_.due(place_[connection.index], turn);
        if (due > now) return;
        send_due(connection, due, now);
    }
}

void EchoLoad::on_payload(ClientConnection& connection, const PayloadChunk& chunk, Time now) {
    const Ledger::Answer answer =
        ledger_.take(connection.account, connection.index, connection.number, chunk);
    if (!answer.settled) return;
    tally_.latency.record(now - answer.since);
    ++tally_.messages;
    answered_ = true;
}

void EchoLoad::on_read_end(ClientConnection& connection, Time now) {
    // A ping, or a part of an echo, does not end the silence: a server's heartbeat would hide it.
    if (std::exchange(answered_, false)) {
        tally_.silence = std::max<std::chrono::nanoseconds>(tally_.silence, now - last_arrival_);
        last_arrival_ = now;
    }
    row_[row_size_++] = &connection;
    if (row_size_ == max_row) send_to_answered();
}

// Each is stamped with its own time: that of the read is past by what others' reads took.
void EchoLoad::send_to_answered() {
    for (ClientConnection* connection : std::span(row_).first(std::exchange(row_size_, 0)))
        if (connection->is_open()) send_more(*connection, Clock::now());
}

void EchoLoad::send_more(ClientConnection& connection, Time now) {
    if (stopping_) return;
    if (rate_ > 0) {
        catch_up(connection, now);
    } else {
        top_up(connection, now);
    }
}

void EchoLoad::on_closed(ClientConnection& connection, bool /*was_open*/, Time /*now*/) {
    ledger_.close(connection.account);
}

void EchoLoad::give_up() {
    for (ClientConnection* player : players_)
        ledger_.close(player->account);
}

void EchoLoad::give_up_old(Time now) {
    for (ClientConnection* player : players_) {
        const std::uint32_t lost =
            ledger_.give_up_before(player->account, player->index, now - timeout_);
        if (lost > 0 && player->is_open()) send_more(*player, now);
    }
}

// Stalled connections send on, unread: what they are answered piles up at the server.
void EchoLoad::flood(Time now) {
    for (ClientConnection* connection : stalled_) {
        if (!connection->is_open() || connection->has_unsent()) continue;
        Account& account = connection->account;
        fleet_.send(*connection,
                    messages_.frames({connection->number, account.sent}, flood_frames_));
        account.sent += flood_frames_;
        account.answered = account.sent;
    }
    next_flood_ = now + flood_interval;
}

Tally EchoLoad::take_tally(Time now) {
    if (ledger_.outstanding() > 0) {
        tally_.silence = std::max<std::chrono::nanoseconds>(tally_.silence, now - last_arrival_);
    }
    return std::exchange(tally_, {});
}

}  // namespace wsecho::loadgen
