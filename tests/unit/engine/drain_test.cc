// The drain's pure parts: what is refused, when each is told, what is counted.
#include "engine/drain.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace wsecho::engine {
namespace {

using namespace std::chrono_literals;

// The field that the refusal names; "" where the options pass.
std::string refused_field(const std::function<void(DrainOptions&)>& change) {
    DrainOptions options;
    change(options);
    const Status status = check(options);
    if (status.ok()) return "";
    EXPECT_EQ(status.code(), ErrorCode::invalid_option);
    return status.detail().substr(0, status.detail().find(": "));
}

TEST(drain_options, the_defaults_pass) {
    EXPECT_EQ(refused_field([](DrainOptions&) {}), "");
}

TEST(drain_options, the_spread_ends_before_the_deadline) {
    EXPECT_EQ(refused_field([](DrainOptions& o) { o.deadline = 0ms; }), "deadline_ms");
    EXPECT_EQ(refused_field([](DrainOptions& o) { o.deadline = 1ms; }), "");
    EXPECT_EQ(refused_field([](DrainOptions& o) { o.spread = o.deadline; }), "spread_ms");
    EXPECT_EQ(refused_field([](DrainOptions& o) { o.spread = o.deadline - 1ms; }), "");
}

TEST(drain_options, a_code_is_one_of_two_or_none) {
    for (const std::uint32_t code : {0U, 1001U, 1012U})
        EXPECT_EQ(refused_field([&](DrainOptions& o) { o.code = code; }), "") << code;
    for (const std::uint32_t code : {1U, 1000U, 1006U, 1013U, 4000U, 66'537U})
        EXPECT_EQ(refused_field([&](DrainOptions& o) { o.code = code; }), "code") << code;
}

TEST(drain_options, a_reason_is_utf_8_that_fits_a_close_frame) {
    EXPECT_EQ(refused_field([](DrainOptions& o) { o.reason.clear(); }), "");
    EXPECT_EQ(refused_field([](DrainOptions& o) { o.reason.assign(123, 'x'); }), "");
    EXPECT_EQ(refused_field([](DrainOptions& o) { o.reason.assign(124, 'x'); }), "reason");
    EXPECT_EQ(refused_field([](DrainOptions& o) { o.reason.assign(1, '\xC3'); }), "reason");
}

TEST(told_after, the_first_is_told_at_once_and_the_others_evenly) {
    EXPECT_EQ(told_after(0, 4, 1s), 0ms);
    EXPECT_EQ(told_after(1, 4, 1s), 250ms);
    EXPECT_EQ(told_after(3, 4, 1s), 750ms);
}

TEST(told_after, without_a_spread_all_are_told_at_once) {
    EXPECT_EQ(told_after(0, 0, 1s), 0ms);
    EXPECT_EQ(told_after(9'999, 10'000, 0ms), 0ms);
}

TEST(told_after, the_longest_spread_of_the_most_connections_is_no_overflow) {
    constexpr runtime::Duration spread = std::chrono::hours{24 * 49};
    constexpr std::size_t count = std::size_t{1} << 24U;
    EXPECT_EQ(told_after(count / 2, count, spread), spread / 2);
    EXPECT_LT(told_after(count - 1, count, spread), spread);
    EXPECT_GT(told_after(count - 1, count, spread), spread - 1s);
}

TEST(drain_report, each_end_is_counted_once_and_unsent_bytes_where_it_was_forced) {
    DrainReport report;
    report.connections = 5;
    report.count(DrainEnd::answered, 1);
    report.count(DrainEnd::left, 2);
    report.count(DrainEnd::broken, 4);
    report.count(DrainEnd::forced, 8);
    report.count(DrainEnd::forced, 16);
    EXPECT_EQ(report.answered, 1U);
    EXPECT_EQ(report.left, 1U);
    EXPECT_EQ(report.broken, 1U);
    EXPECT_EQ(report.forced, 2U);
    EXPECT_EQ(report.bytes_unsent, 24U);
}

TEST(drain_report, those_of_the_loops_add_up) {
    DrainReport sum{1, 2, 3, 4, 5, 6};
    sum += {10, 20, 30, 40, 50, 60};
    EXPECT_EQ(sum.connections, 11U);
    EXPECT_EQ(sum.answered, 22U);
    EXPECT_EQ(sum.left, 33U);
    EXPECT_EQ(sum.broken, 44U);
    EXPECT_EQ(sum.forced, 55U);
    EXPECT_EQ(sum.bytes_unsent, 66U);
}

}  // namespace
}  // namespace wsecho::engine
