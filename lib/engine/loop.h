// One service thread: its event loop, its connections, its timers, and the door through which
// other threads reach them. A connection belongs to one loop for life.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/address_limits.h"
#include "engine/channels.h"
#include "engine/connection.h"
#include "engine/deflate.h"
#include "engine/dial_note.h"
#include "engine/drain.h"
#include "engine/fan_out.h"
#include "engine/observer.h"
#include "engine/options.h"
#include "engine/page_memory.h"
#include "engine/peer_log.h"
#include "engine/pending_connections.h"
#include "engine/receiving_memory.h"
#include "engine/resolver.h"
#include "engine/served_path.h"
#include "engine/statistics.h"
#include "lws/event_loop.h"
#include "lws/listener.h"
#include "runtime/mailbox.h"
#include "runtime/outbox.h"
#include "runtime/ping_codec.h"
#include "runtime/pool.h"
#include "runtime/shared_bound.h"
#include "runtime/slot_map.h"
#include "runtime/spread.h"
#include "runtime/timer_wheel.h"
#include "runtime/work_budget.h"

namespace wsecho::engine {

class DialLink;
class LoopDials;
struct DialFailure;

// What the loops of one server share.
struct ServerShared {
    const ServerOptions& options;
    Observer& observer;  // of the server itself
    PathTable& paths;
    Channels& channels;
    AddressLimits* addresses;       // nothing where they are not limited
    unsigned loops;                 // which share each bound of the server evenly
    std::size_t max_receiving;      // resolved: never 0
    std::uint32_t max_connections;  // resolved: never 0
    PendingBounds pending;          // of each loop
    std::atomic<std::uint32_t> open_connections{0};
    Resolver resolver{};  // of names that are dialed
};

// A heartbeat to go by from now on.
struct HeartbeatChange {
    ServedPath* path = nullptr;                          // which has another; nothing: of one
    std::optional<runtime::HeartbeatSettings> settings;  // connection; nothing: its path's again
};

// What is asked of a loop from other threads.
struct Letter {
    enum class Kind : std::uint8_t {
        send,
        broadcast,
        channel,
        ping,
        pause,
        resume,
        overflow,
        heartbeat,
        close,
        decided,
        dial,
        stop,
        drain
    };
    Kind kind{};
    ConnectionId id;  // of what goes to many: who is left out
    SharedMessage message;
    std::unique_ptr<CloseReport> report;
    std::unique_ptr<ChannelNote> note;
    std::unique_ptr<HeartbeatChange> heartbeat = nullptr;
    DrainOrder* drain = nullptr;
    std::unique_ptr<DialNote> dial{};
};

class Loop final : private lws::LoopEvents {
  public:
    // Of what other threads publish and broadcast, waiting at the door; one message may be that
    // large.
    static constexpr std::size_t max_mail_bytes = 64UL * 1024 * 1024;
    // What a letter takes beside its message's frame, about: small ones are bounded by it.
    static constexpr std::size_t letter_bytes = 192;

    // Throws lws::EventLoopFailure.
    Loop(ServerShared& shared, unsigned index);
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop();

    // --- Any thread ---

    void start(const std::vector<int>& listeners);  // borrowed until join()
    // Its end: loop_drain.cc. A stop that comes behind a drain cuts it short.
    void request_stop();
    void request_drain(DrainOrder& order);  // borrowed until join()
    void join();
    [[nodiscard]] DrainReport drain_report() const noexcept;  // behind join()
    [[nodiscard]] bool is_this_thread() const noexcept {
        return thread_id_.load(std::memory_order_relaxed) == std::this_thread::get_id();
    }

