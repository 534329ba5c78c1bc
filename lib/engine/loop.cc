#include "engine/loop.h"

#include <fcntl.h>

#include <random>
#include <utility>

#include "engine/blocked_signals.h"
#include "engine/loop_dials.h"
#include "engine/random_bytes.h"

namespace wsecho::engine {

using protocol::Opcode;
using runtime::TimePoint;

namespace {

constexpr auto tick = std::chrono::milliseconds{20};
// A batch beyond this is not worth waiting for its end: it leaves at once.
constexpr std::size_t max_fan_out_bytes = 64UL * 1024;
constexpr std::size_t max_kept_queues = 1024;

// What is asked of a connection by its kind alone.
ErrorCode act(Connection& connection, Letter::Kind what) {
    if (what == Letter::Kind::ping) return connection.ping();
    return what == Letter::Kind::pause ? connection.pause_reading() : connection.resume_reading();
}

runtime::PingSecret random_ping_secret() {
    RandomBytes random;
    return {random.word(), {random.word(), random.word()}};
}

}  // namespace

Loop::Loop(ServerShared& shared, unsigned index)
    : shared_(shared),
      options_(shared.options),
      index_(index),
      mailbox_(letter_bytes + max_mail_bytes),
      queue_bound_(runtime::share_of_bound(options_.max_queued_bytes_total, shared.loops)),
      receiving_(runtime::share_of_bound(shared.max_receiving, shared.loops)),
      pending_(shared.pending, shared.addresses, std::random_device{}()),
      table_(ConnectionId::max_slots),
      wheel_(std::chrono::steady_clock::now(), tick),
      ping_codec_(random_ping_secret()),
      spare_(::open("/dev/null", O_RDONLY | O_CLOEXEC)),
      events_(lws::make_event_loop(options_.event_loop, *this)) {}

Loop::~Loop() = default;

void Loop::start(const std::vector<int>& listeners) {
    for (const int listener : listeners)
        events_->watch_listener(listener);
    const AllSignalsBlocked blocked;
    thread_ = std::thread{[this] {
        thread_id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
        events_->run();
    }};
}

void Loop::join() {
    if (thread_.joinable()) thread_.join();
    thread_id_.store({}, std::memory_order_relaxed);
}

// --- The door ---

ErrorCode Loop::post(Letter letter, std::size_t weight) {
    using Posted = runtime::Mailbox<Letter>::Posted;
    const Posted posted = mailbox_.post(std::move(letter), weight);
    if (posted == Posted::wake) events_->wake();
    return posted == Posted::full ? ErrorCode::backpressure : ErrorCode::ok;
}

ErrorCode Loop::send(ConnectionId id, Opcode opcode, std::span<const std::uint8_t> payload) {
    if (!is_this_thread()) return send(id, prepare(opcode, payload));
    return use_if_found(find_here(id),
                        [&](Connection& connection) { return connection.send(opcode, payload); });
}

ErrorCode Loop::send(ConnectionId id, const SharedMessage& message) {
    if (is_this_thread())
        return use_if_found(find_here(id),
                            [&](Connection& connection) { return connection.send(message); });
    if (message->has_deadline() && message->is_late(precise_now())) return ErrorCode::late;
    const std::size_t size = message->frame().size();
    const auto reserved = with(id, [&](Connection& connection) {
        const auto code = connection.reserve(size);
        if (code == ErrorCode::backpressure && connection.is_to_be_closed())
            static_cast<void>(post({Letter::Kind::overflow, id, {}, {}, {}}, 0));
        return code;
    });
    if (reserved != ErrorCode::ok) return reserved;
    // The frames that wait at the door are bounded by each connection's queue, which reserve()
    // looked at; the letters are by their number.
    const auto posted = post({Letter::Kind::send, id, message, {}, {}}, letter_bytes);
    if (posted != ErrorCode::ok)
        with(id, [&](Connection& connection) {
            connection.give_back_reserved(size);
            return ErrorCode::ok;
        });
    return posted;
}

ErrorCode Loop::ask(ConnectionId id, Letter::Kind what, std::size_t weight) {
    return with(id, [&](Connection& connection) {
        if (is_this_thread()) return act(connection, what);
        if (const auto code = connection.check_open(); code != ErrorCode::ok) return code;
        return post({what, id, {}, {}, {}}, weight);
    });
}

ErrorCode Loop::ping(ConnectionId id) {
    return ask(id, Letter::Kind::ping, 1);
}

ErrorCode Loop::pause_reading(ConnectionId id) {
    return ask(id, Letter::Kind::pause, 0);
}

ErrorCode Loop::resume_reading(ConnectionId id) {
    return ask(id, Letter::Kind::resume, 0);
}

Status Loop::decide(ConnectionId id, HandshakeDecision decision) {
    const std::scoped_lock lock{table_mutex_};
    Connection* connection = find(id);
    if (connection == nullptr) return ErrorCode::gone;
    // In the handshake callback itself, it is looked for after it. Else the letter is posted first,
    // which may fail for want of memory; the loop cannot look before this lock is given up.
    const bool is_looked_for = is_this_thread() && serves(*connection);
    if (!is_looked_for) static_cast<void>(post({Letter::Kind::decided, id, {}, {}, {}}, 0));
    return connection->decide(std::move(decision));
}

std::unique_ptr<PendingHandshake> Loop::take_decision(Connection& connection, bool is_last) {
    const std::scoped_lock lock{table_mutex_};
    return connection.take_decision(is_last);
}

void Loop::add_round_trip(Connection& connection, runtime::Duration round_trip) {
    const std::scoped_lock lock{table_mutex_};
    connection.add_round_trip(round_trip);
}

ErrorCode Loop::read_round_trips(ConnectionId id, runtime::RoundTripTimes& out) {
    const std::scoped_lock lock{table_mutex_};
    const Connection* connection = find(id);
    if (connection == nullptr) return ErrorCode::gone;
    out = connection->details().round_trips;
    return out.empty() ? ErrorCode::not_found : ErrorCode::ok;
}

ErrorCode Loop::close(ConnectionId id, CloseReport report) {
    return with(id, [&](Connection& connection) {
        if (is_this_thread()) return connection.close(std::move(report));
        if (const auto code = connection.check_open(); code != ErrorCode::ok) return code;
        Letter letter{Letter::Kind::close, id, {}, {}, {}};
        letter.report = std::make_unique<CloseReport>(std::move(report));
        return post(std::move(letter), 0);
    });
}

ErrorCode Loop::broadcast(const SharedMessage& message, ConnectionId except) {
    if (is_this_thread()) {
        broadcast_here(message, except);
        return ErrorCode::ok;
    }
    return post({Letter::Kind::broadcast, except, message, {}, {}}, weight_of(*message));
}

void Loop::on_wake() {
    mailbox_.take(mail_);
    for (Letter& letter : mail_)
        obey(letter);
    mail_.clear();
}

void Loop::obey(Letter& letter) {
    if (letter.kind == Letter::Kind::stop) return begin_stop();
    if (letter.kind == Letter::Kind::drain) return begin_drain(*letter.drain);
    if (letter.kind == Letter::Kind::broadcast) return broadcast_here(letter.message, letter.id);
    if (letter.kind == Letter::Kind::channel) return obey_note(letter);
    if (letter.kind == Letter::Kind::heartbeat) return obey_heartbeat(letter);
    if (letter.kind == Letter::Kind::dial) return letter.dial->link->obey(*letter.dial);
    Connection* connection = find(letter.id);
    if (connection == nullptr) {
        if (letter.kind == Letter::Kind::send) counters_.count_refused();
        return;
    }
    if (letter.kind == Letter::Kind::send)
        connection->send_reserved(letter.message);
    else if (letter.kind == Letter::Kind::overflow)
        connection->overflow();
    else if (letter.kind == Letter::Kind::decided)
        connection->on_decided();
    else if (letter.kind == Letter::Kind::close)
        static_cast<void>(connection->close(std::move(*letter.report)));
    else
        static_cast<void>(act(*connection, letter.kind));
}

void Loop::broadcast_here(const SharedMessage& message, ConnectionId except) {
    if (fan_out_.channel() != nullptr) deliver_fan_out();
    fan_out_.add(message, except);
    if (fan_out_.bytes() >= max_fan_out_bytes) deliver_fan_out();
}

void Loop::deliver(const std::shared_ptr<Channel>& channel, const SharedMessage& message,
                   std::uint64_t number, ConnectionId except) {
    if (fan_out_.channel() != channel.get()) deliver_fan_out();
    fan_out_.add(channel, message, number, except);
    if (fan_out_.bytes() >= max_fan_out_bytes) deliver_fan_out();
}

// A connection that fails meanwhile only leaves the lists at the end of the pass.
void Loop::deliver_fan_out() {
    if (fan_out_.empty()) return;
    if (const Channel* channel = fan_out_.channel())
        for (const Membership* membership : channel->placed(index_))
            membership->connection.take_fan_out_of(*membership);
    else
        for (Connection* connection : open_)
            connection->take_fan_out();
    fan_out_.clear();
}

// --- Connections ---

void Loop::opened(Connection& connection) {
    connection.set_open_index(open_.size());
    open_.push_back(&connection);
    connection.skip_fan_out();
    counters_.connections.add(1);
    counters_.connections_total.add(1);
}

void Loop::remove(Connection& connection) {
    if (serving_ == &connection) serving_ = nullptr;
    if (connection.was_open()) {
        open_.back()->set_open_index(connection.open_index());
        open_[connection.open_index()] = open_.back();
        open_.pop_back();
        counters_.connections.subtract(1);
        if (drain_) drain_->report.count(connection.drain_end(), connection.queued_bytes());
    }
    if (connection.is_admitted()) give_back_places(connection);
    Connections::Holder ended;
    {
        const std::scoped_lock lock{table_mutex_};
        ended = table_.extract(connection.id().key());
    }
    // Only now can no other thread reserve any more.
    if (ended) {
        counters_.bytes_queued.subtract(ended->queued_bytes());
        leave_all(*ended);
    }
    finish_stop_if_empty();
}

std::unique_ptr<SendQueue> Loop::take_queue() {
    if (queues_.empty()) return std::make_unique<SendQueue>(message_memory_);
    auto queue = std::move(queues_.back());
    queues_.pop_back();
    return queue;
}

void Loop::give_back_queue(std::unique_ptr<SendQueue> queue) {
    if (queue->empty() && queues_.size() < max_kept_queues) queues_.push_back(std::move(queue));
}

// --- Time and passes ---

void Loop::arm(TimePoint due) {
    if (armed_ && *armed_ <= due) return;
    armed_ = due;
    events_->arm_timer(due);
}

void Loop::schedule(runtime::Timer& timer, TimePoint due) {
    wheel_.schedule(timer, due);
    arm(due + tick);  // the wheel rounds up to its tick
}

void Loop::on_timer() {
    armed_.reset();
    const TimePoint now = events_->now();
    while (runtime::Timer* timer = wheel_.take_due(now))
        if (timer == &accept_again_)
            events_->resume_listeners();
        else if (timer == &peer_log_.timer)
            tell_suppressed_lines();
        else if (drain_ && timer == &drain_->deadline)
            force_all();
        else
            static_cast<ConnectionTimer*>(timer)->owner.on_due(now);
    if (dials_) dials_->on_timer(now);
    if (const auto next = wheel_.next_wake()) arm(*next);
    if (const auto next = dials_ ? dials_->next_wake() : std::nullopt) arm(*next);
}

void Loop::flush_outbox() {
    outbox_.flush([](Connection& connection, std::span<const std::uint8_t> frame) {
        connection.write_held(frame);
    });
}

void Loop::flush_gathered() {
    flush_outbox();
    deliver_fan_out();
    for (const ConnectionId id : dirty_)
        if (Connection* connection = find(id)) connection->flush();
    dirty_.clear();
}

// One that is paused and resumed meanwhile stands behind all others again.
void Loop::go_on_reading() {
    for (std::size_t i = 0; i < resumed_.size(); ++i)
        if (Connection* connection = find(resumed_[i])) connection->go_on_reading();
    resumed_.clear();
}

void Loop::tell_watermarks() {
    for (std::size_t i = 0; i < at_watermark_.size(); ++i)
        if (Connection* connection = find(at_watermark_[i])) connection->tell_watermark();
    at_watermark_.clear();
}

// --- What is received of all peers together ---

void Loop::count_receiving(Connection& connection, ReceivingMemory<Connection>::Share& share,
                           std::size_t message_bytes, std::size_t unread_bytes) {
    const std::size_t limit = receiving_.read_limit();
    receiving_.update(share, connection, message_bytes, unread_bytes);
    while (Connection* greediest = receiving_.who_gives_way())
        greediest->give_up_receiving();
    if (receiving_.read_limit() != limit) events_->limit_reads(receiving_.read_limit());
}

// --- What waits for all peers together ---

bool Loop::make_queue_room(std::size_t waiting, std::size_t more) {
    return queue_bound_.make_room(
        waiting, more, [this] { return counters_.bytes_queued.read(); },
        [](Connection& greediest) { greediest.give_up_queue(); });
}

void Loop::queue_grew(Connection& connection, SendQueue& queue) {
    rank_queue(connection, queue);
    queue_bound_.keep(
        &connection, [this] { return counters_.bytes_queued.read(); },
        [](Connection& greediest) { greediest.give_up_queue(); });
}

void Loop::ask_for_queue_room(std::size_t wanted) {
    if (queue_room_wanted_.exchange(wanted) == 0) events_->wake();
}

void Loop::give_way_in_queues() {
    if (queue_room_wanted_.load(std::memory_order_relaxed) == 0) return;
    static_cast<void>(make_queue_room(0, queue_room_wanted_.exchange(0)));
}

// What was gathered leaves; then the condemned are hanged up on, whose close callbacks may send to
// others and condemn them. Nothing is left for a wait that may be long.
//
// Most writes are behind the observer's end of the pass: a lock that it holds is not held for them.
void Loop::on_pass_end() {
    ++pass_;
    observer().on_pass_end(index_);
    do {
        go_on_reading();
        flush_gathered();
        tell_watermarks();
        for (std::size_t i = 0; i < condemned_.size(); ++i)
            if (Connection* connection = find(condemned_[i])) connection->hang_up();
        condemned_.clear();
        give_way_in_queues();
    } while (something_waits());
    observer().on_pass_end(index_);
}

}  // namespace wsecho::engine
