// A crowd as servers know it: most connections idle, some talk, a few come and go.
#pragma once

#include "scenario/churn_load.h"
#include "scenario/echo_load.h"
#include "scenario/idle_load.h"
#include "scenario/load.h"
#include "scenario/roles.h"

namespace wsecho::loadgen {

class MixedLoad final : public Load {
  public:
    MixedLoad(Fleet& fleet, const Options& options)
        : Load(fleet), options_(options), echo_(fleet, options), churn_(fleet, options) {}

    void set_rate(double rate) noexcept { echo_.set_rate(rate); }

    void start(Time now) override {
        echo_.start(now);
        churn_.start(now);
    }
    Time act(Time now) override { return std::min(echo_.act(now), churn_.act(now)); }
    void stop() override {
        echo_.stop();
        churn_.stop();
    }
    [[nodiscard]] bool is_settled() const override {
        return echo_.is_settled() && churn_.is_settled();
    }
    void give_up() override { echo_.give_up(); }
    [[nodiscard]] Verdicts verdicts() const override { return echo_.verdicts(); }
    [[nodiscard]] Tally take_tally(Time now) override {
        Tally tally = echo_.take_tally(now);
        tally.add(churn_.take_tally(now));
        return tally;
    }

    void on_open(ClientConnection& connection, Time dialed, Time now) override {
        of(connection).on_open(connection, dialed, now);
    }
    void on_payload(ClientConnection& connection, const PayloadChunk& chunk, Time now) override {
        of(connection).on_payload(connection, chunk, now);
    }
    void on_read_end(ClientConnection& connection, Time now) override {
        of(connection).on_read_end(connection, now);
    }
    void on_turn_end() override { echo_.on_turn_end(); }
    void on_closed(ClientConnection& connection, bool was_open, Time now) override {
        of(connection).on_closed(connection, was_open, now);
    }

  private:
    Load& of(const ClientConnection& connection) {
        if (role_of(options_, connection.number) == Role::churn) return churn_;
        return role_of(options_, connection.number) == Role::echo ? static_cast<Load&>(echo_)
                                                                  : idle_;
    }

    const Options& options_;
    EchoLoad echo_;
    ChurnLoad churn_;
    IdleLoad idle_{fleet_};
};

}  // namespace wsecho::loadgen
