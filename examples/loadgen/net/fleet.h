// The connections of one thread and the loop that serves them: opens them at the pace it is
// told, answers pings, hands payload to the scenario, counts what goes wrong.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "measure/causes.h"
#include "measure/clock.h"
#include "net/client_connection.h"
#include "net/dialer.h"
#include "net/epoll.h"
#include "net/interrupt.h"
#include "net/tls.h"
#include "net/wakeup.h"
#include "wire/deflate.h"
#include "wire/handshake.h"

namespace wsecho::loadgen {

// What a scenario does with what happens to connections.
class Traffic {
  public:
    Traffic() = default;
    Traffic(const Traffic&) = delete;
    Traffic& operator=(const Traffic&) = delete;
    virtual ~Traffic() = default;

    virtual void on_open(ClientConnection& /*connection*/, Time /*dialed*/, Time /*now*/) {}
    virtual void on_payload(ClientConnection& connection, const PayloadChunk& chunk, Time now) = 0;
    // All of one read has been handed over.
    virtual void on_read_end(ClientConnection& /*connection*/, Time /*now*/) {}
    // Every event of a wait has been handled: nothing that is to be sent waits any longer.
    virtual void on_turn_end() {}
    // It has ended, after it was open or before. It must not be dialed from in here.
    virtual void on_closed(ClientConnection& /*connection*/, bool /*was_open*/, Time /*now*/) {}
};

// How connections are made. Shared by all fleets of a run; does not change.
struct Endpoint {
    const Dialer& dialer;
    const TlsContext* tls = nullptr;
    std::string host;  // that its certificate must name
    std::string request;
    HandshakeOffer offer;
    std::size_t max_inflated = 0;
};

class Fleet {
  public:
    // Makes room for `count` connections, numbered from `first` on. `interrupt` may be null.
    Fleet(const Endpoint& endpoint, std::uint32_t first, std::uint32_t count, Interrupt* interrupt);

    // Starts handshakes until `started` connections have begun theirs, as far as the bound on
    // handshakes at once allows.
    void open_up_to(std::uint32_t started);
    [[nodiscard]] bool is_opening() const noexcept { return handshakes_ > 0; }
    [[nodiscard]] std::uint32_t started() const noexcept { return started_; }
    // Dials a closed connection again.
    void dial(ClientConnection& connection);
    void allow_handshakes(std::uint32_t at_once) noexcept { max_handshakes_ = at_once; }

    // Waits for events until `until` at most, and handles them.
    // Without `traffic`, a message that arrives is an error.
    void turn(Time until, Traffic* traffic);

    // Ends the wait that is under way, or the next one. May be called from any thread.
    void wake() noexcept { wakeup_.ring(); }

    void send(ClientConnection& connection, Bytes bytes);
    // Says goodbye (1000); the connection closes when the server answers.
    void close_politely(ClientConnection& connection);
    // Hangs up at once. Neither is an error, nor told to the traffic.
    void drop(ClientConnection& connection);
    // Says goodbye on every connection and waits a little for the answers.
    void close_all();

    void count_error(const ClientConnection& connection, std::string_view problem);

    [[nodiscard]] std::span<ClientConnection> connections() noexcept { return connections_; }
    [[nodiscard]] std::uint32_t size() const noexcept {
        return static_cast<std::uint32_t>(connections_.size());
    }
    [[nodiscard]] std::uint32_t open_now() const noexcept { return open_; }

    struct Counts {
        std::uint64_t attempts = 0;
        std::uint64_t opened = 0;
        Causes failed;             // before they were open
        Causes closed;             // after that, by the server or by a failure
        std::uint64_t errors = 0;  // all of these but closes of stalled connections, and more
        std::uint64_t pings_answered = 0;
        std::uint64_t bytes_sent = 0;
        std::uint64_t bytes_received = 0;
        std::string first_problem;  // in words; empty if there was none
        Time first_problem_at;

        void add(const Counts& other);
    };
    [[nodiscard]] const Counts& counts() const noexcept { return counts_; }

    // How long the loop had nothing to do.
    [[nodiscard]] std::chrono::nanoseconds waited() const noexcept { return epoll_.waited(); }
    [[nodiscard]] bool is_interrupted() const noexcept { return interrupted_; }

  private:
    void handle(ClientConnection& connection, std::uint32_t events, Traffic* traffic);
    void serve_stalled(ClientConnection& connection, std::uint32_t events, Traffic* traffic);
    std::size_t read_once(ClientConnection& connection, Traffic* traffic);
    void finish_connect(ClientConnection& connection, Traffic* traffic);
    void continue_tls(ClientConnection& connection, Traffic* traffic);
    void send_request(ClientConnection& connection);
    void read_handshake(ClientConnection& connection, Bytes bytes, Traffic* traffic);
    void read_frames(ClientConnection& connection, Bytes bytes, Traffic* traffic);
    void hand_over(ClientConnection& connection, const PayloadChunk& chunk, Time now,
                   Traffic* traffic);
    void inflate(ClientConnection& connection, const PayloadChunk& chunk, Time now,
                 Traffic* traffic);
    void answer_control(ClientConnection& connection, Opcode opcode, Bytes payload);
    void fail(ClientConnection& connection, std::string_view cause, Traffic* traffic);
    void close(ClientConnection& connection, Traffic* traffic);
    void fail_slow_handshakes(Time now, Traffic* traffic);
    void fail_slow_goodbyes(Time now, Traffic* traffic);

    // A close frame that awaits its answer.
    struct Goodbye {
        std::uint32_t index = 0;
        std::uint16_t count = 0;  // of its connection's
        Time deadline;
    };

    const Endpoint& endpoint_;
    Epoll epoll_;
    Interrupt* interrupt_;
    Wakeup wakeup_;
    std::vector<ClientConnection> connections_;
    std::vector<std::uint8_t> buffer_;
    std::unique_ptr<Inflater> inflater_;
    std::deque<Goodbye> goodbyes_;  // by deadline
    Time next_slow_check_;
    std::uint32_t started_ = 0;
    std::uint32_t handshakes_ = 0;
    std::uint32_t max_handshakes_;
    std::uint32_t open_ = 0;
    Counts counts_;
    bool interrupted_ = false;
};

}  // namespace wsecho::loadgen