    ErrorCode send(ConnectionId id, protocol::Opcode opcode, std::span<const std::uint8_t> payload);
    ErrorCode send(ConnectionId id, const SharedMessage& message);
    // Of a message that was sent: true on other threads, which cannot know.
    [[nodiscard]] bool has_unsent(ConnectionId id) const {
        const Connection* connection = is_this_thread() ? find_here(id) : nullptr;
        return !is_this_thread() || (connection != nullptr && connection->has_unsent());
    }
    ErrorCode ping(ConnectionId id);
    ErrorCode pause_reading(ConnectionId id);
    ErrorCode resume_reading(ConnectionId id);
    // loop_heartbeat.cc
    ErrorCode set_heartbeat(ConnectionId id,
                            const std::optional<runtime::HeartbeatSettings>& settings);
    void path_heartbeat_changed(ServedPath& path);
    // Of the handshake.
    Status decide(ConnectionId id, HandshakeDecision decision);
    ErrorCode close(ConnectionId id, CloseReport report);
    ErrorCode broadcast(const SharedMessage& message, ConnectionId except);
    ErrorCode read_round_trips(ConnectionId id, runtime::RoundTripTimes& out);
    void post_dial(DialNote note);
    // Of channels: loop_channels.cc. Idempotent.
    ErrorCode subscribe(ConnectionId id, std::string_view name);
    // With what was missed since, which comes before what is published from now on. The messages of
    // `missed` are given away; `wrong_state` where it is a member already.
    ErrorCode subscribe_since(ConnectionId id, std::string_view name, const LastSeen& seen,
                              Missed& missed);
    ErrorCode unsubscribe(ConnectionId id, std::string_view name);
    ErrorCode list_channels(ConnectionId id, std::vector<std::string>& names);
    // May this thread deliver what it publishes at once? Not before what it has published itself
    // and had to post.
    [[nodiscard]] bool delivers_at_once(const Channel::Turn& turn) const noexcept {
        return is_this_thread() && !turn.is_behind(index_) && own_letters_ == 0;
    }
    // Posts what was published; in the channel's turn.
    ErrorCode offer(Channel::Turn& turn, const std::shared_ptr<Channel>& channel,
                    const SharedMessage& message, std::uint64_t number, ConnectionId except);
    [[nodiscard]] Statistics statistics() const noexcept { return counters_.read(); }

    // Calls `use` with the connection, locked against its end; `gone` if there is none.
    template <class Use>  // Use: Connection& -> ErrorCode
    ErrorCode with(ConnectionId id, Use&& use) {
        // Only this loop's thread changes the table, so here it reads without the lock.
        if (is_this_thread()) return use_if_found(find_here(id), use);
        const std::scoped_lock lock{table_mutex_};
        return use_if_found(find(id), use);
    }

    // --- This loop's thread: for its connections ---

    [[nodiscard]] const ServerOptions& options() const noexcept { return options_; }
    [[nodiscard]] Observer& observer() noexcept { return shared_.observer; }
    [[nodiscard]] LoopCounters& counters() noexcept { return counters_; }
    [[nodiscard]] runtime::TimerWheel& wheel() noexcept { return wheel_; }
    [[nodiscard]] runtime::TimePoint now() const { return events_->now(); }
    [[nodiscard]] runtime::TimePoint precise_now() const {
        return std::chrono::steady_clock::now();
    }
    // A pass is one turn of the event loop; the number tells two of them apart.
    [[nodiscard]] std::uint32_t pass() const noexcept { return pass_; }
    [[nodiscard]] runtime::Duration next_heartbeat_offset(runtime::Duration interval) noexcept {
        return spread_.next(interval);
    }

    [[nodiscard]] const runtime::PingCodec& ping_codec() const noexcept { return ping_codec_; }

    // Evenly distributed.
    [[nodiscard]] std::uint64_t next_random() noexcept { return spread_.next_word(); }

