// Lines that peers cause: some are logged, the others counted, none forgotten.
#include "runtime/log_limit.h"

#include <gtest/gtest.h>

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{1h};

int admitted(LogLimit& limit, int lines, TimePoint now) {
    int count = 0;
    for (int i = 0; i < lines; ++i)
        count += limit.admit(now) ? 1 : 0;
    return count;
}

TEST(log_limit, so_many_lines_of_an_interval_are_logged) {
    LogLimit limit{3, 60s};
    EXPECT_EQ(admitted(limit, 10, start), 3);
    EXPECT_EQ(admitted(limit, 10, start + 60s - 1ns), 0);
}

TEST(log_limit, few_lines_are_all_logged_and_nothing_is_told_of_them) {
    LogLimit limit{3, 60s};
    for (int minute = 0; minute < 100; ++minute)
        EXPECT_EQ(admitted(limit, 3, start + minute * 60s), 3);
    EXPECT_EQ(limit.due(), TimePoint::max());
    EXPECT_EQ(limit.take_suppressed(start + 100 * 60s), 0U);
}

TEST(log_limit, the_others_are_told_once_when_the_interval_is_over) {
    LogLimit limit{3, 60s};
    admitted(limit, 10, start);
    EXPECT_EQ(limit.due(), start + 60s);
    EXPECT_EQ(limit.take_suppressed(start + 60s - 1ns), 0U);
    EXPECT_EQ(limit.take_suppressed(start + 60s), 7U);
    EXPECT_EQ(limit.take_suppressed(start + 60s), 0U);
    EXPECT_EQ(limit.due(), TimePoint::max());
}

TEST(log_limit, the_line_that_tells_them_counts_in_the_next_interval) {
    LogLimit limit{3, 60s};
    admitted(limit, 4, start);
    EXPECT_EQ(limit.take_suppressed(start + 60s), 1U);
    EXPECT_EQ(admitted(limit, 10, start + 60s), 2);
    EXPECT_EQ(limit.due(), start + 120s);
}

TEST(log_limit, lines_behind_an_interval_wait_until_it_was_told_of) {
    LogLimit limit{3, 60s};
    admitted(limit, 4, start);
    EXPECT_FALSE(limit.admit(start + 61s));
    EXPECT_EQ(limit.take_suppressed(start + 62s), 2U);
}

TEST(log_limit, a_flood_of_any_length_costs_a_few_lines_a_minute) {
    LogLimit limit{3, 60s};
    int lines = 0;
    std::uint64_t told = 0;
    for (auto now = start; now < start + 10min; now += 1ms) {
        if (const auto suppressed = limit.take_suppressed(now)) {
            told += suppressed;
            ++lines;
        }
        lines += limit.admit(now) ? 1 : 0;
    }
    told += limit.take_suppressed(TimePoint::max());
    EXPECT_EQ(lines, 3 * 10);
    EXPECT_EQ(told, 10U * 60'000 - 3 - 9 * 2);
}

}  // namespace
}  // namespace wsecho::runtime
