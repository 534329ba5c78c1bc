// The heartbeat of one connection: when it pings, what counts as an answer, how it ends.
#include "runtime/heartbeat.h"

#include <gtest/gtest.h>

#include <random>

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;
using Action = Heartbeat::Action;

constexpr TimePoint start{1h};
constexpr std::uint64_t half = std::uint64_t{1} << 63U;  // in the middle of the jitter

static_assert(sizeof(Heartbeat) <= 40, "it has its place in a connection");

// A connection's end of it: pings carry the time as their stamp.
class Beating {
  public:
    explicit Beating(const HeartbeatSettings& given) : settings(given) {
        heartbeat.plan(settings, now, 0ns);
    }

    // Goes to when something is due, and does it.
    Action go_on() {
        now = heartbeat.due(settings);
        return check();
    }
    Action check() {
        const Action action = heartbeat.check(settings, now, heard, half);
        if (action == Action::ping) ping();
        return action;
    }
    void ping() {
        stamp = static_cast<std::uint64_t>(now.time_since_epoch().count());
        heartbeat.sent(stamp, now);
    }
    bool answer(std::uint64_t to) {
        heard = now;
        return heartbeat.answered(settings, to, now);
    }
    bool answer() { return answer(stamp); }

    HeartbeatSettings settings;
    Heartbeat heartbeat;
    TimePoint now = start;
    TimePoint heard = start - 1s;
    std::uint64_t stamp = 0;
};

constexpr HeartbeatSettings fixed{30s, 0s, 20s, 1};
constexpr HeartbeatSettings adaptive{20s, 5min, 10s, 3};

TEST(heartbeat, a_fixed_interval_keeps_its_phase_however_late_it_is_looked_at) {
    Beating beating{fixed};
    for (int i = 0; i < 5; ++i) {
        ASSERT_EQ(beating.go_on(), Action::ping);
        EXPECT_EQ(beating.now, start + i * 30s);
        beating.now += 1ms * i;
        EXPECT_TRUE(beating.answer());
    }
    beating.now = start + 1h + 7s;
    EXPECT_EQ(beating.check(), Action::ping);
    EXPECT_TRUE(beating.answer());
    EXPECT_EQ(beating.heartbeat.due(fixed), start + 1h + 30s);
}

TEST(heartbeat, what_is_late_by_years_costs_no_time) {
    Beating beating{{1ms, 0s, 20s, 1}};
    beating.now += 24h * 365 * 100;
    EXPECT_EQ(beating.check(), Action::ping);
    EXPECT_EQ(beating.heartbeat.due(beating.settings), beating.now + 1ms);
}

TEST(heartbeat, before_it_is_due_nothing_is_done) {
    Beating beating{fixed};
    beating.heartbeat.plan(fixed, start, 10s);
    beating.now = start + 10s - 1ns;
    EXPECT_EQ(beating.check(), Action::none);
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.now, start + 10s);
}

TEST(heartbeat, without_an_interval_nothing_is_ever_due) {
    Beating beating{{0s, 0s, 20s, 1}};
    EXPECT_EQ(beating.heartbeat.due(beating.settings), TimePoint::max());
    EXPECT_EQ(beating.heartbeat.interval(beating.settings), 0s);
    beating.now = TimePoint::max();
    EXPECT_EQ(beating.check(), Action::none);
}

TEST(heartbeat, silence_for_the_timeout_is_the_end) {
    Beating beating{fixed};
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.heartbeat.due(fixed), start + 20s);
    beating.now = start + 20s - 1ns;
    EXPECT_EQ(beating.check(), Action::none);
    EXPECT_EQ(beating.go_on(), Action::end);
}

TEST(heartbeat, with_a_timeout_over_the_interval_the_first_ping_counts) {
    Beating beating{{10s, 0s, 25s, 1}};
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::end);
    EXPECT_EQ(beating.now, start + 25s);
}

TEST(heartbeat, any_byte_since_the_ping_is_life_though_no_answer) {
    Beating beating{fixed};
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(beating.go_on(), Action::ping);
        beating.heard = beating.now + 1ns;
        ASSERT_EQ(beating.go_on(), Action::none) << "the timeout is over";
    }
    EXPECT_EQ(beating.go_on(), Action::ping);
    beating.heard = beating.now;
    EXPECT_EQ(beating.go_on(), Action::end) << "what came before the ping is none";
}

