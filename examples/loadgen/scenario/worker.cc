// The loops of a thread.
#include "scenario/worker.h"

#include <algorithm>

#include "scenario/roles.h"

namespace wsecho::loadgen {
namespace {

constexpr std::chrono::milliseconds tick_interval{50};
constexpr std::chrono::milliseconds opening_step{5};
constexpr std::chrono::seconds interval_length{1};

}  // namespace

// While connections open, messages are errors, and handshakes are timed.
class Worker::Opening final : public Traffic {
  public:
    explicit Opening(Worker& worker) : worker_(worker) {}

    void on_open(ClientConnection& /*connection*/, Time dialed, Time now) override {
        worker_.handshakes_.record(now - dialed);
    }
    void on_payload(ClientConnection& connection, const PayloadChunk& chunk,
                    Time /*now*/) override {
        if (chunk.ends_message) {
            worker_.fleet_.count_error(connection, "a message that was not asked for");
        }
    }

  private:
    Worker& worker_;
};

Worker::Worker(const Options& options, const Endpoint& endpoint, std::uint32_t first,
               std::uint32_t count, Interrupt* interrupt, std::atomic<bool>& stop)
    : fleet_(endpoint, first, count, interrupt), stop_(stop) {
    for (ClientConnection& connection : fleet_.connections()) {
        connection.stalled = role_of(options, connection.number) == Role::stalled;
    }
}

bool Worker::probe() {
    Opening opening(*this);
    fleet_.open_up_to(1);
    while (fleet_.is_opening() && !stop_) {
        fleet_.turn(Clock::now() + tick_interval, &opening);
        if (fleet_.is_interrupted()) stop_ = true;
    }
    return fleet_.open_now() > 0 || stop_;
}

void Worker::open(std::chrono::nanoseconds ramp, std::atomic<std::uint32_t>& still_opening,
                  const Tick& tick) {
    Opening opening(*this);
    const Time start = Clock::now();
    const std::uint32_t size = fleet_.size();
    bool counted = false;
    while (still_opening > 0 && !stop_) {
        const Time now = Clock::now();
        if (tick) tick(now);
        std::uint32_t due = size;
        if (ramp.count() > 0 && now - start < ramp) {
            due = static_cast<std::uint32_t>(size * (seconds(now - start) / seconds(ramp))) + 1;
        }
        fleet_.open_up_to(due);
        if (!counted && fleet_.started() == size && !fleet_.is_opening()) {
            counted = true;
            if (--still_opening == 0) return;
        }
        fleet_.turn(now + opening_step, &opening);
        if (fleet_.is_interrupted()) stop_ = true;
    }
}

void Worker::wait(Time until) {
    Opening opening(*this);
    while (Clock::now() < until && !stop_) {
        fleet_.turn(std::min(until, Clock::now() + tick_interval), &opening);
        if (fleet_.is_interrupted()) stop_ = true;
    }
}

template <class Done>
void Worker::loop(Phase phase, Time until, const Tick& tick, Done&& done) {
    Time now = Clock::now();
    Time begin = now;
    Time next_tick = now;
    // What was asked for is still waited for after the run was stopped.
    while (now < until && (!stop_ || phase == Phase::drain) && !done()) {
        const Time due = load_->act(now);
        if (now - begin >= interval_length) {
            end_interval(phase, begin, now);
            begin = now;
        }
        if (tick && now >= next_tick) {
            tick(now);
            next_tick = now + tick_interval;
        }
        fleet_.turn(std::min({until, due, begin + interval_length, now + tick_interval}),
                    load_.get());
        if (fleet_.is_interrupted()) stop_ = true;
        now = Clock::now();
    }
    end_interval(phase, begin, now);
}

void Worker::serve(Phase phase, Time until, std::atomic<std::uint32_t>& at_work, const Tick& tick) {
    bool counted = false;
    loop(phase, until, tick, [&] {
        if (!counted && load_->is_over()) {
            counted = true;
            --at_work;
        }
        return at_work == 0;
    });
}

void Worker::drain(Time until, std::atomic<std::uint32_t>& at_work, const Tick& tick) {
    load_->stop();
    bool counted = false;
    loop(Phase::drain, until, tick, [&] {
        if (!counted && (load_->is_settled() || load_->is_over())) {
            counted = true;
            --at_work;
        }
        return at_work == 0;
    });
    load_->give_up();
}

void Worker::end_interval(Phase phase, Time begin, Time now) {
    Interval interval{phase,
                      begin,
                      now,
                      fleet_.open_now(),
                      fleet_.counts().errors + load_->verdicts().all(),
                      load_->take_tally(now)};
    const std::lock_guard lock(mutex_);
    intervals_.push_back(std::move(interval));
}

std::vector<Interval> Worker::take_intervals() {
    const std::lock_guard lock(mutex_);
    return std::exchange(intervals_, {});
}

}  // namespace wsecho::loadgen
