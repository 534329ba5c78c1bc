#include "engine/dial_plan.h"

#include <gtest/gtest.h>

namespace wsecho::engine {
namespace {

using runtime::Duration;
using runtime::TimePoint;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint64_t half = 1ULL << 63U;  // of the longest delay
const TimePoint start_time{seconds{100}};
const DialTimes times{seconds{10}, milliseconds{100}, milliseconds{800}, 0};

DialPlan started(std::size_t endpoints = 1, const DialTimes& of = times, std::size_t first = 0) {
    DialPlan plan{of, endpoints, first};
    plan.start(start_time);
    return plan;
}

TEST(dial_plan, is_idle_until_it_is_started) {
    DialPlan plan{times, 1, 0};
    EXPECT_EQ(plan.state(), DialState::idle);
    EXPECT_EQ(plan.due(), TimePoint::max());
    plan.start(start_time);
    EXPECT_EQ(plan.state(), DialState::connecting);
    EXPECT_EQ(plan.due(), start_time + seconds{10}) << "by its deadline";
}

TEST(dial_plan, waits_longer_each_time_up_to_a_bound) {
    auto plan = started();
    for (const int delay : {50, 100, 200, 400, 400, 400}) {
        EXPECT_EQ(plan.failed(false, start_time, half), milliseconds{delay});
        EXPECT_EQ(plan.state(), DialState::disconnected);
        EXPECT_EQ(plan.due(), start_time + milliseconds{delay});
        plan.try_again(plan.due());
        EXPECT_EQ(plan.state(), DialState::connecting);
    }
    EXPECT_EQ(plan.failures(), 6U);
}

TEST(dial_plan, has_its_whole_delay_from_chance) {
    EXPECT_EQ(started().failed(false, start_time, 0), Duration{0});
    const auto longest = started().failed(false, start_time, ~std::uint64_t{0});
    EXPECT_GT(longest, milliseconds{99});
    EXPECT_LT(longest, milliseconds{100});
}

TEST(dial_plan, tries_each_endpoint_in_order_and_waits_behind_the_last) {
    auto plan = started(3);
    for (const Duration first_delay : {milliseconds{50}, milliseconds{100}}) {
        EXPECT_EQ(plan.endpoint(), 0U);
        EXPECT_EQ(plan.failed(false, start_time, half), Duration{0});
        EXPECT_EQ(plan.endpoint(), 1U);
        EXPECT_EQ(plan.failed(false, start_time, half), Duration{0});
        EXPECT_EQ(plan.endpoint(), 2U);
        EXPECT_EQ(plan.failed(false, start_time, half), first_delay);
    }
}

TEST(dial_plan, of_another_connection_begins_with_another_endpoint) {
    auto plan = started(3, times, 4);
    for (const std::size_t endpoint : {1U, 2U, 0U, 1U}) {
        EXPECT_EQ(plan.endpoint(), endpoint);
        plan.failed(false, start_time, half);
    }
}

TEST(dial_plan, comes_back_to_the_first_endpoint_when_it_has_lost_another) {
    auto plan = started(2);
    plan.failed(false, start_time, half);
    EXPECT_EQ(plan.endpoint(), 1U);
    plan.connected(start_time);
    EXPECT_EQ(plan.state(), DialState::connected);
    EXPECT_EQ(plan.due(), TimePoint::max());
    EXPECT_EQ(plan.lost(start_time + seconds{1}, half), milliseconds{50});
    EXPECT_EQ(plan.endpoint(), 0U);
}

TEST(dial_plan, begins_with_short_waits_again_after_a_connection_that_lasted) {
    auto plan = started();
    for (int i = 0; i < 3; ++i)
        plan.failed(false, start_time, half);
    plan.connected(start_time);
    EXPECT_EQ(plan.failures(), 0U);
    EXPECT_EQ(plan.lost(start_time + seconds{10}, half), milliseconds{50});
}

TEST(dial_plan, waits_ever_longer_where_connections_end_at_once) {
    auto plan = started();
    for (const int delay : {50, 100, 200, 400}) {
        plan.connected(start_time);
        EXPECT_EQ(plan.lost(start_time, half), milliseconds{delay});
        plan.try_again(plan.due());
    }
}

TEST(dial_plan, gives_up_an_endpoint_that_fails_for_good) {
    auto plan = started();
    EXPECT_EQ(plan.failed(true, start_time, half), std::nullopt);
    EXPECT_EQ(plan.state(), DialState::disconnected);
    EXPECT_EQ(plan.due(), TimePoint::max());
}

TEST(dial_plan, goes_on_with_the_endpoints_that_are_left) {
    auto plan = started(3);
    EXPECT_EQ(plan.failed(true, start_time, half), Duration{0});
    EXPECT_EQ(plan.endpoint(), 1U);
    EXPECT_EQ(plan.failed(false, start_time, half), Duration{0});
    EXPECT_EQ(plan.failed(true, start_time, half), milliseconds{50});
    EXPECT_EQ(plan.endpoint(), 1U) << "the only one";
    plan.connected(start_time);
    EXPECT_TRUE(plan.lost(start_time, half));
    EXPECT_EQ(plan.endpoint(), 1U);
    EXPECT_EQ(plan.failed(true, start_time, half), std::nullopt);
}

TEST(dial_plan, forgets_what_failed_for_good_when_it_is_started_anew) {
    auto plan = started();
    plan.failed(true, start_time, half);
    plan.start(start_time);
    EXPECT_EQ(plan.state(), DialState::connecting);
    EXPECT_EQ(plan.failures(), 0U);
    EXPECT_EQ(plan.failed(false, start_time, half), milliseconds{50});
}

TEST(dial_plan, gives_up_after_so_many_failures_in_a_row) {
    auto of_three = times;
    of_three.max_attempts = 3;
    auto plan = started(2, of_three);
    EXPECT_TRUE(plan.failed(false, start_time, half));
    EXPECT_TRUE(plan.failed(false, start_time, half));
    plan.connected(start_time);
    EXPECT_TRUE(plan.lost(start_time, half)) << "a connection that was there is none of them";
    EXPECT_TRUE(plan.failed(false, start_time, half));
    EXPECT_TRUE(plan.failed(false, start_time, half));
    EXPECT_EQ(plan.failed(false, start_time, half), std::nullopt);
}

TEST(dial_plan, stops_from_everywhere) {
    auto plan = started();
    plan.stop();
    EXPECT_EQ(plan.state(), DialState::idle);
    EXPECT_EQ(plan.due(), TimePoint::max());
}

}  // namespace
}  // namespace wsecho::engine
