// One connection publishes a batch in one write to a server that broadcasts; once every
// connection of every thread, the publisher too, has received all of it, the next batch leaves.
#pragma once

#include <atomic>
#include <cstdint>

#include "measure/histogram.h"
#include "scenario/load.h"
#include "scenario/options.h"

namespace wsecho::loadgen {

// What the threads share of the batch that is under way.
struct FanoutRound {
    std::atomic<std::uint32_t> open{0};       // connections that listen
    std::atomic<std::uint32_t> published{0};  // messages, in all batches
    std::atomic<std::int64_t> published_at{0};
    std::atomic<std::int64_t> missing{0};  // deliveries of this batch
    std::atomic<std::int64_t> first_at{0};
    std::atomic<std::int64_t> last_at{0};
    std::atomic<bool> stopping{false};
    std::atomic<bool> is_stuck{false};  // a batch did not arrive: there will be no other
    Fleet* publisher = nullptr;         // whose thread is to be woken at the end of a batch
};

class FanoutLoad final : public Load {
  public:
    // The load whose fleet has connection 0 publishes; it must be made first.
    FanoutLoad(Fleet& fleet, const Options& options, FanoutRound& round);

    void start(Time now) override;
    Time act(Time now) override;
    void stop() override { round_.stopping = true; }
    [[nodiscard]] bool is_settled() const override { return round_.missing <= 0; }
    [[nodiscard]] bool is_over() const override { return round_.open == 0 || round_.is_stuck; }
    void give_up() override;
    [[nodiscard]] Verdicts verdicts() const override { return ledger_.verdicts(); }

    void on_payload(ClientConnection& connection, const PayloadChunk& chunk, Time now) override;
    void on_read_end(ClientConnection& connection, Time now) override;
    void on_closed(ClientConnection& connection, bool was_open, Time now) override;

    // Of the publisher's load: rounds, and the times from publishing to the first and to the
    // last delivery of each.
    struct Rounds {
        std::uint64_t count = 0;
        Histogram first;
        Histogram last;
    };
    [[nodiscard]] const Rounds& rounds() const noexcept { return rounds_; }
    // Forgets the warm-up's.
    void start_measuring() { rounds_ = {}; }

  private:
    void publish(ClientConnection& publisher);
    void finish_round();
    void note_published(ClientConnection& connection);
    [[nodiscard]] bool publishes() const noexcept { return round_.publisher == &fleet_; }

    FanoutRound& round_;
    Messages messages_;
    Ledger ledger_;
    std::uint32_t batch_;
    std::uint32_t publisher_number_ = 0;
    std::int64_t delivered_ = 0;  // of this read
    bool in_round_ = false;
    Rounds rounds_;
};

}  // namespace wsecho::loadgen