TEST(heartbeat, an_answer_is_one_to_the_pings_before_it) {
    Beating beating{{10s, 0s, 25s, 1}};
    EXPECT_EQ(beating.go_on(), Action::ping);
    const auto first = beating.stamp;
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_TRUE(beating.answer());
    EXPECT_FALSE(beating.answer(first));
    EXPECT_FALSE(beating.answer()) << "once is enough";
}

TEST(heartbeat, an_answer_leaves_later_pings_their_time) {
    Beating beating{{10s, 0s, 25s, 1}};
    EXPECT_EQ(beating.go_on(), Action::ping);
    const auto first = beating.stamp;
    EXPECT_EQ(beating.go_on(), Action::ping);
    beating.now += 9s;
    EXPECT_TRUE(beating.answer(first));
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::end);
    EXPECT_EQ(beating.now, start + 19s + 25s);
}

TEST(heartbeat, a_stamp_that_was_not_sent_is_no_answer) {
    Beating beating{fixed};
    EXPECT_FALSE(beating.answer(0)) << "nothing was sent";
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_FALSE(beating.answer(beating.stamp + 1));
    EXPECT_FALSE(beating.answer(beating.stamp - 1));
    EXPECT_TRUE(beating.answer());
}

TEST(heartbeat, a_miss_that_is_not_the_end_pings_at_once_and_keeps_a_fixed_phase) {
    Beating beating{{30s, 0s, 8s, 3}};
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.now, start + 8s);
    EXPECT_TRUE(beating.answer());
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.now, start + 30s);
}

TEST(heartbeat, so_many_misses_in_a_row_are_the_end) {
    Beating beating{{30s, 0s, 8s, 3}};
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::end);
    EXPECT_EQ(beating.now, start + 24s);
}

TEST(heartbeat, an_answer_or_a_byte_ends_the_row) {
    Beating beating{{30s, 0s, 8s, 2}};
    for (int i = 0; i < 5; ++i) {
        ASSERT_EQ(beating.go_on(), Action::ping);
        ASSERT_EQ(beating.go_on(), Action::ping) << "missed";
        ASSERT_TRUE(beating.answer());
        ASSERT_EQ(beating.go_on(), Action::ping);
        ASSERT_EQ(beating.go_on(), Action::ping) << "missed";
        beating.heard = beating.now + 1ns;
        ASSERT_EQ(beating.go_on(), Action::none);
    }
}

TEST(heartbeat, a_late_answer_to_a_missed_ping_is_life) {
    Beating beating{{30s, 0s, 8s, 2}};
    EXPECT_EQ(beating.go_on(), Action::ping);
    const auto missed = beating.stamp;
    EXPECT_EQ(beating.go_on(), Action::ping);
    beating.now += 5s;
    EXPECT_TRUE(beating.answer(missed));
    EXPECT_EQ(beating.heartbeat.due(beating.settings), beating.now + 8s);
    EXPECT_EQ(beating.go_on(), Action::ping) << "the row has begun anew";
    EXPECT_EQ(beating.go_on(), Action::end);
}

TEST(heartbeat, the_most_misses_that_there_may_be_are_counted_right) {
    Beating beating{{0s, 0s, 1s, Heartbeat::max_misses}};
    beating.ping();
    for (std::uint32_t i = 1; i < Heartbeat::max_misses; ++i)
        ASSERT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::end);
}

TEST(heartbeat, an_adaptive_interval_grows_with_answers_up_to_its_bound) {
    Beating beating{adaptive};
    for (const Duration grown : {20s, 30s, 45s}) {
        EXPECT_EQ(beating.heartbeat.interval(adaptive), grown);
        ASSERT_EQ(beating.go_on(), Action::ping);
        EXPECT_TRUE(beating.answer());
    }
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(beating.go_on(), Action::ping);
        EXPECT_TRUE(beating.answer());
    }
    EXPECT_EQ(beating.heartbeat.interval(adaptive), 5min);
}

