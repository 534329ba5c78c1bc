#include "protocol/header_lines.h"

#include <gtest/gtest.h>

namespace wsecho::protocol {
namespace {

TEST(header_lines, are_looked_up_in_any_case) {
    const auto lines = HeaderLines::parse("Host: a\r\nX-Many: 1\r\nx-many:  2 \r\n\r\n");
    ASSERT_TRUE(lines);
    EXPECT_EQ(lines->header("host"), "a");
    EXPECT_EQ(lines->header("X-MANY"), "1");
    EXPECT_EQ(lines->header("X-Many", 1), "2");
    EXPECT_FALSE(lines->header("X-Many", 2));
    EXPECT_EQ(lines->count("X-Many"), 2U);
    EXPECT_EQ(lines->fields().size(), 3U);
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
