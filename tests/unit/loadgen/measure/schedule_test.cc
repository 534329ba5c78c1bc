// Due times are even, in turn, and do not drift.
#include "measure/schedule.h"

#include <gtest/gtest.h>

namespace wsecho::loadgen {
namespace {

const Time start{std::chrono::seconds(100)};

TEST(schedule, messages_are_due_at_even_times_from_the_start) {
    const Schedule schedule(1000, 10, start);
    EXPECT_EQ(schedule.due(0), start);
    EXPECT_EQ(schedule.due(1), start + std::chrono::milliseconds(1));
    EXPECT_EQ(schedule.due(1000), start + std::chrono::seconds(1));
}

TEST(schedule, connections_take_turns) {
    const Schedule schedule(1000, 10, start);
    EXPECT_EQ(schedule.due(3, 0), schedule.due(3));
    EXPECT_EQ(schedule.due(3, 2), schedule.due(23));
}

TEST(schedule, an_hour_at_an_odd_rate_ends_where_it_must) {
    const Schedule schedule(123'457, 7, start);
    const auto error =
        schedule.due(std::uint64_t{123'457} * 3600) - (start + std::chrono::hours(1));
    EXPECT_LT(std::chrono::abs(error), std::chrono::microseconds(10));
}

}  // namespace
}  // namespace wsecho::loadgen