TEST(heartbeat, a_miss_halves_it_and_the_next_ping_comes_after_that) {
    Beating beating{adaptive};
    for (int i = 0; i < 10; ++i) {
        ASSERT_EQ(beating.go_on(), Action::ping);
        EXPECT_TRUE(beating.answer());
    }
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::ping) << "missed";
    EXPECT_EQ(beating.heartbeat.interval(adaptive), 150s);
    EXPECT_TRUE(beating.answer());
    EXPECT_EQ(beating.heartbeat.due(adaptive), beating.now + 150s);
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::ping) << "missed";
    EXPECT_EQ(beating.go_on(), Action::ping) << "missed";
    EXPECT_EQ(beating.heartbeat.interval(adaptive), 37500ms);
}

TEST(heartbeat, a_ping_that_followed_no_whole_interval_tells_nothing_about_it) {
    Beating beating{adaptive};
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_TRUE(beating.answer());
    EXPECT_EQ(beating.heartbeat.interval(adaptive), 30s);
    for (int i = 0; i < 10; ++i) {
        beating.ping();
        EXPECT_TRUE(beating.answer());
    }
    EXPECT_EQ(beating.heartbeat.interval(adaptive), 30s) << "pings by hand";
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.go_on(), Action::ping) << "missed";
    EXPECT_TRUE(beating.answer());
    EXPECT_EQ(beating.heartbeat.interval(adaptive), 20s) << "the one behind a miss";
}

TEST(heartbeat, the_jitter_is_within_a_tenth_and_the_bounds) {
    std::mt19937_64 random{4};
    for (int round = 0; round < 1000; ++round) {
        Beating beating{adaptive};
        for (int i = 0; i < round % 12; ++i) {
            beating.go_on();
            beating.answer();
        }
        const Duration interval = beating.heartbeat.interval(adaptive);
        beating.now = beating.heartbeat.due(adaptive);
        ASSERT_EQ(beating.heartbeat.check(adaptive, beating.now, beating.heard, random()),
                  Action::ping);
        const Duration next = beating.heartbeat.due(adaptive) - beating.now;
        ASSERT_GE(next, std::max<Duration>(interval - interval / 10, 20s));
        ASSERT_LE(next, std::min<Duration>(interval + interval / 10, 5min));
    }
}

TEST(heartbeat, settings_that_change_hold_at_once) {
    Beating beating{fixed};
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.heartbeat.due({30s, 0s, 5s, 1}), start + 5s) << "a shorter timeout";
    EXPECT_EQ(beating.heartbeat.due({0s, 0s, 5s, 1}), start + 5s) << "what is awaited still is";
    EXPECT_TRUE(beating.answer());
    EXPECT_EQ(beating.heartbeat.due({0s, 0s, 5s, 1}), TimePoint::max()) << "off";
    beating.settings = {10s, 1min, 5s, 2};
    beating.heartbeat.plan(beating.settings, beating.now, 4s);
    EXPECT_EQ(beating.go_on(), Action::ping);
    EXPECT_EQ(beating.now, start + 4s);
    EXPECT_TRUE(beating.answer());
    EXPECT_EQ(beating.heartbeat.interval(beating.settings), 15s);
}

TEST(heartbeat, a_longer_timeout_is_the_peers_whole_time) {
    Beating beating{{5min, 0s, 100ms, 10}};
    EXPECT_EQ(beating.go_on(), Action::ping);
    beating.settings = {5min, 0s, 60s, 1};
    beating.now += 100ms;
    EXPECT_EQ(beating.check(), Action::none);
    EXPECT_EQ(beating.go_on(), Action::end);
    EXPECT_EQ(beating.now, start + 60s);
}

TEST(heartbeat, after_a_pause_the_timeout_begins_anew) {
    Beating beating{fixed};
    beating.heartbeat.restart_timeout(start);
    EXPECT_EQ(beating.go_on(), Action::ping);
    beating.heartbeat.restart_timeout(start + 15s);
    beating.heard = start + 15s;
    EXPECT_EQ(beating.heartbeat.due({0s, 0s, 20s, 1}), start + 35s);
    beating.now = start + 15s;
    EXPECT_TRUE(beating.answer());
}

}  // namespace
}  // namespace wsecho::runtime
