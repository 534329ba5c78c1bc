// Heartbeats of many connections: evenly spread, however many there are.
#include "runtime/spread.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;

// How many offsets fall in the fullest part of the interval.
int fullest(std::size_t offsets, Duration interval, Duration part) {
    std::vector<int> parts(static_cast<std::size_t>((interval + part - 1ns) / part), 0);
    Spread spread;
    for (std::size_t i = 0; i < offsets; ++i)
        ++parts[static_cast<std::size_t>(spread.next(interval) / part)];
    return *std::max_element(parts.begin(), parts.end());
}

TEST(spread, a_word_is_the_fraction_of_the_offset_in_its_place) {
    Spread words;
    Spread offsets;
    for (int i = 0; i < 1000; ++i) {
        const double fraction = static_cast<double>(words.next_word()) * 0x1p-64;
        const double offset = static_cast<double>(offsets.next(1s).count());
        ASSERT_NEAR(offset, fraction * 1e9, 1);
    }
}

TEST(spread, every_offset_lies_inside_the_interval) {
    for (const Duration interval :
         {Duration{1ns}, Duration{2ns}, Duration{1ms}, Duration{30s}, Duration{24h * 49}}) {
        Spread spread;
        for (int i = 0; i < 100'000; ++i) {
            const Duration offset = spread.next(interval);
            ASSERT_GE(offset, 0ns);
            ASSERT_LT(offset, interval);
        }
    }
}

TEST(spread, an_interval_of_nothing_gives_nothing) {
    Spread spread;
    EXPECT_EQ(spread.next(0ns), 0ns);
}

// 10,000 pings in 1,500 ticks are 6.7 for each on average.
TEST(spread, of_10000_offsets_no_tick_of_20_ms_in_30_s_gets_more_than_ten) {
    EXPECT_LE(fullest(10'000, 30s, 20ms), 10);
}

TEST(spread, few_offsets_do_not_fall_together) {
    EXPECT_EQ(fullest(100, 30s, 100ms), 1);
    EXPECT_LE(fullest(1000, 30s, 20ms), 2);
}

// Nobody knows how many connections will come: after each one the spread so far must be even.
TEST(spread, any_number_of_offsets_is_even_to_a_small_excess) {
    Spread spread;
    std::vector<std::size_t> tenths(10, 0);
    for (std::size_t count = 1; count <= 10'000; ++count) {
        ++tenths[static_cast<std::size_t>(spread.next(10s) / 1s)];
        const auto [least, most] = std::minmax_element(tenths.begin(), tenths.end());
        ASSERT_LE(*most - *least, 5U) << "after " << count;
    }
}

TEST(spread, the_interval_may_change_without_a_new_start) {
    Spread one;
    Spread other;
    for (int i = 0; i < 100; ++i) {
        const auto long_offset = one.next(20s);
        const auto short_offset = other.next(10s);
        ASSERT_LE(std::max(long_offset, 2 * short_offset) - std::min(long_offset, 2 * short_offset),
                  2ns);
    }
}

}  // namespace
}  // namespace wsecho::runtime
