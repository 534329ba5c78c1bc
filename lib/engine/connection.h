// One peer, from its accepted socket to its end: handshake, frames in, frames out, close. Lives
// on one loop's thread; only what is marked so may be used from another, with the loop's table
// of connections locked.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/channel.h"
#include "engine/close_report.h"
#include "engine/connection_details.h"
#include "engine/connection_id.h"
#include "engine/drain.h"
#include "engine/error.h"
#include "engine/handshake_decision.h"
#include "engine/options.h"
#include "engine/prepared_message.h"
#include "engine/queued_bytes.h"
#include "engine/send_queue.h"
#include "engine/statistics.h"
#include "lws/socket.h"
#include "protocol/client_frame.h"
#include "protocol/close_code.h"
#include "protocol/frame_decoder.h"
#include "protocol/handshake.h"
#include "protocol/message_assembler.h"
#include "protocol/response_head.h"
#include "runtime/heartbeat.h"
#include "runtime/time.h"
#include "runtime/timer_wheel.h"

namespace wsecho::engine {

class Connection;
class DialLink;
class FanOut;
class Loop;
struct DialFailure;
struct ServedPath;

// The numbers from `open` on are those of the C header.
enum class ConnectionState : std::uint8_t {
    handshake = 0,  // the request has not come whole
    refused = 1,    // an HTTP error was sent; waiting for the peer to have read it
    open = 2,
    closing = 3,  // a close frame was sent or received
    closed = 4,   // the socket is gone
    asking = 5,   // the request is whole: what does the application say?
};

// Set to the nearest of a connection's deadlines.
struct ConnectionTimer : runtime::Timer {
    explicit ConnectionTimer(Connection& connection) : owner(connection) {}
    Connection& owner;
};

class alignas(64) Connection final : public lws::SocketEvents {
  public:
    Connection(Loop& loop, ConnectionId id, std::string remote_address);
    // One that is dialed, and has its place among the server's already.
    Connection(Loop& loop, ConnectionId id, std::string remote_address, ServedPath& path);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    // The socket is there; the handshake's time starts.
    void start(std::unique_ptr<PendingConnections::Place> place);
    // The socket connects; its link is told of its end.
    void start_dialed(std::shared_ptr<DialLink> link);

    // --- Any thread, with the table locked ---

    [[nodiscard]] ConnectionId id() const noexcept { return id_; }
    [[nodiscard]] ConnectionState state() const noexcept {
        return state_.load(std::memory_order_acquire);
    }
    // `ok`, or why nothing can be done with it: `closing` or `gone`.
    [[nodiscard]] ErrorCode check_open() const noexcept {
        const auto now = state();
        if (now == ConnectionState::open) return ErrorCode::ok;
        return now == ConnectionState::closing ? ErrorCode::closing : ErrorCode::gone;
    }
    [[nodiscard]] bool is_dialed() const noexcept { return is_client_; }
    // Of the peer's request or, where it was dialed, of its answer. Of one that was open.
    [[nodiscard]] std::optional<std::string_view> peer_header(std::string_view name) const;
    [[nodiscard]] const ConnectionDetails& details() const noexcept { return *details_; }
    [[nodiscard]] std::size_t queued_bytes() const noexcept { return queued_bytes_.read(); }
    [[nodiscard]] void* user() const noexcept { return user_.load(std::memory_order_relaxed); }
    void set_user(void* user) noexcept { user_.store(user, std::memory_order_relaxed); }

    // The channels that it is in, or was until its loop has read so.
    [[nodiscard]] std::vector<std::shared_ptr<Membership>>& memberships() noexcept {
        return details_->memberships;
    }

    // With the table locked on the loop's thread, too: elsewhere it is read.
    void add_round_trip(runtime::Duration round_trip) noexcept {
        details_->round_trips.add(round_trip);
    }

    // Keeps the application's answer until the loop calls settle(). Once for a connection.
    Status decide(HandshakeDecision decision);
    // Nothing while there is no answer; with `is_last`, none is taken after that.
    std::unique_ptr<PendingHandshake> take_decision(bool is_last);

    // Counts a frame against the queue's bound before it travels through the door.
    ErrorCode reserve(std::size_t frame_size) noexcept;
    // It does not travel: no letter could be posted.
    void give_back_reserved(std::size_t frame_size) noexcept;
    void set_backpressure(BackpressurePolicy policy) noexcept {
        details_->backpressure.store(policy, std::memory_order_relaxed);
    }
    // A reservation found no room: is the loop to be told, which is to close it? Once.
    [[nodiscard]] bool is_to_be_closed() noexcept;

    // --- The loop's thread ---

