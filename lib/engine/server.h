// One listening engine: options, listeners, loops. Every function may be called from any thread;
// start, stop, drain and the end itself take turns, but that a stop cuts a drain short.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/address_limits.h"
#include "engine/channels.h"
#include "engine/connection.h"
#include "engine/dialer.h"
#include "engine/drain.h"
#include "engine/error.h"
#include "engine/loop.h"
#include "engine/observer.h"
#include "engine/options.h"
#include "engine/served_path.h"

namespace wsecho::engine {

class Server {
  public:
    // The observer outlives the server. The options have passed check().
    Server(ServerOptions options, Observer& observer);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();

    // What holds for the connections that come by no path of their own.
    [[nodiscard]] PathOptions path_defaults() const {
        return {options_.origins, 0, options_.limits};
    }
    // Before the start. The observer outlives the server; the options have passed check().
    Status add_path(std::string_view pattern, const PathOptions& options, Observer& observer);

    Status start();
    // Has it connect, on this server's loops; one that was stopped, or gave up, begins anew.
    Status start_dialer(Dialer& dialer);
    // Tells every peer 1001, waits for their answers as long as the close timeout, and ends the
    // loops. Idempotent; cuts a drain short.
    Status stop();
    // Ends it as the options want, which have passed check(), and tells how it went. Its last touch
    // of the server lets a stop() return that waits for it.
    Status drain(const DrainOptions& options, DrainReport& report);

    [[nodiscard]] bool started() const noexcept { return started_.load(); }  // once, or now
    [[nodiscard]] bool running() const noexcept { return running_.load(); }
    [[nodiscard]] int port() const noexcept { return port_.load(); }
    [[nodiscard]] unsigned loop_count() const noexcept { return loop_count_; }
    // By name, with a NUL behind it.
    [[nodiscard]] std::string_view event_loop() const noexcept {
        return lws::resolve_event_loop(options_.event_loop);
    }
    // Is the caller inside one of this server's callbacks?
    [[nodiscard]] bool in_callback() const noexcept;

    ErrorCode send(ConnectionId id, protocol::Opcode opcode, std::span<const std::uint8_t> payload);
    // `waits`: whether it does, for its peer or its loop.
    ErrorCode send(ConnectionId id, const SharedMessage& message, bool* waits = nullptr);
    ErrorCode ping(ConnectionId id);
    ErrorCode pause_reading(ConnectionId id);
    ErrorCode resume_reading(ConnectionId id);
    // Of one connection, or, with nothing, its path's again.
    ErrorCode set_heartbeat(ConnectionId id,
                            const std::optional<runtime::HeartbeatSettings>& settings);
    // Of a path by its pattern, nothing being the server's own; of a connection that has none of
    // its own. With no settings: what the path had at the start. `not_found`, `wrong_state`.
    ErrorCode set_path_heartbeat(std::optional<std::string_view> pattern,
                                 const std::optional<runtime::HeartbeatSettings>& settings);
    // Of its heartbeat; `not_found` before the first answer.
    ErrorCode read_round_trips(ConnectionId id, runtime::RoundTripTimes& out);
    // Answers a handshake, of which Observer::on_handshake() told.
    Status decide(ConnectionId id, HandshakeDecision decision);
    ErrorCode close(ConnectionId id, CloseReport report);
    ErrorCode broadcast(protocol::Opcode opcode, std::span<const std::uint8_t> payload,
                        ConnectionId except);
    ErrorCode broadcast(const SharedMessage& message, ConnectionId except);

    // Of channels. Those that are not there have no members, and cost nothing.
    Status subscribe(ConnectionId id, std::string_view channel);
    // As Loop::subscribe_since().
    Status subscribe_since(ConnectionId id, std::string_view channel, const LastSeen& seen,
                           Missed& missed);
    ErrorCode unsubscribe(ConnectionId id, std::string_view channel);
    // Bounds of nothing: none is kept, and what was kept goes.
    Status keep_history(std::string_view channel, const runtime::HistoryBounds& bounds);
    // The number is the message's in its channel, from 1; 0: nobody is in it.
    ErrorCode publish(std::string_view channel, protocol::Opcode opcode,
                      std::span<const std::uint8_t> payload, ConnectionId except,
                      std::uint64_t& number);
    ErrorCode publish(std::string_view channel, const SharedMessage& message, ConnectionId except,
                      std::uint64_t& number);
    // Writes the number into the payload, as PreparedMessage::write_number() does.
    ErrorCode publish_numbered(std::string_view channel, protocol::Opcode opcode,
                               std::span<const std::uint8_t> payload, std::size_t number_at,
                               ConnectionId except, std::uint64_t& number);
    [[nodiscard]] std::size_t channel_size(std::string_view channel) const;
    // Sorted.
    ErrorCode list_channels(ConnectionId id, std::vector<std::string>& names);

    template <class Use>
    ErrorCode with(ConnectionId id, Use&& use) {
        Loop* loop = loop_of(id);
        return loop == nullptr ? ErrorCode::gone : loop->with(id, std::forward<Use>(use));
    }

    // Of one loop, or of all.
    [[nodiscard]] Statistics statistics(std::optional<unsigned> loop) const;

  private:
    struct Listeners;

    Status open_listeners(Listeners& listeners);
    Status make_loops();
    void close_listeners();
    void await_loops(std::unique_lock<std::mutex>& lock);
    void announce() const;
    // For all connections, or the mailboxes of their loops.
    [[nodiscard]] ErrorCode may_go_to_many(std::size_t frame_size) const;
    template <class Finish>  // Finish: (std::uint64_t number) -> void, before anybody sees it
    ErrorCode publish_to(const std::shared_ptr<Channel>& channel, const SharedMessage& message,
                         ConnectionId except, std::uint64_t& number, Finish&& finish);
    template <class Publish>  // Publish: const std::shared_ptr<Channel>& -> ErrorCode
    ErrorCode publish_if_heard(std::string_view name, std::size_t frame_size, std::uint64_t& number,
                               Publish&& publish);
    [[nodiscard]] Loop* loop_of(ConnectionId id) const noexcept;

    const ServerOptions options_;
    Observer& observer_;
    const unsigned loop_count_;
    PathTable paths_;
    Channels channels_;
    std::unique_ptr<AddressLimits> addresses_;  // where they are limited
    std::unique_ptr<ServerShared> shared_;
    std::unique_ptr<Listeners> listeners_;
    std::vector<std::unique_ptr<Loop>> loops_;
    std::mutex lifecycle_;
    std::condition_variable ended_;
    bool ending_ = false;               // a thread waits for the loops' ends
    std::atomic<bool> started_{false};  // the loops exist, from here to the server's end
    std::atomic<bool> running_{false};
    std::atomic<int> port_{-1};
    std::atomic<unsigned> next_dialer_loop_{0};
};

}  // namespace wsecho::engine
