// The rates of one connection: what passes, what is owed, and for how long.
#include "engine/rate_limits.h"

#include <gtest/gtest.h>

namespace wsecho::engine {
namespace {

using namespace std::chrono_literals;

constexpr runtime::TimePoint start{1h};

TEST(rate_limits, without_a_rate_nothing_is_limited) {
    const RateLimits limits{RateOptions{}};
    EXPECT_FALSE(limits.limit_anything());
    ConnectionRates rates{limits};
    EXPECT_EQ(rates.count_frame(start), 0s);
    EXPECT_EQ(rates.count_bytes(UINT64_MAX, start), 0s);
}

TEST(rate_limits, one_rate_alone_limits_nothing_else) {
    const RateLimits of_messages{{10, 0, RatePolicy::slow}};
    const RateLimits of_bytes{{0, 10, RatePolicy::close}};
    EXPECT_TRUE(of_messages.limit_anything());
    EXPECT_TRUE(of_bytes.limit_anything());
    EXPECT_EQ(ConnectionRates{of_messages}.count_bytes(1'000'000, start), 0s);
    ConnectionRates rates{of_bytes};
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(rates.count_frame(start), 0s);
    EXPECT_EQ(ConnectionRates{of_messages}.policy(), RatePolicy::slow);
    EXPECT_EQ(rates.policy(), RatePolicy::close);
}

TEST(rate_limits, what_a_second_brings_passes_at_once_and_each_frame_more_is_owed) {
    const RateLimits limits{{10, 0, RatePolicy::slow}};
    ConnectionRates rates{limits};
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(rates.count_frame(start), 0s);
    EXPECT_EQ(rates.count_frame(start), 100ms);
    EXPECT_EQ(rates.count_frame(start), 200ms);
    EXPECT_EQ(rates.count_frame(start + 200ms), 100ms) << "that much was paid";
    EXPECT_EQ(rates.count_frame(start + 1s), 0s);
}

TEST(rate_limits, bytes_may_be_owed_for_long) {
    const RateLimits limits{{0, 1000, RatePolicy::slow}};
    ConnectionRates rates{limits};
    EXPECT_EQ(rates.count_bytes(1000, start), 0s);
    EXPECT_EQ(rates.count_bytes(60'000, start), 60s);
    EXPECT_EQ(rates.count_bytes(1000, start + 59s), 2s);
}

TEST(rate_limits, connections_of_one_path_do_not_share_what_they_may) {
    const RateLimits limits{{1, 1, RatePolicy::slow}};
    ConnectionRates one{limits};
    ConnectionRates other{limits};
    EXPECT_EQ(one.count_frame(start), 0s);
    EXPECT_EQ(other.count_frame(start), 0s);
}

TEST(rate_limits, the_highest_rate_owes_next_to_nothing) {
    const RateLimits limits{{runtime::TokenRate::max_per_second, 0, RatePolicy::slow}};
    ConnectionRates rates{limits};
    for (int i = 0; i < 100'000; ++i)
        ASSERT_EQ(rates.count_frame(start), 0s);
}

}  // namespace
}  // namespace wsecho::engine
