// Timers: never early, late by no more than the tick, from milliseconds to weeks.
#include "runtime/timer_wheel.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;

constexpr Duration tick = 20ms;
const TimePoint start{12345ms + 7ns};  // no whole number of ticks since the clock's beginning

// Moves the time only to where the wheel wants to be woken, and counts how often that was.
TimePoint fire_next(TimerWheel& wheel, const Timer& timer, int& wakes) {
    for (wakes = 1;; ++wakes) {
        const auto wake = wheel.next_wake();
        if (!wake) return TimePoint::max();
        if (Timer* due = wheel.take_due(*wake)) {
            EXPECT_EQ(due, &timer);
            return *wake;
        }
    }
}

constexpr Duration week = 24h * 7;

TEST(timer_wheel, an_empty_one_wants_no_wake_and_gives_nothing) {
    TimerWheel wheel{start, tick};
    EXPECT_EQ(wheel.next_wake(), std::nullopt);
    EXPECT_EQ(wheel.take_due(start + 1h), nullptr);
}

TEST(timer_wheel, a_timer_is_taken_once_when_its_tick_has_come) {
    TimerWheel wheel{start, tick};
    Timer timer;
    wheel.schedule(timer, start + 100ms);
    EXPECT_TRUE(timer.scheduled());
    EXPECT_EQ(wheel.take_due(start + 100ms - 1ns), nullptr);
    EXPECT_EQ(wheel.take_due(start + 100ms), &timer);
    EXPECT_FALSE(timer.scheduled());
    EXPECT_EQ(wheel.take_due(start + 1h), nullptr);
}

TEST(timer_wheel, a_time_between_two_ticks_is_rounded_up) {
    TimerWheel wheel{start, tick};
    Timer timer;
    wheel.schedule(timer, start + 100ms + 1ns);
    EXPECT_EQ(wheel.next_wake(), start + 120ms);
    EXPECT_EQ(wheel.take_due(start + 120ms - 1ns), nullptr);
    EXPECT_EQ(wheel.take_due(start + 120ms), &timer);
}

TEST(timer_wheel, a_time_that_has_passed_is_due_at_once) {
    TimerWheel wheel{start, tick};
    EXPECT_EQ(wheel.take_due(start + 10s), nullptr);
    Timer timer;
    for (const TimePoint due : {start - 1h, start, start + 5s}) {
        wheel.schedule(timer, due);
        EXPECT_LE(wheel.next_wake(), start + 10s);
        EXPECT_EQ(wheel.take_due(start + 10s), &timer);
    }
}

TEST(timer_wheel, a_clock_that_stands_before_the_start_is_no_harm) {
    TimerWheel wheel{start, tick};
    Timer timer;
    wheel.schedule(timer, start + 20ms);
    EXPECT_EQ(wheel.take_due(start - 1h), nullptr);
    EXPECT_EQ(wheel.take_due(start + 20ms), &timer);
}

TEST(timer_wheel, a_cancelled_timer_is_never_taken) {
    TimerWheel wheel{start, tick};
    Timer timer;
    wheel.schedule(timer, start + 1s);
    wheel.cancel(timer);
    EXPECT_FALSE(timer.scheduled());
    EXPECT_EQ(wheel.next_wake(), std::nullopt);
    EXPECT_EQ(wheel.take_due(start + 1min), nullptr);
    wheel.cancel(timer);  // again is no harm
}

TEST(timer_wheel, a_timer_that_ends_is_cancelled) {
    TimerWheel wheel{start, tick};
    auto ended = std::make_unique<Timer>();
    Timer other;
    wheel.schedule(*ended, start + 1s);
    wheel.schedule(other, start + 1s);
    ended.reset();
    EXPECT_EQ(wheel.take_due(start + 1s), &other);
    EXPECT_EQ(wheel.take_due(start + 1s), nullptr);
}

TEST(timer_wheel, scheduling_again_moves_a_timer_either_way) {
    TimerWheel wheel{start, tick};
    Timer timer;
    wheel.schedule(timer, start + 1s);
    wheel.schedule(timer, start + 1h);
    EXPECT_EQ(wheel.take_due(start + 1s), nullptr);
    wheel.schedule(timer, start + 2s);
    EXPECT_EQ(wheel.take_due(start + 2s), &timer);
    EXPECT_EQ(wheel.take_due(start + 2h), nullptr);
}

TEST(timer_wheel, a_timer_may_be_scheduled_again_by_who_took_it) {
    TimerWheel wheel{start, tick};
    Timer timer;
    wheel.schedule(timer, start + 100ms);
    for (int round = 1; round <= 1000; ++round) {
        const TimePoint now = start + round * 100ms;
        ASSERT_EQ(wheel.take_due(now), &timer);
        wheel.schedule(timer, now + 100ms);
        ASSERT_EQ(wheel.take_due(now), nullptr);
    }
}