    ErrorCode send(protocol::Opcode opcode, std::span<const std::uint8_t> payload);
    ErrorCode send(const SharedMessage& message);
    // Takes what was broadcast and has not reached this connection yet.
    void take_fan_out();
    // The same of a channel's batch.
    void take_fan_out_of(const Membership& membership);
    // What was published to a channel before it joined.
    void take_missed(std::span<const SharedMessage> messages);
    // Membership is judged when a message is published: not for those who came later.
    void skip_fan_out();
    // Has something been sent to it that the kernel does not have?
    [[nodiscard]] bool has_unsent() const noexcept { return queue_ || held_; }
    // On another thread there was no room, and the policy wants its end.
    void overflow();
    // What waits for it, and more than for most, has to make room for others.
    void give_up_queue();
    // Whether its queue has passed a watermark is told now.
    void tell_watermark();
    // What reserve() counted for it.
    void send_reserved(const SharedMessage& message);
    // A ping of the heartbeat's kind, now: its answer is told with its round trip.
    ErrorCode ping();
    // Its own from here on; nothing: its path's again.
    ErrorCode set_heartbeat(const std::optional<runtime::HeartbeatSettings>& settings);
    // The path's has changed.
    void path_heartbeat_changed();
    ErrorCode close(CloseReport report);
    // No message comes behind the one in hand, until resume_reading().
    ErrorCode pause_reading();
    ErrorCode resume_reading();
    // At the end of the pass: bytes that were read before the pause come first.
    void go_on_reading();
    // It holds the most of what all are receiving, which is too much.
    void give_up_receiving();
    // Ends it without a word to the peer, at the end of the pass.
    void condemn(CloseCause cause);
    // The application has answered the handshake.
    void on_decided();
    // Where it was dialed: connection_client.cc. Before it is open, ends the attempt.
    void give_up_dialing(DialFailure failure);
    // By whoever dialed it; in whatever state.
    void end_dialed();
    // Ends one without a request, or one that was refused, to make room for others. False: its
    // request had arrived and is served.
    bool give_way(RefusalReason reason);
    // When the server ends: connection_drain.cc. A handshake that is not over is answered in HTTP.
    void turn_away();
    // An open one is told, now or then; who is closing already is left to it.
    void leave();
    void leave_at(runtime::TimePoint told);
    // Waits no longer.
    void force();
    // Once it is over, of one that was open.
    [[nodiscard]] DrainEnd drain_end() const noexcept;
    // Closes the socket of a condemned one; this object is gone after it.
    void hang_up() { socket_.close(); }

    void flush();
    // What the loop's outbox has held back goes to the socket.
    void write_held(std::span<const std::uint8_t> frames);
    void on_due(runtime::TimePoint now);

    bool on_bytes(std::span<std::uint8_t> bytes) override;
    bool on_turn() override;
    bool on_writable() override;
    void on_closed() override;

    // Was it ever open?
    [[nodiscard]] bool was_open() const noexcept { return was_open_; }
    // Is it counted among the server's connections?
    [[nodiscard]] bool is_admitted() const noexcept { return admitted_; }

    // The place in the loop's list of open connections; the loop's own.
    [[nodiscard]] std::size_t open_index() const noexcept { return open_index_; }
    void set_open_index(std::size_t index) noexcept { open_index_ = index; }

    // By which it has come; once it is admitted.
    [[nodiscard]] ServedPath& path() const noexcept { return *path_; }

  private:
    void set_state(ConnectionState state) noexcept {
        state_.store(state, std::memory_order_release);
    }

    // connection_handshake.cc
    void receive_request(std::span<const std::uint8_t> bytes);
    // Takes the header of the PROXY protocol off; false while the request cannot be looked at.
    bool take_proxy_header();
    void log_wrong_host(const protocol::RequestHead& head);
    void receive_early(std::span<std::uint8_t> bytes);
    void ask(const protocol::RequestHead& head, std::vector<std::uint8_t> early);
    // Does what the application has decided, if it has. With `is_last` it can do so no more: who
    // was told that the answer is taken, can rely on that.
    bool settle(bool is_last = false);
    void accept(const protocol::RequestHead& head, const protocol::Acceptance& answer);
    // Agrees on compression, if that shall be; the value of the answer's header.
    std::string agree_on_extensions(const protocol::RequestHead& head);
    void begin_open();
    void refuse(const protocol::Refusal& refusal);
    void refuse(const protocol::Refusal& refusal, RefusalReason reason);
    void reject(const protocol::Rejection& rejection, RefusalReason reason,
                runtime::Duration time_to_read);
    void open_to_close();

