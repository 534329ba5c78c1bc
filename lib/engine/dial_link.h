// One of a dialer's connections, over all of its attempts: it resolves, connects, waits and tries
// again, as its plan says. On its loop's thread, but for what is marked so.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/connection_id.h"
#include "engine/dial_failure.h"
#include "engine/dial_note.h"
#include "engine/dial_plan.h"
#include "engine/dialer.h"
#include "lws/connector.h"
#include "runtime/timer_wheel.h"

namespace wsecho::engine {

class Connection;
class Loop;

class DialLink final : public runtime::Timer, public std::enable_shared_from_this<DialLink> {
  public:
    // The loop outlives the work of the link: stop() or the loop's end are its end.
    DialLink(std::shared_ptr<Dialer> dialer, Loop& loop, std::uint32_t index);

    // --- Any thread ---

    void post(DialNote::What what);
    [[nodiscard]] DialState state() const noexcept {
        return state_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] ConnectionId connection_id() const noexcept {
        return ConnectionId{id_.load(std::memory_order_relaxed)};
    }

    // --- The loop's thread ---

    void obey(DialNote& note);
    void on_due(runtime::TimePoint now);
    // The server ends: nothing more is tried.
    void let_go();

    // Of its connection. The handshake is done; what is remembered goes out.
    void on_open(Connection& connection);
    // It is gone, and its object with it.
    void on_ended(const DialFailure& failure);

    [[nodiscard]] Dialer& dialer() noexcept { return *dialer_; }
    [[nodiscard]] const protocol::Url& endpoint() const noexcept {
        return dialer_->options().endpoints[plan_.endpoint()];
    }

  private:
    void start();
    void stop();
    void begin();
    void attempt();
    void take_addresses(lws::Resolution resolution);
    void connect_next();
    void fail(const DialFailure& failure);
    void go_on();
    void wait(const std::optional<runtime::Duration>& delay);
    void finish();
    void leave();
    void tell(const DialFailure& failure = {}, std::optional<runtime::Duration> delay = {});

    const std::shared_ptr<Dialer> dialer_;
    Loop& loop_;
    const std::uint32_t index_;
    DialPlan plan_;
    std::vector<lws::RemoteAddress> addresses_;  // of the attempt
    std::size_t next_address_ = 0;
    std::uint64_t attempt_ = 0;
    Connection* connection_ = nullptr;  // from its socket to its end
    ConnectionId last_id_;              // of the one that is open, or was
    bool at_work_ = false;
    bool wanted_ = false;     // by start(), not yet by stop()
    bool finishing_ = false;  // stopped, but the connection is still there
    std::atomic<DialState> state_{DialState::idle};
    std::atomic<std::uint64_t> id_{0};
};

}  // namespace wsecho::engine