TEST(timer_wheel, a_taken_timer_may_end_or_cancel_others_that_are_due) {
    TimerWheel wheel{start, tick};
    auto first = std::make_unique<Timer>();
    Timer second;
    Timer third;
    for (Timer* timer : {first.get(), &second, &third})
        wheel.schedule(*timer, start + 1s);
    ASSERT_EQ(wheel.take_due(start + 1s), first.get());
    first.reset();
    wheel.cancel(second);
    EXPECT_EQ(wheel.take_due(start + 1s), &third);
    EXPECT_EQ(wheel.take_due(start + 1s), nullptr);
}

TEST(timer_wheel, what_comes_due_in_one_jump_is_taken_in_order) {
    TimerWheel wheel{start, tick};
    std::vector<Timer> timers(50);
    for (std::size_t i = 0; i < timers.size(); ++i)
        wheel.schedule(timers[i], start + 1h - static_cast<int>(i) * 1min);
    for (std::size_t i = timers.size(); i-- > 0;)
        ASSERT_EQ(wheel.take_due(start + 2h), &timers[i]);
}

// The places where a timer changes its level, and where a slot is its own neighbour.
TEST(timer_wheel, around_every_border_of_its_levels_a_timer_fires_on_its_tick) {
    for (const std::int64_t now_tick : {0, 1, 255, 256, 257, 65535, 65536, 65537})
        for (const std::int64_t border : {256, 65536, 16'777'216})
            for (std::int64_t distance = border - 2; distance <= border + 2; ++distance) {
                TimerWheel wheel{start, tick};
                const TimePoint now = start + now_tick * tick;
                ASSERT_EQ(wheel.take_due(now), nullptr);
                Timer timer;
                wheel.schedule(timer, now + distance * tick);
                int wakes = 0;
                ASSERT_EQ(fire_next(wheel, timer, wakes), now + distance * tick)
                    << distance << " ticks from " << now_tick;
            }
}

TEST(timer_wheel, a_timer_weeks_away_costs_a_handful_of_wakes) {
    TimerWheel wheel{start, tick};
    Timer timer;
    wheel.schedule(timer, start + 3 * week + 1234ms);
    int wakes = 0;
    EXPECT_EQ(fire_next(wheel, timer, wakes), start + 3 * week + 1240ms);
    EXPECT_LE(wakes, 4);
}

// 2^32 ticks are 994 days: beyond them a timer is parked, and placed anew on the way.
TEST(timer_wheel, a_timer_beyond_the_last_level_fires_on_its_tick) {
    constexpr std::int64_t range = std::int64_t{1} << 32U;
    for (const std::int64_t distance : {range - 1, range, range + 1, 4 * range + 12345})
        for (const std::int64_t now_tick : {std::int64_t{0}, std::int64_t{777}, range - 5}) {
            TimerWheel wheel{start, tick};
            const TimePoint now = start + now_tick * tick;
            ASSERT_EQ(wheel.take_due(now), nullptr);
            Timer timer;
            wheel.schedule(timer, now + distance * tick);
            int wakes = 0;
            ASSERT_EQ(fire_next(wheel, timer, wakes), now + distance * tick)
                << distance << " ticks from " << now_tick;
            ASSERT_LE(wakes, 10);
        }
}

// A tick at a time this would take minutes: the wheel jumps over what is empty.
TEST(timer_wheel, after_a_century_of_nothing_it_is_as_good_as_new) {
    constexpr Duration century = 24h * 36525;
    TimerWheel wheel{start, tick};
    EXPECT_EQ(wheel.take_due(start + century), nullptr);
    Timer timer;
    wheel.schedule(timer, start + century + 1s);
    EXPECT_EQ(wheel.take_due(start + century + 1s - 1ns), nullptr);
    EXPECT_EQ(wheel.take_due(start + century + 1s), &timer);
}

TEST(timer_wheel, a_poll_that_comes_too_late_takes_all_that_is_due) {
    TimerWheel wheel{start, tick};
    std::vector<Timer> timers(1000);
    for (std::size_t i = 0; i < timers.size(); ++i)
        wheel.schedule(timers[i], start + static_cast<int>(i) * 7777ms);
    std::size_t taken = 0;
    while (wheel.take_due(start + 1000 * 7777ms) != nullptr)
        ++taken;
    EXPECT_EQ(taken, timers.size());
}

}  // namespace
}  // namespace wsecho::runtime
