// Every connection keeps its messages in flight: each echo is checked and replaced by the
// next message. One read's worth of echoes is answered with one send.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "scenarios.h"
#include "stamped_message.h"
#include "window.h"

namespace wsecho::loadgen {
namespace {

constexpr std::chrono::seconds drain_grace{2};
constexpr std::chrono::milliseconds step{100};

bool is_open(const ClientConnection& connection) {
    return connection.state == ClientConnection::State::open;
}

class EchoTraffic final : public Traffic {
  public:
    EchoTraffic(Fleet& fleet, const Options& options)
        : fleet_(fleet),
          message_(options.size, options.opcode),
          in_flight_(options.in_flight),
          separate_writes_(options.separate_writes),
          sent_at_(std::size_t{options.connections} * options.in_flight) {}

    // Fills the connection up to its messages in flight.
    void top_up(ClientConnection& connection, Time now) {
        const std::uint32_t count = in_flight_ - connection.in_flight();
        if (count == 0) return;
        const Stamp first{connection.number, connection.sent};
        for (std::uint32_t index = 0; index < count; ++index) {
            sent_at(connection, connection.sent + index) = now;
        }
        connection.sent += count;
        outstanding_ += count;
        if (!separate_writes_) {
            fleet_.send(connection, message_.masked_frames(first, count));
            return;
        }
        for (std::uint32_t index = 0; index < count && is_open(connection); ++index) {
            fleet_.send(connection,
                        message_.masked_frame({first.connection, first.sequence + index}));
        }
    }

    void on_payload(ClientConnection& connection, const PayloadChunk& chunk, Time now) override {
        if (connection.in_flight() == 0) {
            if (chunk.ends_message) fleet_.count_error(connection, "a message it never sent");
            return;
        }
        if (chunk.position == 0) connection.differs = chunk.opcode != message_.opcode();
        if (!matches(chunk, {connection.number, connection.answered})) connection.differs = true;
        if (!chunk.ends_message) return;
        if (connection.differs && repeats(connection, chunk)) {
            fleet_.count_error(connection, "an echo that came twice");
            return;
        }
        if (connection.differs && !skip_to_match(connection, chunk)) ++changed_;
        latency_.record(now - sent_at(connection, connection.answered));
        ++connection.answered;
        ++messages_;
        --outstanding_;
    }

    void on_read_end(ClientConnection& connection, Time now) override {
        if (!stopping_) top_up(connection, now);
    }

    void start_measuring() {
        messages_ = 0;
        latency_.clear();
    }
    void stop_sending() { stopping_ = true; }

    [[nodiscard]] const Histogram& latency() const { return latency_; }
    [[nodiscard]] std::uint64_t messages() const { return messages_; }
    // Sent and neither echoed nor known to be skipped.
    [[nodiscard]] std::uint64_t outstanding() const { return outstanding_; }
    [[nodiscard]] std::uint64_t skipped() const { return skipped_; }
    [[nodiscard]] std::uint64_t changed() const { return changed_; }

  private:
    Time& sent_at(const ClientConnection& connection, std::uint32_t sequence) {
        return sent_at_[std::size_t{connection.number} * in_flight_ + sequence % in_flight_];
    }

    bool matches(const PayloadChunk& chunk, Stamp stamp) {
        const Bytes expected = message_.payload(stamp);
        const std::uint64_t end = chunk.position + chunk.bytes.size();
        if (end > expected.size() || (chunk.ends_message && end != expected.size())) return false;
        return chunk.bytes.empty() ||
               std::memcmp(chunk.bytes.data(),
                           expected.data() + static_cast<std::size_t>(chunk.position),
                           chunk.bytes.size()) == 0;
    }

    // Must not be taken for the next message's: every later one would seem changed.
    bool repeats(const ClientConnection& connection, const PayloadChunk& chunk) {
        if (chunk.position != 0 || chunk.opcode != message_.opcode()) return false;
        const std::uint32_t answered = connection.answered;
        for (std::uint32_t back = 1; back <= std::min(in_flight_, answered); ++back) {
            if (matches(chunk, {connection.number, answered - back})) return true;
        }
        return false;
    }

    // A whole echo of a later message means that those between were lost, not changed.
    bool skip_to_match(ClientConnection& connection, const PayloadChunk& chunk) {
        if (chunk.position != 0 || chunk.opcode != message_.opcode()) return false;
        for (std::uint32_t later = 1; later < connection.in_flight(); ++later) {
            if (!matches(chunk, {connection.number, connection.answered + later})) continue;
            connection.answered += later;
            skipped_ += later;
            outstanding_ -= later;
            return true;
        }
        return false;
    }

    Fleet& fleet_;
    StampedMessage message_;
    std::uint32_t in_flight_;
    bool separate_writes_;
    std::vector<Time> sent_at_;
    Histogram latency_;
    std::uint64_t messages_ = 0;
    std::uint64_t outstanding_ = 0;
    std::uint64_t skipped_ = 0;
    std::uint64_t changed_ = 0;
    bool stopping_ = false;
};

}  // namespace

void run_echo(Run& run, Results& results) {
    Fleet& fleet = run.fleet;
    EchoTraffic traffic(fleet, run.options);
    for (ClientConnection& connection : fleet.connections()) {
        if (is_open(connection)) traffic.top_up(connection, Clock::now());
    }

    std::uint64_t messages_shown = 0;
    const auto work_until = [&](Time end, const char* phase) {
        for (Time now = Clock::now(); now < end && !fleet.is_interrupted() && fleet.open_now() > 0;
             now = Clock::now()) {
            fleet.turn(std::min(end, now + step), &traffic);
            if (run.progress.is_due(now)) {
                run.progress.show(
                    fmt::format("{}: {} open, {} messages in the last second, {:.0f} s left", phase,
                                fleet.open_now(), traffic.messages() - messages_shown,
                                seconds(end - now)),
                    now);
                messages_shown = traffic.messages();
            }
        }
    };

    work_until(Clock::now() + run.options.warm_up, "warming up");
    traffic.start_measuring();
    messages_shown = 0;
    const Window window(run.server, fleet);
    work_until(Clock::now() + run.options.duration, "echo");
    const Window::Used used = window.used();
    results.messages = traffic.messages();
    results.latency = traffic.latency();
    results.seconds = used.seconds;
    results.generator_cpu_percent = used.own_cpu_percent;
    results.generator_busy_percent = used.busy_percent;
    if (used.server_cpu_us && results.messages > 0) {
        results.server_cpu_us_per_message =
            *used.server_cpu_us / static_cast<double>(results.messages);
    }
    if (run.server) results.resident_bytes = run.server->resident_bytes();

    traffic.stop_sending();
    const Time grace_end = Clock::now() + drain_grace;
    while (traffic.outstanding() > 0 && fleet.open_now() > 0 && Clock::now() < grace_end) {
        fleet.turn(grace_end, &traffic);
    }
    results.lost = traffic.outstanding() + traffic.skipped();
    results.changed = traffic.changed();
}

}  // namespace wsecho::loadgen
