// The histogram against exact answers from sorted values.
#include "histogram.h"

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

TEST(histogram, a_cleared_one_has_forgotten) {
    Histogram histogram;
    histogram.record(std::chrono::seconds(1));
    histogram.clear();
    EXPECT_EQ(histogram.count(), 0U);
    EXPECT_EQ(histogram.max(), nanoseconds(0));
}

}  // namespace
}  // namespace wsecho::loadgen
