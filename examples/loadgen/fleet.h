// All connections and the one loop that serves them: opens them a few at a time, answers
// pings, hands payload to the scenario, counts what goes wrong.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client_connection.h"
#include "clock.h"
#include "dialer.h"
#include "epoll.h"
#include "interrupt.h"
#include "target.h"

namespace wsecho::loadgen {

// What a scenario does with messages.
class Traffic {
  public:
    Traffic() = default;
    Traffic(const Traffic&) = delete;
    Traffic& operator=(const Traffic&) = delete;
    virtual ~Traffic() = default;

    virtual void on_payload(ClientConnection& connection, const PayloadChunk& chunk, Time now) = 0;
    // All of one read has been handed over: the time to send what it asks for, in one go.
    virtual void on_read_end(ClientConnection& connection, Time now) = 0;
};

class Fleet {
  public:
    // `connections` are made room for, and opened by open_some().
    Fleet(const Target& target, std::uint32_t connections);

    // Starts as many handshakes as the bound on handshakes in flight allows.
    void open_some();
    [[nodiscard]] bool is_opening() const noexcept { return started_ < asked() || handshakes_ > 0; }

    // Waits for events until `until` at most, and handles them.
    // Without `traffic`, a message that arrives is an error.
    void turn(Time until, Traffic* traffic);

    void send(ClientConnection& connection, Bytes bytes);

    // Says goodbye (1000) on every connection and waits a little for the answers.
    void close_all();

    void count_error(const ClientConnection& connection, std::string_view problem);

    [[nodiscard]] std::span<ClientConnection> connections() noexcept { return connections_; }
    [[nodiscard]] std::uint32_t asked() const noexcept {
        return static_cast<std::uint32_t>(connections_.size());
    }
    [[nodiscard]] std::uint32_t open_now() const noexcept { return open_; }
    [[nodiscard]] std::uint64_t errors() const noexcept { return errors_; }
    // In words, of the first error; empty if there was none.
    [[nodiscard]] const std::string& first_problem() const noexcept { return first_problem_; }
    [[nodiscard]] std::uint64_t pings_answered() const noexcept { return pings_answered_; }
    // How long the loop had nothing to do.
    [[nodiscard]] std::chrono::nanoseconds waited() const noexcept { return epoll_.waited(); }
    [[nodiscard]] bool is_interrupted() const noexcept { return interrupted_; }

  private:
    void start(ClientConnection& connection);
    void handle(ClientConnection& connection, std::uint32_t events, Traffic* traffic);
    std::size_t read_once(ClientConnection& connection, Traffic* traffic);
    void finish_connect(ClientConnection& connection);
    void read_handshake(ClientConnection& connection, Bytes bytes, Traffic* traffic);
    void read_frames(ClientConnection& connection, Bytes bytes, Traffic* traffic);
    void answer_control(ClientConnection& connection, Opcode opcode, Bytes payload);
    void fail(ClientConnection& connection, std::string_view problem);
    void close(ClientConnection& connection);
    void fail_slow_handshakes(Time now);

    Dialer dialer_;
    std::string request_;
    Epoll epoll_;
    Interrupt interrupt_;
    std::vector<ClientConnection> connections_;
    std::vector<std::uint8_t> buffer_;
    Time next_slow_check_;
    std::uint32_t started_ = 0;
    std::uint32_t handshakes_ = 0;
    std::uint32_t open_ = 0;
    std::uint64_t errors_ = 0;
    std::uint64_t pings_answered_ = 0;
    std::string first_problem_;
    bool interrupted_ = false;
};

}  // namespace wsecho::loadgen
