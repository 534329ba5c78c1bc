// The timer wheel against a plain list of times, under random use with a fixed seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "runtime/timer_wheel.h"

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;

struct ModelTimer : Timer {
    TimePoint due{};
    bool expected = false;  // scheduled, as the model has it
};

class Model {
  public:
    Model(std::uint64_t seed, Duration tick, Duration longest)
        : random_(seed), tick_(tick), longest_(longest), wheel_(start_, tick), timers_(300) {}

    // One turn: some changes from outside, then time goes on and what is due is taken.
    void turn() {
        for (auto changes = random_() % 8; changes > 0; --changes)
            change(timers_[random_() % timers_.size()]);
        check_next_wake();
        advance();
        take_all_due();
        check_next_wake();
    }

    [[nodiscard]] std::size_t taken() const { return taken_; }

  private:
    // Evenly over the orders of magnitude, so that every level of the wheel is used.
    Duration random_duration() {
        std::uniform_real_distribution<double> exponent(
            std::log(1e6), std::log(static_cast<double>(longest_.count())));
        return Duration{static_cast<Duration::rep>(std::exp(exponent(random_)))};
    }

    void schedule(ModelTimer& timer) {
        timer.due = now_ + random_duration();
        if (random_() % 20 == 0) timer.due = now_ - random_duration();
        timer.expected = true;
        wheel_.schedule(timer, timer.due);
    }

    void change(ModelTimer& timer) {
        if (random_() % 4 == 0) {
            wheel_.cancel(timer);
            timer.expected = false;
        } else {
            schedule(timer);
        }
        ASSERT_EQ(timer.scheduled(), timer.expected);
    }

    // To the wheel's own wish, or a random step short of it or beyond it.
    void advance() {
        const auto wake = wheel_.next_wake();
        if (wake && random_() % 2 == 0)
            now_ = std::max(now_, *wake);
        else
            now_ += random_duration() / 16;
    }

    void take_all_due() {
        while (Timer* taken = wheel_.take_due(now_)) {
            auto& timer = static_cast<ModelTimer&>(*taken);
            ASSERT_TRUE(timer.expected) << "cancelled, or taken twice";
            ASSERT_LE(timer.due, now_) << "early";
            timer.expected = false;
            ++taken_;
            if (random_() % 2 == 0) schedule_later(timer);
            if (random_() % 4 == 0) change(timers_[random_() % timers_.size()]);
        }
        for (const ModelTimer& timer : timers_)
            ASSERT_FALSE(timer.expected && first_tick_from(timer.due) <= now_) << "late";
    }

    // From inside, as an owner does; not into the past, which would never let this end.
    void schedule_later(ModelTimer& timer) {
        timer.due = now_ + random_duration();
        timer.expected = true;
        wheel_.schedule(timer, timer.due);
    }

    TimePoint first_tick_from(TimePoint due) const {
        if (due <= start_) return start_;
        return start_ + (due - start_ + tick_ - 1ns) / tick_ * tick_;
    }

    void check_next_wake() {
        auto soonest = TimePoint::max();
        for (const ModelTimer& timer : timers_)
            if (timer.expected) soonest = std::min(soonest, first_tick_from(timer.due));
        const auto wake = wheel_.next_wake();
        ASSERT_EQ(wake.has_value(), soonest != TimePoint::max());
        ASSERT_LE(wake.value_or(start_), std::max(soonest, now_)) << "would sleep past a timer";
    }

    std::mt19937_64 random_;
    const Duration tick_;
    const Duration longest_;
    const TimePoint start_{98765ms + 43ns};
    TimePoint now_ = start_;
    TimerWheel wheel_;
    std::vector<ModelTimer> timers_;
    std::size_t taken_ = 0;
};

void expect_agreement(Duration tick, Duration longest, int turns) {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        Model model{seed, tick, longest};
        for (int turn = 0; turn < turns; ++turn) {
            model.turn();
            if (testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", turn " << turn;
        }
        EXPECT_GT(model.taken(), static_cast<std::size_t>(turns) / 2) << "timers must come due";
    }
}

TEST(timer_wheel_model, within_seconds_it_agrees) {
    expect_agreement(20ms, 4s, 3000);
}

TEST(timer_wheel_model, within_hours_it_agrees) {
    expect_agreement(20ms, 3h, 1500);
}

TEST(timer_wheel_model, within_weeks_it_agrees) {
    expect_agreement(1s, 24h * 7 * 30, 400);
}

TEST(timer_wheel_model, within_decades_it_agrees) {
    expect_agreement(20ms, 24h * 365 * 20, 1000);
}

TEST(timer_wheel_model, with_a_tick_of_a_millisecond_it_agrees) {
    expect_agreement(1ms, 10min, 1500);
}

// A sleeper that rounds the wish up to whole ticks still finds progress: no wish twice.
TEST(timer_wheel_model, after_all_due_are_taken_the_next_wake_lies_ahead) {
    TimerWheel wheel{TimePoint{}, 20ms};
    std::mt19937_64 random{5};
    std::vector<Timer> timers(100);
    for (Timer& timer : timers)
        wheel.schedule(
            timer,
            TimePoint{} + Duration{static_cast<Duration::rep>(random() % Duration{2h}.count())});
    TimePoint now{};
    int wakes = 0;
    while (const auto wake = wheel.next_wake()) {
        ASSERT_GE(*wake, now);
        now = *wake;
        while (wheel.take_due(now) != nullptr) {
        }
        const auto next = wheel.next_wake();
        ASSERT_TRUE(!next || *next > now);
        ++wakes;
    }
    EXPECT_LE(wakes, 300) << "each timer wakes once for each level that it falls through";
}

}  // namespace
}  // namespace wsecho::runtime
