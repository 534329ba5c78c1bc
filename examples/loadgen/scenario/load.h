// What one thread's connections do once they are open, and what it has counted of it.
#pragma once

#include <algorithm>
#include <utility>

#include "measure/ledger.h"
#include "measure/tally.h"
#include "net/fleet.h"

namespace wsecho::loadgen {

class Load : public Traffic {
  public:
    explicit Load(Fleet& fleet) : fleet_(fleet) {}

    virtual void start(Time now) = 0;
    // Does what is due; returns when there will be more to do.
    virtual Time act(Time /*now*/) { return Time::max(); }
    // Starts nothing new.
    virtual void stop() {}
    // Nothing that it started is still awaited.
    [[nodiscard]] virtual bool is_settled() const { return true; }
    // It cannot go on, as when nothing is left to send to.
    [[nodiscard]] virtual bool is_over() const {
        return fleet_.open_now() == 0 && !fleet_.is_opening();
    }
    // What is still awaited is lost.
    virtual void give_up() {}
    [[nodiscard]] virtual Verdicts verdicts() const { return {}; }

    // What was counted since it was last asked.
    [[nodiscard]] virtual Tally take_tally(Time /*now*/) { return std::exchange(tally_, {}); }

    void on_payload(ClientConnection& connection, const PayloadChunk& chunk,
                    Time /*now*/) override {
        if (chunk.ends_message) fleet_.count_error(connection, "a message that was not asked for");
    }

  protected:
    Fleet& fleet_;
    Tally tally_;
};

}  // namespace wsecho::loadgen
