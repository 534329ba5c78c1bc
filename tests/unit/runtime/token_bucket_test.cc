// The token bucket: what passes and when, to the nanosecond, over years and without drift.
#include "runtime/token_bucket.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <string>

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{12345ms + 7ns};
constexpr Duration year = 24h * 365;
constexpr std::uint64_t fastest = TokenRate::max_per_second;
constexpr std::uint64_t most = std::uint64_t{1} << 32U;

static_assert(sizeof(TokenBucket) <= 24);

TEST(token_bucket, a_burst_passes_at_once_and_what_is_beyond_it_waits) {
    const TokenRate rate{10, 5};
    TokenBucket bucket{rate};
    for (int i = 0; i < 5; ++i)
        EXPECT_TRUE(bucket.take(1, start));
    EXPECT_FALSE(bucket.take(1, start));
    EXPECT_EQ(bucket.wait_for(1, start), 100ms);
    EXPECT_FALSE(bucket.take(1, start + 100ms - 1ns));
    EXPECT_TRUE(bucket.take(1, start + 100ms));
    EXPECT_FALSE(bucket.take(1, start + 100ms));
}

TEST(token_bucket, what_was_refused_costs_nothing) {
    const TokenRate rate{10, 5};
    TokenBucket bucket{rate};
    EXPECT_TRUE(bucket.take(3, start));
    for (int i = 0; i < 100; ++i)
        EXPECT_FALSE(bucket.take(3, start));
    EXPECT_TRUE(bucket.take(2, start));
}

TEST(token_bucket, a_rest_fills_it_up_to_the_burst_and_no_further) {
    const TokenRate rate{10, 5};
    TokenBucket bucket{rate};
    EXPECT_TRUE(bucket.take(5, start));
    EXPECT_TRUE(bucket.take(5, start + 1h));
    EXPECT_FALSE(bucket.take(1, start + 1h));
}

TEST(token_bucket, more_than_the_burst_never_passes) {
    const TokenRate rate{10, 5};
    TokenBucket bucket{rate};
    EXPECT_FALSE(bucket.take(6, start));
    EXPECT_EQ(bucket.wait_for(6, start), Duration::max());
    EXPECT_FALSE(bucket.take(6, start + 100 * year));
    EXPECT_EQ(bucket.wait_for(5, start), 0ns);
}

TEST(token_bucket, without_a_limit_all_passes_at_once) {
    const TokenRate none{0, 5};
    EXPECT_FALSE(none.limited());
    for (TokenBucket bucket : {TokenBucket{}, TokenBucket{none}}) {
        bucket.take_always(most, start);
        EXPECT_TRUE(bucket.take(most, start));
        EXPECT_TRUE(bucket.take(UINT64_MAX, start));
        EXPECT_EQ(bucket.wait_for(UINT64_MAX, start), 0ns);
        EXPECT_EQ(bucket.until_positive(start), 0ns);
    }
}

TEST(token_bucket, a_burst_of_nothing_counts_as_one_unit) {
    const TokenRate rate{10, 0};
    TokenBucket bucket{rate};
    EXPECT_TRUE(bucket.take(1, start));
    EXPECT_FALSE(bucket.take(1, start));
    EXPECT_TRUE(bucket.take(1, start + 100ms));
}

TEST(token_bucket, what_passed_already_is_a_debt_that_time_pays) {
    const TokenRate rate{1000, 100};
    TokenBucket bucket{rate};
    bucket.take_always(600, start);  // 500 below empty
    EXPECT_FALSE(bucket.take(1, start));
    EXPECT_EQ(bucket.until_positive(start), 501ms);
    EXPECT_EQ(bucket.until_positive(start + 500ms), 1ms);
    EXPECT_EQ(bucket.until_positive(start + 501ms), 0ns);
    EXPECT_EQ(bucket.wait_for(100, start), 600ms);
}

TEST(token_bucket, in_debt_not_even_nothing_may_be_taken) {
    const TokenRate rate{1000, 100};
    TokenBucket bucket{rate};
    bucket.take_always(101, start);
    EXPECT_FALSE(bucket.take(0, start));
    EXPECT_TRUE(bucket.take(0, start + 1ms));
}

TEST(token_bucket, debts_add_up) {
    const TokenRate rate{1000, 100};
    TokenBucket bucket{rate};
    for (int i = 0; i < 10; ++i)
        bucket.take_always(100, start);
    EXPECT_EQ(bucket.wait_for(100, start), 1s);
}

TEST(token_bucket, buckets_of_one_rate_do_not_share_their_tokens) {
    const TokenRate rate{10, 5};
    TokenBucket one{rate};
    TokenBucket other{rate};
    EXPECT_TRUE(one.take(5, start));
    EXPECT_TRUE(other.take(5, start));
}

