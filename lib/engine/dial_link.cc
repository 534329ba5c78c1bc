#include "engine/dial_link.h"

#include <utility>

#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/loop_dials.h"
#include "engine/resolver.h"

namespace wsecho::engine {

using runtime::Duration;
using runtime::TimePoint;
using Kind = DialFailure::Kind;

DialLink::DialLink(std::shared_ptr<Dialer> dialer, Loop& loop, std::uint32_t index)
    : dialer_(std::move(dialer)),
      loop_(loop),
      index_(index),
      plan_(dialer_->options().times, dialer_->options().endpoints.size(), index) {}

void DialLink::post(DialNote::What what) {
    loop_.post_dial({what, shared_from_this()});
}

void DialLink::obey(DialNote& note) {
    switch (note.what) {
        case DialNote::What::start:
            return start();
        case DialNote::What::stop:
            return stop();
        case DialNote::What::go_on:
            return go_on();
        case DialNote::What::resolved:
            if (note.attempt == attempt_ && plan_.state() == DialState::connecting)
                take_addresses(std::move(note.resolution));
            return;
    }
}

// --- Wanted, or not ---

void DialLink::start() {
    if (std::exchange(wanted_, true) && at_work_) return;
    if (!finishing_) begin();  // else behind the end
}

void DialLink::begin() {
    if (loop_.is_stopping() || (!at_work_ && !dialer_->enter())) {
        wanted_ = false;
        return leave();
    }
    if (!std::exchange(at_work_, true)) loop_.dials().add(shared_from_this());
    plan_.start(loop_.now());
    attempt();
}

void DialLink::stop() {
    wanted_ = false;
    if (!at_work_ || finishing_) return;
    if (connection_ != nullptr) {
        finishing_ = true;
        connection_->end_dialed();
    } else {
        finish();
    }
}

void DialLink::let_go() {
    wanted_ = false;
    if (connection_ != nullptr)
        finishing_ = true;
    else
        finish();
}

// It is Idle; unless it was started anew meanwhile.
void DialLink::finish() {
    finishing_ = false;
    ++attempt_;
    const bool was_idle = plan_.state() == DialState::idle;
    plan_.stop();
    loop_.dials().cancel(*this);
    if (!was_idle) tell();
    if (wanted_)
        begin();
    else
        leave();
}

void DialLink::leave() {
    if (!std::exchange(at_work_, false)) return;
    const auto self = shared_from_this();
    loop_.dials().remove(*this);
    dialer_->leave();
}

// --- An attempt ---

void DialLink::attempt() {
    ++attempt_;
    addresses_.clear();
    loop_.dials().schedule(*this, plan_.due());
    tell();
    const auto& proxy = dialer_->options().proxy;
    const protocol::Url& first = proxy ? *proxy : endpoint();
    auto numeric = lws::resolve_numeric(first.host, first.port);
    if (!numeric.addresses.empty()) return take_addresses(std::move(numeric));
    loop_.resolver().look_up(
        this, first.host, first.port,
        [link = shared_from_this(), attempt = attempt_](lws::Resolution found) {
            link->loop_.post_dial({DialNote::What::resolved, link, attempt, std::move(found)});
        });
}

void DialLink::take_addresses(lws::Resolution resolution) {
    addresses_ = std::move(resolution.addresses);
    next_address_ = 0;
    if (addresses_.empty()) return fail({Kind::resolve, 0, std::move(resolution.why)});
    connect_next();
}

// One that cannot even be tried (no route, no such family here) costs no time.
void DialLink::connect_next() {
    DialFailure failure;
    while (next_address_ < addresses_.size()) {
        connection_ = loop_.dial(addresses_[next_address_++], *this, failure);
        if (connection_ != nullptr) return;
    }
    fail(failure);
}

void DialLink::fail(const DialFailure& failure) {
    ++attempt_;
    const auto delay =
        plan_.failed(failure.is_permanent(), loop_.now(), loop_.dials().random().word());
    wait(delay);
    tell(failure, delay);
}

// The next attempt is never begun from inside the end of the last.
void DialLink::wait(const std::optional<Duration>& delay) {
    loop_.dials().cancel(*this);
    if (!delay)
        wanted_ = false;  // it may be started anew
    else if (delay->count() == 0)
        post(DialNote::What::go_on);
    else
        loop_.dials().schedule(*this, plan_.due());
}

void DialLink::go_on() {
    if (!wanted_ || connection_ != nullptr) return;
    if (plan_.state() == DialState::disconnected && loop_.now() >= plan_.due()) {
        plan_.try_again(loop_.now());
        attempt();
    } else if (plan_.state() == DialState::connecting && next_address_ < addresses_.size()) {
        connect_next();
    }
}

void DialLink::on_due(TimePoint now) {
    if (now < plan_.due()) return;
    if (plan_.state() == DialState::disconnected) return go_on();
    if (plan_.state() != DialState::connecting) return;
    const DialFailure failure{Kind::timeout, 0, "no connection in time"};
    addresses_.clear();
    if (connection_ != nullptr)
        connection_->give_up_dialing(failure);
    else
        fail(failure);
}

// --- Its connection ---

void DialLink::on_open(Connection& connection) {
    plan_.connected(loop_.now());
    loop_.dials().cancel(*this);
    last_id_ = connection.id();
    id_.store(last_id_.value(), std::memory_order_relaxed);
    for (const SharedMessage& message : dialer_->remembered())
        static_cast<void>(connection.send(message));
    tell();
}

void DialLink::on_ended(const DialFailure& failure) {
    connection_ = nullptr;
    id_.store(0, std::memory_order_relaxed);
    if (finishing_) return finish();
    if (plan_.state() == DialState::connecting) {
        const bool has_another = failure.kind == Kind::connect && next_address_ < addresses_.size();
        return has_another ? post(DialNote::What::go_on) : fail(failure);
    }
    const auto delay = plan_.lost(loop_.now(), loop_.dials().random().word());
    wait(delay);
    tell(failure, delay);
}

void DialLink::tell(const DialFailure& failure, std::optional<Duration> delay) {
    state_.store(plan_.state(), std::memory_order_relaxed);
    const bool has_connection = plan_.state() == DialState::connected || failure.kind == Kind::lost;
    const DialEvent event{
        plan_.state(), loop_.index(), index_,           has_connection ? last_id_ : ConnectionId{},
        endpoint(),    failure,       plan_.failures(), delay};
    if (!dialer_->observer().on_state(event)) loop_.counters().callback_failures.add(1);
}

}  // namespace wsecho::engine
