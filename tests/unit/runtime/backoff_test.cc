// Backoff: delays that double up to a maximum, spread over their whole range.
#include "runtime/backoff.h"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t half = std::uint64_t{1} << 63U;

std::vector<Duration> delays(Backoff& backoff, int count, std::uint64_t random) {
    std::vector<Duration> result(static_cast<std::size_t>(count));
    for (Duration& delay : result)
        delay = backoff.next(random);
    return result;
}

TEST(backoff, the_range_doubles_from_the_first_delay_up_to_the_maximum) {
    Backoff backoff{1s, 10s};
    EXPECT_EQ(delays(backoff, 6, half), (std::vector<Duration>{500ms, 1s, 2s, 4s, 5s, 5s}));
}

TEST(backoff, the_jitter_is_full_from_nothing_to_the_whole_range) {
    Backoff least{1s, 10s};
    EXPECT_EQ(delays(least, 4, 0), (std::vector<Duration>{0s, 0s, 0s, 0s}));
    Backoff most{1s, 10s};
    EXPECT_EQ(delays(most, 5, UINT64_MAX),
              (std::vector<Duration>{1s - 1ns, 2s - 1ns, 4s - 1ns, 8s - 1ns, 10s - 1ns}));
}

TEST(backoff, a_reset_begins_with_the_first_delay_again) {
    Backoff backoff{1s, 10s};
    const auto before = delays(backoff, 5, half);
    EXPECT_EQ(backoff.attempts(), 5U);
    backoff.reset();
    EXPECT_EQ(backoff.attempts(), 0U);
    EXPECT_EQ(delays(backoff, 5, half), before);
}

TEST(backoff, attempts_are_counted) {
    Backoff backoff{1s, 10s};
    for (std::uint64_t attempt = 1; attempt <= 100; ++attempt) {
        static_cast<void>(backoff.next(attempt));
        ASSERT_EQ(backoff.attempts(), attempt);
    }
}

TEST(backoff, the_ceiling_tells_what_the_next_delay_lies_below) {
    Backoff backoff{3s, 20s};
    for (const Duration ceiling : {3s, 6s, 12s, 20s, 20s}) {
        EXPECT_EQ(backoff.ceiling(), ceiling);
        static_cast<void>(backoff.next(half));
    }
}

// Who tries for ever stays at the maximum: from there on nothing but the count changes.
TEST(backoff, after_a_million_attempts_the_maximum_still_holds) {
    for (const Duration maximum : {Duration{1min}, Duration::max()}) {
        Backoff backoff{1ns, maximum};
        Duration before{0};
        for (int i = 0; i < 1'000'000; ++i) {
            ASSERT_GE(backoff.ceiling(), before);
            before = backoff.ceiling();
            const Duration delay = backoff.next(UINT64_MAX);
            ASSERT_GE(delay, 0ns);
            ASSERT_LE(delay, maximum);
        }
        EXPECT_EQ(backoff.ceiling(), maximum);
    }
}

TEST(backoff, a_first_delay_above_the_maximum_is_the_maximum) {
    Backoff backoff{1min, 10s};
    EXPECT_EQ(delays(backoff, 3, half), (std::vector<Duration>{5s, 5s, 5s}));
}

TEST(backoff, without_a_delay_no_attempt_waits) {
    for (Backoff backoff : {Backoff{0s, 10s}, Backoff{0s, 0s}, Backoff{1s, 0s}, Backoff{1s, -1s},
                            Backoff{-1s, 10s}, Backoff{-2s, -1s}})
        EXPECT_EQ(delays(backoff, 3, UINT64_MAX), (std::vector<Duration>{0s, 0s, 0s}));
}

// Ten thousand who lost their server at the same time: no tenth of the range gets a crowd.
TEST(backoff, many_who_fail_at_once_are_spread_evenly) {
    std::mt19937_64 random{4};
    std::array<int, 10> tenths{};
    for (int i = 0; i < 10'000; ++i) {
        Backoff backoff{10s, 1min};
        ++tenths.at(static_cast<std::size_t>(backoff.next(random()) / 1s));
    }
    for (const int tenth : tenths)
        EXPECT_NEAR(tenth, 1000, 120);  // four standard deviations
}

}  // namespace
}  // namespace wsecho::runtime