    // connection_client.cc
    void on_dialed_writable();
    void request_tunnel();
    void begin_with_endpoint();
    void request_upgrade();
    void receive_from_server(std::span<std::uint8_t> bytes);
    void receive_sealed(std::span<const std::uint8_t> bytes);
    void tls_failed();
    // As it goes out: encrypted, where the endpoint wants that.
    std::span<const std::uint8_t> sealed(std::span<const std::uint8_t> bytes);
    void transmit_sealed(std::span<const std::uint8_t> bytes);
    void finish_close_of_client();
    void receive_answer(std::span<std::uint8_t> bytes);
    void take_tunnel(const protocol::ResponseHead& head, std::span<const std::uint8_t> rest);
    void take_answer(const protocol::ResponseHead& head, std::span<std::uint8_t> rest);
    [[nodiscard]] DialFailure dial_failure() const;
    void remove_dialed();

    // connection_client_send.cc
    // What a frame of it has more than one of a server.
    [[nodiscard]] std::size_t masking_size() const noexcept {
        return is_client_ ? protocol::masking_key_size : 0;
    }
    void transmit_masked(protocol::Opcode opcode, std::span<const std::uint8_t> payload);
    void transmit_shared_masked(const SharedMessage& message);
    void append_masked(const PreparedMessage& message);
    void refill_masked(std::size_t most);

    // connection_receive.cc
    void receive(std::span<std::uint8_t> bytes) {
        metered_ ? receive_metered(bytes) : receive_frames(bytes);
    }
    void receive_frames(std::span<std::uint8_t> input);
    void keep_unread(std::span<const std::uint8_t> input);
    void count_receiving();
    void drop_received();
    using Pace = lws::Socket::Pace;
    [[nodiscard]] Pace pace_of_turn() const noexcept;
    [[nodiscard]] bool end_turn(Pace pace);
    void receive_data(const protocol::FramePiece& piece);
    void receive_compressed(const protocol::FramePiece& piece);
    void deliver(const protocol::Message& message);
    void receive_control(const protocol::FramePiece& piece);
    void handle_control(protocol::Opcode opcode, std::span<const std::uint8_t> payload);
    void handle_close(std::span<const std::uint8_t> payload);
    void fail(protocol::CloseCode code, std::string_view why, CloseCause cause);
    void callback_failed();

    [[nodiscard]] ConnectionTerms& terms();

    // connection_rate.cc
    void start_metering();
    void receive_metered(std::span<std::uint8_t> bytes);
    // False: this frame was too much.
    [[nodiscard]] bool meter_frame(protocol::Opcode opcode);
    [[nodiscard]] bool meter_inflated(std::size_t bytes);
    [[nodiscard]] bool may_owe();
    void pause_for(runtime::Duration debt);

    // connection_pause.cc
    void pause(PauseReason reason);
    void resume(PauseReason reason);
    void ask_to_go_on_reading();
    void check_paused(runtime::TimePoint now);
    void go_on_to_close();
    void restart_clocks();

    // connection_send.cc
    [[nodiscard]] bool may_write_now() const noexcept;
    [[nodiscard]] bool may_hold_back(std::size_t frame_size) const noexcept;
    [[nodiscard]] bool has_room(std::size_t frame_size) const noexcept;
    [[nodiscard]] bool is_late(const PreparedMessage& message) const;
    [[nodiscard]] bool make_room(std::size_t frame_size, std::uint64_t key = 0);
    void transmit(protocol::Opcode opcode, std::span<const std::uint8_t> payload);
    void transmit(protocol::Opcode opcode, const protocol::ServerHeader& header,
                  std::span<const std::uint8_t> payload);
    ErrorCode send_compressed(protocol::Opcode opcode, std::span<const std::uint8_t> payload);
    // What this connection gets of what many get.
    const SharedMessage& form_of(const SharedMessage& message);
    const SharedMessage& form_of(FanOut& batch);
    void transmit_now(std::span<const std::uint8_t> header, std::span<const std::uint8_t> payload);
    void transmit_bytes(std::string_view bytes);
    void hold_back(std::span<const std::uint8_t> header, std::span<const std::uint8_t> payload);
    void release_held();
    // The kernel took the frame whole, or a part: the rest is queued.
    void wrote(lws::WriteResult result, std::span<const std::uint8_t> header,
               std::span<const std::uint8_t> payload);
    void transmit_shared(const SharedMessage& message);
    void write_shared(const SharedMessage& message);
    void enqueue(const SharedMessage& message);
    void append(const SharedMessage& message);
    // May a message with this frame be sent? If so it is counted.
    ErrorCode admit_message(std::size_t frame_size, const runtime::WaitingTerms& terms = {});
    void catch_up();
    // Of the loop's batch, what comes from there on and is for this connection.
    template <class Gets>  // Gets: const FanOut::Entry& -> bool
    void take_from(std::size_t first, Gets&& gets);
    [[nodiscard]] bool may_take_whole(const FanOut& batch) const noexcept;
    void take_whole(FanOut& batch);
    void take_published(const SharedMessage& message);
    void written(std::size_t bytes);
    void count_message_sent(std::uint64_t messages = 1) noexcept;
    void count_sent(std::size_t bytes) noexcept;
    void account_queued(std::size_t bytes);
    void forget_reserved(std::size_t bytes) noexcept;
    void give_back_counted(std::size_t frame_size) noexcept;
    void block();
    SendQueue& queue();
    void release_queue();

