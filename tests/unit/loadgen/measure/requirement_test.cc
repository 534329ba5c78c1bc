// Requirements as people write them.
#include "measure/requirement.h"

#include <gtest/gtest.h>

namespace wsecho::loadgen {
namespace {

using Metric = Requirement::Metric;

Requirement one(const char* text) {
    const auto found = parse_requirements(text);
    EXPECT_EQ(found.size(), 1U);
    return found.at(0);
}

std::string refusal(const char* text) {
    try {
        (void)parse_requirements(text);
    } catch (const RequirementError& error) {
        return error.what();
    }
    return "";
}

TEST(requirement, units_are_turned_into_the_ones_that_are_measured_in) {
    EXPECT_DOUBLE_EQ(one("p99<20ms").limit, 20);
    EXPECT_DOUBLE_EQ(one("p99<20").limit, 20);
    EXPECT_DOUBLE_EQ(one("p99<1.5s").limit, 1500);
    EXPECT_DOUBLE_EQ(one("max < 250 us").limit, 0.25);
    EXPECT_DOUBLE_EQ(one("cpu<=6us").limit, 6);
    EXPECT_DOUBLE_EQ(one("cpu<=6").limit, 6);
    EXPECT_DOUBLE_EQ(one("rate>=100k").limit, 100'000);
    EXPECT_DOUBLE_EQ(one("memory<100MiB").limit, 104'857'600);
}

TEST(requirement, a_list_is_taken_apart_at_its_commas) {
    const auto found = parse_requirements("p99<20ms, lost=0,p99.9<=1s");
    ASSERT_EQ(found.size(), 3U);
    EXPECT_EQ(found[1].metric, Metric::lost);
    EXPECT_EQ(found[1].text, "lost=0");
    EXPECT_EQ(found[2].metric, Metric::p999);
}

TEST(requirement, each_relation_holds_where_it_says) {
    EXPECT_FALSE(one("p50<5").is_met_by(5));
    EXPECT_TRUE(one("p50<=5").is_met_by(5));
    EXPECT_TRUE(one("p50=5").is_met_by(5));
    EXPECT_FALSE(one("p50==5").is_met_by(4));
    EXPECT_TRUE(one("p50>=5").is_met_by(5));
    EXPECT_FALSE(one("p50>5").is_met_by(5));
}

TEST(requirement, what_is_wrong_is_named) {
    EXPECT_NE(refusal("p98<20ms").find("p98"), std::string::npos);
    EXPECT_NE(refusal("p99<20MB").find("MB"), std::string::npos);
    EXPECT_NE(refusal("p99<fast").find("fast"), std::string::npos);
    EXPECT_NE(refusal("p99 20ms").find("compares nothing"), std::string::npos);
    EXPECT_NE(refusal("lost=-1").find("-1"), std::string::npos);
    EXPECT_NE(refusal("lost=0,,p99<1"), "");
}

TEST(requirement, one_message_cut_off_by_the_end_is_not_falling_behind) {
    EXPECT_TRUE(keeps_up(25, 1.0025, 24));
    EXPECT_FALSE(keeps_up(25, 1.0025, 23));
    EXPECT_TRUE(keeps_up(10'000, 1, 9'799));
    EXPECT_FALSE(keeps_up(10'000, 1, 9'798));
}

}  // namespace
}  // namespace wsecho::loadgen
