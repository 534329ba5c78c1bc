// One connection publishes a batch in one write to a server that broadcasts; once every
// connection, the publisher too, has received all of it, the next batch is sent.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "scenarios.h"
#include "stamped_message.h"
#include "window.h"

namespace wsecho::loadgen {
namespace {

constexpr std::chrono::seconds round_timeout{5};
constexpr std::chrono::milliseconds step{100};

class FanoutTraffic final : public Traffic {
  public:
    FanoutTraffic(Fleet& fleet, const Options& options)
        : fleet_(fleet), message_(options.size, options.opcode), batch_(options.batch) {}

    void publish(ClientConnection& publisher) {
        for (ClientConnection& connection : fleet_.connections()) {
            if (connection.state == ClientConnection::State::open) connection.sent += batch_;
        }
        expected_ = std::uint64_t{fleet_.open_now()} * batch_;
        received_ = 0;
        const Stamp first{publisher.number, next_sequence_};
        publisher_ = publisher.number;
        next_sequence_ += batch_;
        published_at_ = Clock::now();
        fleet_.send(publisher, message_.masked_frames(first, batch_));
    }

    void on_payload(ClientConnection& connection, const PayloadChunk& chunk, Time now) override {
        if (connection.in_flight() == 0) {
            if (chunk.ends_message) fleet_.count_error(connection, "a message never published");
            return;
        }
        if (chunk.position == 0) connection.differs = chunk.opcode != message_.opcode();
        const Bytes expected =
            message_.payload({publisher_, next_sequence_ - connection.in_flight()});
        const std::uint64_t end = chunk.position + chunk.bytes.size();
        if (end > expected.size() || (chunk.ends_message && end != expected.size()) ||
            (!chunk.bytes.empty() &&
             std::memcmp(chunk.bytes.data(),
                         expected.data() + static_cast<std::size_t>(chunk.position),
                         chunk.bytes.size()) != 0)) {
            connection.differs = true;
        }
        if (!chunk.ends_message) return;
        if (connection.differs) ++changed_;
        latency_.record(now - published_at_);
        ++connection.answered;
        ++received_;
        ++deliveries_;
    }

    void on_read_end(ClientConnection& /*connection*/, Time /*now*/) override {}

    void start_measuring() {
        deliveries_ = 0;
        rounds_ = 0;
        latency_.clear();
    }
    void count_round() { ++rounds_; }

    [[nodiscard]] bool is_round_over() const { return received_ >= expected_; }
    [[nodiscard]] Time published_at() const { return published_at_; }
    [[nodiscard]] std::uint64_t missing() const { return expected_ - received_; }
    [[nodiscard]] std::uint64_t deliveries() const { return deliveries_; }
    [[nodiscard]] std::uint64_t rounds() const { return rounds_; }
    [[nodiscard]] std::uint64_t changed() const { return changed_; }
    [[nodiscard]] const Histogram& latency() const { return latency_; }

  private:
    Fleet& fleet_;
    StampedMessage message_;
    std::uint32_t batch_;
    std::uint32_t publisher_ = 0;
    std::uint32_t next_sequence_ = 0;
    Time published_at_;
    Histogram latency_;
    std::uint64_t expected_ = 0;
    std::uint64_t received_ = 0;
    std::uint64_t deliveries_ = 0;
    std::uint64_t rounds_ = 0;
    std::uint64_t changed_ = 0;
};

}  // namespace

void run_fanout(Run& run, Results& results) {
    Fleet& fleet = run.fleet;
    FanoutTraffic traffic(fleet, run.options);
    const auto connections = fleet.connections();
    const auto publisher = std::find_if(
        connections.begin(), connections.end(),
        [](const ClientConnection& each) { return each.state == ClientConnection::State::open; });
    if (publisher == connections.end()) return;

    // A round that a lost message or a closed connection keeps from ending ends the run.
    bool stalled = false;
    const auto one_round = [&](const char* phase) {
        traffic.publish(*publisher);
        while (!traffic.is_round_over() && !stalled) {
            const Time now = Clock::now();
            fleet.turn(now + step, &traffic);
            stalled = now - traffic.published_at() > round_timeout || fleet.open_now() == 0;
            if (run.progress.is_due(now)) {
                run.progress.show(
                    fmt::format("{}: {} open, {} deliveries, {} batches", phase, fleet.open_now(),
                                traffic.deliveries(), traffic.rounds()),
                    now);
            }
        }
        if (!stalled) traffic.count_round();
    };
    const auto work_until = [&](Time end, const char* phase) {
        while (Clock::now() < end && !stalled && !fleet.is_interrupted() &&
               publisher->state == ClientConnection::State::open) {
            one_round(phase);
        }
    };

    work_until(Clock::now() + run.options.warm_up, "warming up");
    traffic.start_measuring();
    const Window window(run.server, fleet);
    work_until(Clock::now() + run.options.duration, "fanout");
    const Window::Used used = window.used();
    results.messages = traffic.deliveries();
    results.rounds = traffic.rounds();
    results.latency = traffic.latency();
    results.seconds = used.seconds;
    results.generator_cpu_percent = used.own_cpu_percent;
    results.generator_busy_percent = used.busy_percent;
    if (used.server_cpu_us && results.messages > 0) {
        results.server_cpu_us_per_message =
            *used.server_cpu_us / static_cast<double>(results.messages);
    }
    if (run.server) results.resident_bytes = run.server->resident_bytes();
    results.lost = traffic.missing();
    results.changed = traffic.changed();
}

}  // namespace wsecho::loadgen