// A third of a second is no whole number of nanoseconds: what is rounded once must not add up.
// The burst is one unit more than is there, so that the bucket is never full and nothing spills.
TEST(token_bucket, a_million_units_at_a_rate_that_does_not_divide_the_second_do_not_drift) {
    for (const std::uint64_t per_second : {3U, 7U, 999'999'937U}) {
        const TokenRate rate{per_second, 2};
        TokenBucket bucket{rate};
        TimePoint now = start;
        ASSERT_TRUE(bucket.take(2, now));
        for (std::uint64_t taken = 1; taken <= 1'000'000; ++taken) {
            now += bucket.wait_for(1, now);
            ASSERT_TRUE(bucket.take(1, now));
            const std::uint64_t exact = (taken * 1'000'000'000 + per_second - 1) / per_second;
            ASSERT_EQ(now - start, Duration{static_cast<Duration::rep>(exact)});
        }
    }
}

// Ten units in a nanosecond: less than the clock can tell.
TEST(token_bucket, at_the_highest_rate_a_nanosecond_brings_its_ten_units) {
    const TokenRate rate{fastest, 10};
    TokenBucket bucket{rate};
    for (int i = 0; i < 1000; ++i) {
        const TimePoint now = start + i * 1ns;
        for (int unit = 0; unit < 10; ++unit)
            ASSERT_TRUE(bucket.take(1, now)) << i << ", " << unit;
        ASSERT_FALSE(bucket.take(1, now));
        ASSERT_EQ(bucket.wait_for(1, now), 1ns);
    }
}

TEST(token_bucket, a_higher_rate_counts_as_the_highest) {
    const TokenRate rate{UINT64_MAX, 1};
    TokenBucket bucket{rate};
    bucket.take_always(fastest, start);
    EXPECT_EQ(bucket.until_positive(start), 1s);
}

TEST(token_bucket, the_largest_burst_comes_together_in_its_time) {
    const TokenRate slow{1, most};
    TokenBucket slow_bucket{slow};
    EXPECT_TRUE(slow_bucket.take(most, start));
    EXPECT_EQ(slow_bucket.wait_for(most, start), std::chrono::seconds{most});
    EXPECT_TRUE(slow_bucket.take(1, start + 1s));

    const TokenRate fast{fastest, most};
    TokenBucket fast_bucket{fast};
    EXPECT_TRUE(fast_bucket.take(most, start));
    EXPECT_EQ(fast_bucket.wait_for(most, start), 429'496'730ns);  // rounded up from 729.6
    EXPECT_TRUE(fast_bucket.take(most, start + 100 * year));
    EXPECT_FALSE(fast_bucket.take(1, start + 100 * year));
}

TEST(token_bucket, a_debt_of_centuries_is_no_overflow) {
    const TokenRate rate{1, 1};
    TokenBucket bucket{rate};
    for (int i = 0; i < 10; ++i)
        bucket.take_always(most, start);
    EXPECT_GT(bucket.until_positive(start), 200 * year);
    EXPECT_GT(bucket.until_positive(start + 50 * year), 200 * year);
    bucket.take_always(UINT64_MAX, start);
    EXPECT_FALSE(bucket.take(1, start + 100 * year));
}

TEST(token_bucket, time_before_the_clocks_beginning_and_at_its_end_is_no_overflow) {
    const TokenRate rate{1, 1};
    for (const TimePoint now : {TimePoint::min() + 1s, TimePoint{} - 200 * year, TimePoint{}}) {
        TokenBucket bucket{rate};
        EXPECT_TRUE(bucket.take(1, now));
        EXPECT_EQ(bucket.wait_for(1, now), 1s);
        bucket.take_always(UINT64_MAX, now);
        EXPECT_GT(bucket.until_positive(now), 290 * year);
    }
    TokenBucket thrown_back{rate};
    thrown_back.take_always(UINT64_MAX, TimePoint{});
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(thrown_back.take(1, TimePoint::min()));
        thrown_back.take_always(UINT64_MAX, TimePoint::min());
    }
    TokenBucket late{rate};
    late.take_always(100, TimePoint::max() - 10s);
    EXPECT_EQ(late.wait_for(1, TimePoint::max() - 10s), 10s) << "as far as the clock goes";
}

TEST(token_bucket, a_clock_that_steps_back_lets_nothing_more_pass) {
    const TokenRate rate{10, 5};
    TokenBucket bucket{rate};
    EXPECT_TRUE(bucket.take(5, start));
    EXPECT_FALSE(bucket.take(1, start - 1s));
    EXPECT_EQ(bucket.wait_for(1, start - 1s), 1100ms);
}

