// Round trips: the averages of RFC 6298, close to what real numbers give, whatever the samples.
#include "runtime/round_trip.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;

static_assert(sizeof(RoundTripTimes) <= 32);

double micros(Duration time) {
    return std::chrono::duration<double, std::micro>{time}.count();
}

TEST(round_trip, without_a_sample_it_is_empty_and_all_is_nothing) {
    const RoundTripTimes times;
    EXPECT_TRUE(times.empty());
    EXPECT_EQ(times.last(), 0ns);
    EXPECT_EQ(times.smoothed(), 0ns);
    EXPECT_EQ(times.variation(), 0ns);
    EXPECT_EQ(times.minimum(), 0ns);
}

TEST(round_trip, the_first_sample_is_the_average_and_half_of_it_the_variation) {
    RoundTripTimes times;
    times.add(10ms);
    EXPECT_FALSE(times.empty());
    EXPECT_EQ(times.last(), 10ms);
    EXPECT_EQ(times.smoothed(), 10ms);
    EXPECT_EQ(times.variation(), 5ms);
    EXPECT_EQ(times.minimum(), 10ms);
}

// 3/4 * 4 + 1/4 * |8 - 16| = 5, with the average from before the sample; 7/8 * 8 + 1/8 * 16 = 9.
TEST(round_trip, a_further_sample_weighs_an_eighth_and_its_distance_a_quarter) {
    RoundTripTimes times;
    times.add(8ms);
    times.add(16ms);
    EXPECT_EQ(times.smoothed(), 9ms);
    EXPECT_EQ(times.variation(), 5ms);
    times.add(1ms);
    EXPECT_EQ(times.smoothed(), 8ms);
    EXPECT_EQ(times.variation(), 5750us);
}

TEST(round_trip, last_is_the_last_and_minimum_the_least) {
    RoundTripTimes times;
    for (const Duration sample : {20ms, 5ms, 30ms}) {
        times.add(sample);
        EXPECT_EQ(times.last(), sample);
    }
    EXPECT_EQ(times.minimum(), 5ms);
}

TEST(round_trip, a_sample_of_nothing_is_a_sample) {
    RoundTripTimes times;
    times.add(0ns);
    EXPECT_FALSE(times.empty());
    times.add(8us);
    EXPECT_EQ(times.smoothed(), 1us);
    EXPECT_EQ(times.minimum(), 0ns);
}

TEST(round_trip, samples_are_rounded_to_the_nearest_microsecond) {
    RoundTripTimes times;
    times.add(1499ns);
    EXPECT_EQ(times.last(), 1us);
    times.add(1501ns);
    EXPECT_EQ(times.last(), 2us);
}

TEST(round_trip, a_sample_below_nothing_counts_as_nothing) {
    RoundTripTimes times;
    times.add(-1h);
    EXPECT_EQ(times.last(), 0ns);
    EXPECT_EQ(times.smoothed(), 0ns);
}

TEST(round_trip, a_sample_of_days_counts_as_the_longest) {
    RoundTripTimes times;
    for (const Duration sample : {Duration::max(), Duration{24h * 49}, Duration{9min}}) {
        times.add(sample);
        EXPECT_EQ(times.last(), RoundTripTimes::longest);
        EXPECT_EQ(times.smoothed(), RoundTripTimes::longest);
        EXPECT_EQ(times.minimum(), RoundTripTimes::longest);
    }
    times.add(RoundTripTimes::longest - 1us);
    EXPECT_EQ(times.last(), RoundTripTimes::longest - 1us);
}

// The largest jumps: neither average may wrap around.
TEST(round_trip, between_nothing_and_the_longest_the_averages_stay_in_between) {
    RoundTripTimes times;
    for (int i = 0; i < 1000; ++i) {
        times.add(i % 2 == 0 ? Duration{RoundTripTimes::longest} : 0ns);
        ASSERT_LE(times.smoothed(), RoundTripTimes::longest);
        ASSERT_LE(times.variation(), RoundTripTimes::longest);
    }
    EXPECT_NEAR(micros(times.smoothed()) / micros(RoundTripTimes::longest), 0.5, 0.05);
    EXPECT_NEAR(micros(times.variation()) / micros(RoundTripTimes::longest), 0.5, 0.05);
}

TEST(round_trip, a_steady_peer_is_found_to_be_so_from_either_side) {
    for (const Duration before : {Duration{1us}, Duration{1s}}) {
        RoundTripTimes times;
        times.add(before);
        for (int i = 0; i < 200; ++i)
            times.add(123us);
        EXPECT_EQ(times.smoothed(), 123us);
        EXPECT_EQ(times.variation(), 0us);
    }
}

TEST(round_trip, under_random_samples_it_agrees_with_real_numbers) {
    std::mt19937_64 random{6298};
    for (const std::uint64_t span : {10U, 1000U, 100'000U, 400'000'000U}) {
        RoundTripTimes times;
        double smoothed = 0;
        double variation = 0;
        for (int i = 0; i < 20'000; ++i) {
            const auto sample = static_cast<double>(random() % span + 1);
            variation = i == 0 ? sample / 2 : variation * 3 / 4 + std::abs(smoothed - sample) / 4;
            smoothed = i == 0 ? sample : smoothed * 7 / 8 + sample / 8;
            times.add(std::chrono::microseconds{static_cast<std::int64_t>(sample)});
            ASSERT_NEAR(micros(times.smoothed()), smoothed, 2) << "sample " << i;
            ASSERT_NEAR(micros(times.variation()), variation, 3) << "sample " << i;
        }
    }
}

}  // namespace
}  // namespace wsecho::runtime
