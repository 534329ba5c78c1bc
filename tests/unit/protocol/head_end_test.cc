#include "protocol/head_end.h"

#include <gtest/gtest.h>

#include <string>

namespace wsecho::protocol {
namespace {

using namespace std::string_literals;

const auto head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"s;

TEST(head_end, is_the_first_empty_line) {
    EXPECT_EQ(HeadEnd{}.find(head), head.size());
    EXPECT_EQ(HeadEnd{}.find(head + "frames\r\n\r\n"), head.size());
}

TEST(head_end, is_in_no_shorter_part_of_a_head) {
    for (std::size_t size = 0; size < head.size(); ++size)
        EXPECT_EQ(HeadEnd{}.find(std::string_view{head}.substr(0, size)), std::nullopt) << size;
}

TEST(head_end, is_not_a_pair_of_bare_line_feeds) {
    EXPECT_EQ(HeadEnd{}.find("GET / HTTP/1.1\nHost: a\n\n"), std::nullopt);
}

TEST(head_end, is_found_wherever_the_head_is_cut) {
    for (std::size_t first = 0; first < head.size(); ++first) {
        for (std::size_t second = first; second < head.size(); ++second) {
            HeadEnd end;
            EXPECT_EQ(end.find(std::string_view{head}.substr(0, first)), std::nullopt);
            EXPECT_EQ(end.find(std::string_view{head}.substr(0, second)), std::nullopt);
            EXPECT_EQ(end.find(head + "frames"), head.size()) << first << " and " << second;
        }
    }
}

TEST(head_end, is_found_in_a_head_that_arrives_byte_by_byte) {
    HeadEnd end;
    for (std::size_t size = 1; size < head.size(); ++size)
        ASSERT_EQ(end.find(std::string_view{head}.substr(0, size)), std::nullopt) << size;
    EXPECT_EQ(end.find(head), head.size());
}

}  // namespace
}  // namespace wsecho::protocol