    // Nothing where the path is not served.
    [[nodiscard]] ServedPath* find_path(std::string_view path) noexcept {
        return shared_.paths.find(path);
    }
    // To this loop's members of it who were there when the message got its number, in this pass.
    void deliver(const std::shared_ptr<Channel>& channel, const SharedMessage& message,
                 std::uint64_t number, ConnectionId except);
    void deliver_fan_out();
    [[nodiscard]] bool admit(ServedPath& path) noexcept;  // is there room for one more connection?
    void give_back_places(const Connection& connection);
    // A line that peers can cause; limited.
    void log_peer(PeerLog::Kind kind, std::string_view text);
    void tell_suppressed_lines();
    // Of the client's address: loop_addresses.cc.
    [[nodiscard]] bool take_handshake(const std::string& remote_address);
    [[nodiscard]] bool take_address_place(const std::string& remote_address);
    void give_back_address_place(const std::string& remote_address);
    // The place of a connection that may have to give way to newcomers, as long as it keeps it.
    [[nodiscard]] std::unique_ptr<PendingConnections::Place> add_pending(
        const Connection& connection);
    // Its proxy has told the client's address.
    void client_is_known(Connection& connection);
    void opened(Connection& connection);
    std::unique_ptr<PendingHandshake> take_decision(Connection& connection, bool is_last);
    void add_round_trip(Connection& connection, runtime::Duration round_trip);
    void remove(Connection& connection);  // ends the object
    void schedule(runtime::Timer& timer, runtime::TimePoint due);
    void arm(runtime::TimePoint due);
    // Of what is dialed: loop_dial.cc.
    [[nodiscard]] LoopDials& dials();
    [[nodiscard]] Resolver& resolver() noexcept { return shared_.resolver; }
    // Its connection to one address, as it begins; nothing where that fails at once.
    [[nodiscard]] Connection* dial(const lws::RemoteAddress& address, DialLink& link,
                                   DialFailure& failure);
    [[nodiscard]] unsigned index() const noexcept { return index_; }
    [[nodiscard]] bool is_stopping() const noexcept { return stopping_; }
    [[nodiscard]] bool is_draining() const noexcept { return drain_ != nullptr; }
    // What peers are told at the end.
    [[nodiscard]] CloseReport last_words() const;
    // A connection's bytes are dealt with from here to served().
    void serve(Connection& connection) noexcept {
        serving_ = &connection;
        work_.begin();
    }
    // The budget of the connection that is being served.
    [[nodiscard]] runtime::WorkBudget& work() noexcept { return work_; }
    void served() {
        serving_ = nullptr;
        if (outbox_.full()) flush_outbox();
    }
    [[nodiscard]] bool serves(const Connection& connection) const noexcept {
        return serving_ == &connection;
    }
    [[nodiscard]] runtime::Outbox<Connection>& outbox() noexcept { return outbox_; }
    void flush_outbox();
    [[nodiscard]] FanOut& fan_out() noexcept { return fan_out_; }
    [[nodiscard]] Deflate& deflate() noexcept { return deflate_; }
    [[nodiscard]] protocol::SpareBuffers& spare_buffers() noexcept {
        return message_memory_.buffers;
    }
    // A connection holds so much of unfinished messages and unread bytes. Where all of them hold
    // too much, those who hold the most give way: it may be this one.
    void count_receiving(Connection& connection, ReceivingMemory<Connection>::Share& share,
                         std::size_t message_bytes, std::size_t unread_bytes);
    // Any thread: is there room for so much more among all queues?
    [[nodiscard]] bool has_queue_room(std::size_t more) const noexcept {
        return queue_bound_.fits(counters_.bytes_queued.read() + more);
    }
    // Makes it, at the cost of peers for whom much more waits.
    [[nodiscard]] bool make_queue_room(std::size_t waiting, std::size_t more);
    // So much waits for a connection now.
    void rank_queue(Connection& connection, SendQueue& queue) {
        queue_bound_.update(queue.place(), connection, connection.queued_bytes());
    }
    // The same; where all queues have become too much by it, those of other peers for whom the most
    // waits give way.
    void queue_grew(Connection& connection, SendQueue& queue);
    // Any thread: a peer for whom so much would wait was refused a message because of what waits
    // for others. Those for whom much more does give way at the end of the pass.
    void ask_for_queue_room(std::size_t wanted);
    void mark_watermark(ConnectionId id) { at_watermark_.push_back(id); }
    void mark_dirty(ConnectionId id) { dirty_.push_back(id); }
    void mark_resumed(ConnectionId id) { resumed_.push_back(id); }
    void condemn(Connection& connection) { condemned_.push_back(connection.id()); }
    std::unique_ptr<SendQueue> take_queue();
    void give_back_queue(std::unique_ptr<SendQueue> queue);

  private:
    void on_wake() override;
    void on_timer() override;
    void on_acceptable(int listener) override;
    void on_pass_end() override;

