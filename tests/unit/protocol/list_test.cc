#include "protocol/list.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wsecho::protocol {
namespace {

std::vector<std::string> elements_of(std::string_view list, std::string_view separators = " ,") {
    std::vector<std::string> elements;
    EXPECT_TRUE(for_each_element(list, separators, [&](std::string_view element) {
        elements.emplace_back(element);
        return true;
    }));
    return elements;
}

using Elements = std::vector<std::string>;

TEST(list, elements_come_in_their_order_without_empty_ones) {
    EXPECT_EQ(elements_of("a, b,,c "), (Elements{"a", "b", "c"}));
    EXPECT_EQ(elements_of("one"), Elements{"one"});
    EXPECT_EQ(elements_of(""), Elements{});
    EXPECT_EQ(elements_of(" ,, "), Elements{});
}

TEST(list, what_is_no_separator_is_of_an_element) {
    EXPECT_EQ(elements_of("a b,c", ","), (Elements{"a b", "c"}));
}

TEST(list, no_ends_it) {
    std::string seen;
    EXPECT_FALSE(for_each_element("a,b,c", ",", [&](std::string_view element) {
        seen += element;
        return element != "b";
    }));
    EXPECT_EQ(seen, "ab");
}

}  // namespace
}  // namespace wsecho::protocol
