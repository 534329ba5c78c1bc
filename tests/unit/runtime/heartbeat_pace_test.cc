// The pace of heartbeats: it grows with answers, halves without, and never leaves its bounds.
#include "runtime/heartbeat_pace.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t half = std::uint64_t{1} << 63U;
constexpr HeartbeatBounds usual{20s, 5min};
constexpr Duration longest{std::chrono::milliseconds{UINT32_MAX}};

static_assert(sizeof(HeartbeatPace) <= 8);

HeartbeatPace after_answers(int count, const HeartbeatBounds& bounds) {
    HeartbeatPace pace;
    for (int i = 0; i < count; ++i)
        pace.answered(bounds);
    return pace;
}

TEST(heartbeat_pace, it_begins_with_the_lower_bound) {
    EXPECT_EQ(HeartbeatPace{}.interval(usual), 20s);
}

TEST(heartbeat_pace, each_answer_lets_the_interval_grow_by_half_up_to_the_upper_bound) {
    HeartbeatPace pace;
    for (const Duration grown :
         {30'000ms, 45'000ms, 67'500ms, 101'250ms, 151'875ms, 227'813ms, 300'000ms, 300'000ms}) {
        pace.answered(usual);
        EXPECT_EQ(pace.interval(usual), grown);
    }
}

TEST(heartbeat_pace, each_miss_halves_the_interval_down_to_the_lower_bound) {
    HeartbeatPace pace = after_answers(100, usual);
    for (const Duration shrunk : {150'000ms, 75'000ms, 37'500ms, 20'000ms, 20'000ms}) {
        pace.missed(usual);
        EXPECT_EQ(pace.interval(usual), shrunk);
    }
    pace.answered(usual);
    EXPECT_EQ(pace.interval(usual), 30s);
}

// Three halves of a millisecond are one, rounded down: it would stay there for ever.
TEST(heartbeat_pace, from_a_millisecond_it_grows_to_49_days) {
    const HeartbeatBounds widest{1ms, longest};
    HeartbeatPace pace;
    Duration before = pace.interval(widest);
    EXPECT_EQ(before, 1ms);
    for (int i = 0; i < 60; ++i) {
        pace.answered(widest);
        ASSERT_GT(pace.interval(widest), std::min(before, longest - 1ms));
        before = pace.interval(widest);
    }
    EXPECT_EQ(before, longest);
    for (int i = 0; i < 60; ++i)
        pace.missed(widest);
    EXPECT_EQ(pace.interval(widest), 1ms);
}

TEST(heartbeat_pace, an_upper_bound_beyond_49_days_is_no_overflow) {
    const HeartbeatBounds beyond{1s, 24h * 365 * 200};
    EXPECT_EQ(after_answers(200, beyond).interval(beyond), longest);
}

TEST(heartbeat_pace, a_fixed_interval_is_exact_whatever_happens) {
    std::mt19937_64 random{1};
    for (const Duration fixed : {Duration{1ms}, Duration{30s}, Duration{30s + 1ns}, longest}) {
        const HeartbeatBounds bounds{fixed, fixed};
        HeartbeatPace pace;
        for (int i = 0; i < 1000; ++i) {
            random() % 2 == 0 ? pace.answered(bounds) : pace.missed(bounds);
            ASSERT_EQ(pace.next(bounds, random()), fixed);
        }
    }
}

TEST(heartbeat_pace, the_jitter_is_a_tenth_either_way) {
    const HeartbeatPace pace = after_answers(3, usual);
    ASSERT_EQ(pace.interval(usual), 67'500ms);
    EXPECT_EQ(pace.next(usual, 0), 60'750ms);
    EXPECT_EQ(pace.next(usual, half), 67'500ms);
    EXPECT_EQ(pace.next(usual, UINT64_MAX), 74'250ms - 1ns);
}

// Cut off there instead, half of all would sit on the bound.
TEST(heartbeat_pace, at_a_bound_the_jitter_is_spread_over_what_is_inside) {
    const HeartbeatPace low;
    EXPECT_EQ(low.next(usual, 0), 20s);
    EXPECT_EQ(low.next(usual, half), 21s);
    EXPECT_EQ(low.next(usual, UINT64_MAX), 22s - 1ns);
    const HeartbeatPace high = after_answers(100, usual);
    EXPECT_EQ(high.next(usual, 0), 270s);
    EXPECT_EQ(high.next(usual, half), 285s);
    EXPECT_EQ(high.next(usual, UINT64_MAX), 300s - 1ns);
}

TEST(heartbeat_pace, bounds_may_change_meanwhile) {
    HeartbeatPace pace = after_answers(100, usual);
    const HeartbeatBounds shorter{5s, 10s};
    EXPECT_EQ(pace.interval(shorter), 10s);
    pace.missed(shorter);
    EXPECT_EQ(pace.interval(shorter), 5s);
    EXPECT_EQ(pace.interval(usual), 20s);
}

TEST(heartbeat_pace, under_random_use_and_bounds_it_never_leaves_them) {
    std::mt19937_64 random{9};
    const auto duration = [&random] {
        const std::uint64_t order = random() % 32;
        return Duration{std::chrono::milliseconds{random() % (std::uint64_t{1} << order) + 1}} +
               Duration{static_cast<Duration::rep>(random() % 1'000'000)};
    };
    std::set<Duration> seen;
    for (int round = 0; round < 1000; ++round) {
        const auto [lower, upper] = std::minmax({duration(), duration()});
        const HeartbeatBounds bounds{lower, upper};
        HeartbeatPace pace;
        for (int i = 0; i < 100; ++i) {
            random() % 3 != 0 ? pace.answered(bounds) : pace.missed(bounds);
            const Duration interval = pace.interval(bounds);
            const Duration next = pace.next(bounds, random());
            ASSERT_GE(interval, lower);
            ASSERT_LE(interval, upper);
            ASSERT_GE(next, std::max(lower, interval - interval / 10));
            ASSERT_LE(next, std::min(upper, interval + interval / 10));
            seen.insert(next);
        }
    }
    EXPECT_GT(seen.size(), 90'000U) << "hardly two of them alike";
}

}  // namespace
}  // namespace wsecho::runtime