    // connection_backpressure.cc
    // Do too many wait whole, with so many more?
    [[nodiscard]] bool is_crowded(std::size_t more) const noexcept;
    [[nodiscard]] bool fits(std::size_t frame_size, std::uint64_t key) const noexcept;
    [[nodiscard]] bool has_shared_room(std::size_t frame_size);
    void drop_queue();
    [[nodiscard]] bool make_room_by_policy(std::size_t frame_size, std::uint64_t key);
    [[nodiscard]] bool drop_until_it_fits(std::size_t frame_size, std::uint64_t key);
    [[nodiscard]] BackpressurePolicy backpressure() const noexcept;
    // Has what joins the queue to stay whole?
    [[nodiscard]] bool waits_whole() const noexcept;
    void keep_whole(const SharedMessage& message);
    void keep_to_bound();
    void forget_dropped(const runtime::Dropped& dropped, Counter& counted) noexcept;
    void refill();
    void refill_to(std::size_t most);
    void watch_queue();

    // connection.cc
    void begin_close(CloseReport report);
    void finish_close();
    void schedule();
    [[nodiscard]] runtime::TimePoint next_due() const;
    [[nodiscard]] runtime::TimePoint send_deadline() const;
    [[nodiscard]] LastNumbers last_numbers() const noexcept;

    // connection_heartbeat.cc
    [[nodiscard]] bool has_own_heartbeat() const noexcept;
    [[nodiscard]] runtime::HeartbeatSettings heartbeat_settings() const;
    void plan_heartbeat();
    void check_heartbeat(runtime::TimePoint now);
    void send_ping(runtime::TimePoint now);
    void handle_pong(std::span<const std::uint8_t> payload);

    // In the order of use: an echo touches the first three cache lines, which are fetched ahead
    // (lws::SocketEvents), and no more.
    Loop& loop_;
    ServedPath* path_ = nullptr;        // known with the request
    std::unique_ptr<SendQueue> queue_;  // only while something waits
    QueuedBytes queued_bytes_;
    std::atomic<ConnectionState> state_{ConnectionState::handshake};
    bool blocked_ = false;       // the kernel takes nothing until on_writable()
    bool more_follows_ = false;  // frames behind the one in hand have arrived already
    bool condemned_ = false;
    bool compresses_ = false;  // was agreed on
    bool inflating_ = false;   // a compressed message is under way
    bool held_ = false;        // frames of it are in the loop's outbox
    bool dirty_ = false;       // in the loop's list of those to flush
    bool paused_ = false;      // what arrives is not looked at
    bool metered_ = false;     // it is held to rates
    bool is_client_ = false;   // of its birth: its frames are masked, the peer's are not
    bool admitted_ : 1 = false;
    bool was_open_ : 1 = false;
    bool peer_closed_ : 1 = false;  // its close frame came
    bool failing_ : 1 = false;      // told why, and not listened to any more
    bool forced_ : 1 = false;
    bool above_watermark_ : 1 = false;  // was told
    bool watermark_due_ : 1 = false;    // is to be told at the pass's end
    bool holds_received_ : 1 = false;   // counted among what the loop receives
    std::uint32_t written_in_pass_ = 0;
    protocol::FrameDecoder decoder_;
    std::uint32_t fan_out_generation_ = 0;  // the batch of which some was taken
    std::uint32_t fan_out_taken_ = 0;       // how many of it
    protocol::MessageAssembler assembler_;
    runtime::TimePoint last_heard_{};  // any byte from the peer, or taken by it

    const ConnectionId id_;
    Traffic traffic_;

    runtime::TimePoint last_message_{};
    ConnectionTimer timer_;
    runtime::TimePoint deadline_{};  // of the handshake, the refusal or the close; to leave
    runtime::Heartbeat heartbeat_;
    std::atomic<void*> user_{nullptr};
    std::unique_ptr<ConnectionDetails> details_;
    std::unique_ptr<CloseReport> report_;
    std::size_t open_index_ = 0;
    std::unique_ptr<std::string> control_;  // a control frame that came in parts
};

}  // namespace wsecho::engine