    [[nodiscard]] Connection* find(ConnectionId id) const noexcept {
        return id.loop() == index_ ? table_.find(id.key()) : nullptr;
    }
    // Most calls are about the connection that is being served: its place in the table, a cache
    // line of its own, need not be looked at.
    [[nodiscard]] Connection* find_here(ConnectionId id) const noexcept {
        return serving_ != nullptr && serving_->id() == id ? serving_ : find(id);
    }
    template <class Use>
    static ErrorCode use_if_found(Connection* connection, Use&& use) {
        return connection == nullptr ? ErrorCode::gone : std::forward<Use>(use)(*connection);
    }
    [[nodiscard]] static std::size_t weight_of(const PreparedMessage& message) noexcept {
        return letter_bytes + message.frame().size();
    }
    ErrorCode post(Letter letter, std::size_t weight);
    // A ping, a pause or a resume: here at once, from elsewhere by a letter.
    ErrorCode ask(ConnectionId id, Letter::Kind what, std::size_t weight);
    void obey(Letter& letter);
    void obey_note(const Letter& letter);
    void letter_read(Channel& channel);
    ErrorCode post_note(ChannelNote note, Channel::Turn& turn, ConnectionId id,
                        std::size_t weight = 0);
    struct Resumption {
        const LastSeen& seen;
        Missed& missed;
    };
    ErrorCode subscribe_to(ConnectionId id, std::string_view name, const Resumption* resumption);
    // `not_found` where the channel was given up meanwhile.
    ErrorCode join(const std::shared_ptr<Membership>& membership, ConnectionId id,
                   const Resumption* resumption);
    void forget(Connection& connection, Membership& membership);
    void leave_all(Connection& connection);
    [[nodiscard]] bool something_waits() const noexcept {
        return !at_watermark_.empty() || !dirty_.empty() || !fan_out_.empty() || !outbox_.empty() ||
               !resumed_.empty();
    }
    void flush_gathered();
    void go_on_reading();
    void tell_watermarks();
    void give_way_in_queues();
    void obey_heartbeat(const Letter& letter);
    void replan_heartbeats(const ServedPath& path);
    void broadcast_here(const SharedMessage& message, ConnectionId except);
    void welcome(lws::Accepted accepted);
    void keep_to_bounds(const PendingConnections::Place& newcomer);
    [[nodiscard]] bool free_a_descriptor();
    void accept_without_descriptors(int listener);
    void stop_accepting_for_a_while();
    void stop_accepting();
    void begin_stop();
    void begin_drain(DrainOrder& order);
    void cut_drain();
    void force_all();
    void finish_stop_if_empty();

    ServerShared& shared_;
    const ServerOptions& options_;
    const unsigned index_;
    LoopCounters counters_;
    runtime::Mailbox<Letter> mailbox_;
    std::vector<Letter> mail_;

    // These outlive the connections that have a place in them.
    runtime::SharedBound<Connection> queue_bound_;
    ReceivingMemory<Connection> receiving_;
    std::atomic<std::size_t> queue_room_wanted_{0};

    // Before the table, whose connections end in it; this loop's thread only.
    using Connections = runtime::Pool<Connection>;
    PageMemory memory_;
    PendingConnections pending_;
    Connections pool_{memory_};
    MessageMemory message_memory_{memory_};
    Deflate deflate_{options_.deflate};

    std::unique_ptr<LoopDials> dials_;  // from the first on

    mutable std::mutex table_mutex_;  // taken to change the table, or to read it from elsewhere
    runtime::SlotMap<Connection, Connections::Holder> table_;
    std::vector<Connection*> open_;
    Connection* serving_ = nullptr;
    runtime::WorkBudget work_;

    std::vector<std::unique_ptr<SendQueue>> queues_;
    runtime::Outbox<Connection> outbox_;  // of what those answer that are being served
    FanOut fan_out_;
    std::vector<ConnectionId> dirty_;
    std::vector<ConnectionId> condemned_;
    std::vector<ConnectionId> resumed_;
    std::vector<ConnectionId> at_watermark_;

    runtime::TimerWheel wheel_;
    std::optional<runtime::TimePoint> armed_;
    runtime::Timer accept_again_;
    runtime::Spread spread_;
    const runtime::PingCodec ping_codec_;
    PeerLog peer_log_{shared_.observer};
    std::uint32_t pass_ = 1;
    bool stopping_ = false;
    std::unique_ptr<LoopDrain> drain_;  // from its begin on
    std::size_t own_letters_ = 0;       // of messages that this thread published and has not read

    lws::Descriptor spare_;  // given up for a moment when descriptors run out
    std::unique_ptr<lws::EventLoop> events_;
    std::atomic<std::thread::id> thread_id_{};
    std::thread thread_;
};

}  // namespace wsecho::engine