// The textbook's bucket: a level that is filled. Rounded at each step, so near the border it is
// not asked.
class Reference {
  public:
    Reference(std::uint64_t per_second, std::uint64_t burst)
        : per_nanosecond_(static_cast<long double>(per_second) / 1e9L), burst_(burst) {}

    void pass(Duration time) {
        level_ =
            std::min(burst_, level_ + static_cast<long double>(time.count()) * per_nanosecond_);
    }
    void take(std::uint64_t amount) { level_ -= static_cast<long double>(amount); }
    [[nodiscard]] long double spare(std::uint64_t amount) const {
        return level_ - static_cast<long double>(amount);
    }
    [[nodiscard]] long double wait(std::uint64_t amount) const {
        return std::max(0.0L, -spare(amount) / per_nanosecond_);
    }

  private:
    long double per_nanosecond_;
    long double burst_;
    long double level_ = burst_;
};

class Comparison {
  public:
    Comparison(std::mt19937_64& random, std::uint64_t per_second, std::uint64_t burst)
        : random_(random),
          per_second_(per_second),
          burst_(burst),
          rate_(per_second, burst),
          reference_(per_second, burst) {}
    Comparison(const Comparison&) = delete;
    Comparison& operator=(const Comparison&) = delete;

    // How often an amount passed, of so many turns.
    int run(int turns) {
        int passed = 0;
        for (int turn = 0; turn < turns && !testing::Test::HasFatalFailure(); ++turn)
            passed += this->turn() ? 1 : 0;
        return passed;
    }

  private:
    bool turn() {
        const Duration pause = random_pause();
        now_ += pause;
        reference_.pass(pause);
        const std::uint64_t amount = random_() % burst_ + 1;
        compare_wait(amount);
        if (random_() % 8 == 0) {
            bucket_.take_always(amount, now_);
            reference_.take(amount);
            return false;
        }
        const long double spare = reference_.spare(amount);
        const bool passed = bucket_.take(amount, now_);
        if (passed) reference_.take(amount);
        if (std::abs(spare) > tolerance) compare_decision(passed, spare);
        return passed;
    }

    void compare_decision(bool passed, long double spare) const {
        ASSERT_EQ(passed, spare > 0) << "at " << now_.time_since_epoch().count();
    }

    // Exactly: not a nanosecond earlier; and about as long as the reference says.
    void compare_wait(std::uint64_t amount) const {
        const Duration wait = bucket_.wait_for(amount, now_);
        TokenBucket copy = bucket_;
        if (wait > 0ns) {
            ASSERT_FALSE(copy.take(amount, now_ + wait - 1ns));
        }
        ASSERT_TRUE(copy.take(amount, now_ + wait));
        const long double expected = reference_.wait(amount);
        const long double slack = 1 + tolerance * 1e9L / static_cast<long double>(per_second_);
        ASSERT_NEAR(static_cast<double>(static_cast<long double>(wait.count()) - expected), 0,
                    static_cast<double>(slack));
    }

    // About as long as an amount takes to come, often nothing, and sometimes years.
    Duration random_pause() {
        if (random_() % 500 == 0) return year;
        if (random_() % 4 == 0) return 0ns;
        const long double fill =
            static_cast<long double>(burst_) * 1e9L / static_cast<long double>(per_second_);
        return Duration{
            static_cast<Duration::rep>(random_() % (static_cast<std::uint64_t>(fill) + 2))};
    }

    static constexpr long double tolerance = 1e-3L;  // of a unit

    std::mt19937_64& random_;
    std::uint64_t per_second_;
    std::uint64_t burst_;
    const TokenRate rate_;
    TokenBucket bucket_{rate_};
    Reference reference_;
    TimePoint now_ = start;
};

TEST(token_bucket, under_random_use_it_agrees_with_a_level_that_is_filled) {
    std::mt19937_64 random{20};
    for (const std::uint64_t per_second : {1UL, 3UL, 1000UL, 999'983UL, 123'456'789UL, fastest})
        for (const std::uint64_t burst : {1UL, 10UL, 65'537UL, most}) {
            if (burst / per_second > 10'000'000) continue;  // the turns would take millennia
            SCOPED_TRACE(std::to_string(per_second) + "/s, burst " + std::to_string(burst));
            Comparison comparison{random, per_second, burst};
            const int passed = comparison.run(2000);
            EXPECT_GT(passed, 200) << "some must pass";
            EXPECT_LT(passed, 1600) << "some must not";
        }
}

}  // namespace
}  // namespace wsecho::runtime
