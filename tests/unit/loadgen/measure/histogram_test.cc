// The histogram against exact answers from sorted values.
#include "measure/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace wsecho::loadgen {
namespace {

using std::chrono::nanoseconds;

// From nanoseconds to a minute, evenly over the orders of magnitude.
std::vector<std::int64_t> spread_values(std::size_t count) {
    std::mt19937_64 random(42);
    std::uniform_real_distribution<double> exponent(0, std::log(60e9));
    std::vector<std::int64_t> values(count);
    for (std::int64_t& value : values) {
        value = static_cast<std::int64_t>(std::exp(exponent(random)));
    }
    return values;
}

void expect_within_a_thousandth(double fraction) {
    std::vector<std::int64_t> values = spread_values(100'000);
    Histogram histogram;
    for (const std::int64_t value : values)
        histogram.record(nanoseconds(value));
    std::sort(values.begin(), values.end());
    const auto rank =
        static_cast<std::size_t>(std::ceil(fraction * static_cast<double>(values.size())));
    const auto exact = static_cast<double>(values[rank - 1]);
    const auto measured = static_cast<double>(histogram.percentile(fraction).count());
    EXPECT_NEAR(measured, exact, exact / 1000) << "at " << fraction;
}

TEST(histogram, p50_is_within_a_thousandth_of_the_exact_value) {
    expect_within_a_thousandth(0.5);
}

TEST(histogram, p99_is_within_a_thousandth_of_the_exact_value) {
    expect_within_a_thousandth(0.99);
}

TEST(histogram, p999_is_within_a_thousandth_of_the_exact_value) {
    expect_within_a_thousandth(0.999);
}

TEST(histogram, any_single_value_comes_back_within_a_thousandth) {
    for (std::int64_t value = 1; value < Histogram::longest.count(); value = value * 9 / 8 + 1) {
        Histogram histogram;
        histogram.record(nanoseconds(value));
        histogram.record(Histogram::longest);  // so that the maximum does not answer for it
        const auto measured = static_cast<double>(histogram.percentile(0.5).count());
        EXPECT_NEAR(measured, static_cast<double>(value), static_cast<double>(value) / 1000);
    }
}

TEST(histogram, mean_and_maximum_are_exact) {
    Histogram histogram;
    for (const std::int64_t value : {1'000'003, 2'000'005, 6'000'007}) {
        histogram.record(nanoseconds(value));
    }
    EXPECT_EQ(histogram.mean(), nanoseconds(3'000'005));
    EXPECT_EQ(histogram.max(), nanoseconds(6'000'007));
    EXPECT_EQ(histogram.percentile(1), nanoseconds(6'000'007));
}

TEST(histogram, an_empty_one_answers_zero) {
    const Histogram histogram;
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.mean(), nanoseconds(0));
    EXPECT_EQ(histogram.percentile(0.99), nanoseconds(0));
    EXPECT_EQ(histogram.max(), nanoseconds(0));
}

TEST(histogram, durations_outside_its_range_count_at_its_ends) {
    Histogram histogram;
    histogram.record(nanoseconds(-5));
    histogram.record(std::chrono::hours(1));
    EXPECT_EQ(histogram.count(), 2U);
    EXPECT_EQ(histogram.percentile(0.5), nanoseconds(0));
    EXPECT_EQ(histogram.max(), Histogram::longest);
}

TEST(histogram, the_sum_of_two_is_as_if_one_had_recorded_all) {
    Histogram one;
    Histogram other;
    Histogram both;
    for (const std::int64_t value : spread_values(1000)) {
        (value % 3 == 0 ? one : other).record(nanoseconds(value));
        both.record(nanoseconds(value));
    }
    one.add(other);
    EXPECT_EQ(one.count(), both.count());
    EXPECT_EQ(one.min(), both.min());
    EXPECT_EQ(one.max(), both.max());
    EXPECT_EQ(one.mean(), both.mean());
    EXPECT_EQ(one.percentile(0.99), both.percentile(0.99));
    one.add(Histogram());
    EXPECT_EQ(one.min(), both.min());
}

TEST(histogram, the_standard_deviation_of_two_values_is_half_their_distance) {
    Histogram histogram;
    histogram.record(nanoseconds(1000));
    histogram.record(nanoseconds(1500));
    EXPECT_EQ(histogram.standard_deviation(), nanoseconds(250));
    EXPECT_EQ(Histogram().standard_deviation(), nanoseconds(0));
}

TEST(histogram, its_buckets_hold_every_value_and_do_not_overlap) {
    const std::vector<std::int64_t> values = spread_values(10'000);
    Histogram histogram;
    for (const std::int64_t value : values)
        histogram.record(nanoseconds(value));
    for (const unsigned merged : {0U, 4U, 10U}) {
        std::uint64_t count = 0;
        nanoseconds last{-1};
        for (const Histogram::Bucket& bucket : histogram.buckets(merged)) {
            EXPECT_GT(bucket.lowest, last);
            EXPECT_GE(bucket.highest, bucket.lowest);
            const auto inside = std::count_if(values.begin(), values.end(), [&](auto value) {
                return nanoseconds(value) >= bucket.lowest && nanoseconds(value) <= bucket.highest;
            });
            EXPECT_EQ(bucket.count, static_cast<std::uint64_t>(inside));
            count += bucket.count;
            last = bucket.highest;
        }
        EXPECT_EQ(count, values.size());
    }
}

}  // namespace
}  // namespace wsecho::loadgen
