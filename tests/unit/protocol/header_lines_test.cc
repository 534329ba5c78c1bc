#include "protocol/header_lines.h"

#include <gtest/gtest.h>

namespace wsecho::protocol {
namespace {

TEST(header_lines, are_looked_up_in_any_case) {
    const auto lines = HeaderLines::parse("Host: a\r\nX-Many: 1\r\nx-many:  2 \r\n\r\n");
    ASSERT_TRUE(lines);
    EXPECT_EQ(lines->header("host"), "a");
    EXPECT_EQ(lines->header("X-MANY"), "1");
    EXPECT_EQ(lines->count("X-Many"), 2U);
    EXPECT_EQ(lines->fields().size(), 3U);
}

std::optional<HeaderLines> three_values_and_another() {
    return HeaderLines::parse("X: 1\r\nY: 2\r\nx: 3\r\nX:\r\n\r\nX: behind\r\n");
}

TEST(header_lines, give_the_values_of_one_header_from_the_first) {
    auto values = three_values_and_another()->values("X");
    EXPECT_EQ(values.take_first(), "1");
    EXPECT_EQ(values.take_first(), "3");
    EXPECT_EQ(values.take_first(), "");
    EXPECT_EQ(values.take_first(), std::nullopt);
    EXPECT_EQ(values.take_last(), std::nullopt);
}

TEST(header_lines, give_the_values_of_one_header_from_the_last) {
    auto values = three_values_and_another()->values("X");
    EXPECT_EQ(values.take_last(), "");
    EXPECT_EQ(values.take_last(), "3");
    EXPECT_EQ(values.take_last(), "1");
    EXPECT_EQ(values.take_last(), std::nullopt);
}

TEST(header_lines, give_each_value_once_whichever_end_it_is_taken_from) {
    auto values = three_values_and_another()->values("X");
    EXPECT_EQ(values.take_last(), "");
    EXPECT_EQ(values.take_first(), "1");
    EXPECT_EQ(values.take_last(), "3");
    EXPECT_EQ(values.take_first(), std::nullopt);
}

TEST(header_lines, without_the_empty_line_are_read_to_the_end_of_the_text) {
    const auto lines = HeaderLines::parse("X: 1\r\nX: 2");
    ASSERT_TRUE(lines);
    auto values = lines->values("X");
    EXPECT_EQ(values.take_last(), "2");
    EXPECT_EQ(values.take_last(), "1");
    EXPECT_EQ(values.take_last(), std::nullopt);
}

TEST(header_lines, give_lists_of_all_their_lines) {
    const auto lines = HeaderLines::parse("L: a, ,b\r\nL: c\r\n\r\n");
    ASSERT_TRUE(lines);
    EXPECT_EQ(lines->list("l"), (std::vector<std::string_view>{"a", "b", "c"}));
    EXPECT_TRUE(lines->has_token("L", "C"));
    EXPECT_FALSE(lines->has_token("L", "d"));
}

TEST(header_lines, that_are_none_are_refused) {
    for (const char* const text : {"no colon\r\n\r\n", "Name : value\r\n\r\n", ": value\r\n\r\n",
                                   "Name: a\r\n folded\r\n\r\n", "Name: a\x01\r\n\r\n"})
        EXPECT_FALSE(HeaderLines::parse(text)) << text;
    EXPECT_TRUE(HeaderLines::parse("\r\n"));
}

TEST(header_lines, are_taken_one_by_one) {
    std::string_view text = "one\r\ntwo\r\n";
    EXPECT_EQ(take_line(text), "one");
    EXPECT_EQ(take_line(text), "two");
    EXPECT_EQ(take_line(text), "");
}

}  // namespace
}  // namespace wsecho::protocol
