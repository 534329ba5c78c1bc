// Echoes. In a closed loop each connection keeps its messages in flight, and one read's worth of
// echoes is followed by one send. In an open loop messages leave when they are due, whatever
// has come back, and latency counts from then: a server that stalls cannot hide it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "measure/ledger.h"
#include "measure/schedule.h"
#include "scenario/load.h"
#include "scenario/options.h"

namespace wsecho::loadgen {

class EchoLoad final : public Load {
  public:
    EchoLoad(Fleet& fleet, const Options& options);

    // Of this thread, in messages/s: the next start() is of an open loop with that rate.
    void set_rate(double rate) noexcept { rate_ = rate; }

    void start(Time now) override;
    Time act(Time now) override;
    void stop() override { stopping_ = true; }
    [[nodiscard]] bool is_settled() const override { return ledger_.outstanding() == 0; }
    void give_up() override;
    [[nodiscard]] Verdicts verdicts() const override { return ledger_.verdicts(); }
    [[nodiscard]] Tally take_tally(Time now) override;

    void on_payload(ClientConnection& connection, const PayloadChunk& chunk, Time now) override;
    void on_read_end(ClientConnection& connection, Time now) override;
    void on_turn_end() override { send_to_answered(); }
    void on_closed(ClientConnection& connection, bool was_open, Time now) override;

  private:
    void top_up(ClientConnection& connection, Time now);
    void catch_up(ClientConnection& connection, Time now);
    void send_due(ClientConnection& connection, Time due, Time now);
    void send_more(ClientConnection& connection, Time now);
    void send_to_answered();
    Time send_what_is_due(Time now);
    void give_up_old(Time now);
    void flood(Time now);
    void note_waiting(Time now) noexcept {
        if (ledger_.outstanding() == 0) last_arrival_ = now;
    }

    Messages messages_;
    Ledger ledger_;
    std::vector<ClientConnection*> players_;
    std::vector<ClientConnection*> stalled_;
    std::chrono::nanoseconds timeout_;
    bool separate_writes_;
    bool stopping_ = false;
    bool answered_ = false;  // by something in this read
    // Reads and sends alternate in rows of this many: each time that the thread turns from the one
    // to the other, the processor fetches the kernel's code for it anew.
    static constexpr std::size_t max_row = 16;
    std::array<ClientConnection*, max_row> row_{};  // have been read from, and not sent to since
    std::size_t row_size_ = 0;
    Time last_arrival_;  // of an answer
    Time next_look_;     // for what is too old
    Time next_flood_;
    std::uint32_t flood_frames_;

    double rate_ = 0;  // 0: closed loop
    Schedule schedule_;
    std::uint64_t next_due_ = 0;             // among the messages of all players
    std::vector<std::uint32_t> place_;       // among the players, by the connection's index
    std::vector<std::uint32_t> first_sent_;  // sequence number at the start, by index
};

}  // namespace wsecho::loadgen
