// Items in the order in which they were added, whichever leaves.
#include "runtime/intrusive_list.h"

#include <gtest/gtest.h>

#include <array>
#include <list>
#include <random>
#include <vector>

namespace wsecho::runtime {
namespace {

struct Item {
    int number = 0;
    ListHook<Item> in_one{};
    ListHook<Item> in_other{};
};
using OneList = IntrusiveList<Item, &Item::in_one>;
using OtherList = IntrusiveList<Item, &Item::in_other>;

template <class List>
std::vector<int> numbers_of(const List& list) {
    std::vector<int> numbers;
    for (const Item* item = list.front(); item != nullptr; item = List::next(*item))
        numbers.push_back(item->number);
    return numbers;
}

TEST(intrusive_list, items_stay_in_the_order_in_which_they_were_added) {
    std::array<Item, 3> items{Item{0}, Item{1}, Item{2}};
    OneList list;
    EXPECT_TRUE(list.empty());
    for (Item& item : items)
        list.push_back(item);
    EXPECT_EQ(numbers_of(list), (std::vector{0, 1, 2}));
    list.remove(items[1]);
    EXPECT_EQ(numbers_of(list), (std::vector{0, 2}));
    list.remove(items[0]);
    EXPECT_EQ(list.front(), &items[2]);
    list.remove(items[2]);
    EXPECT_TRUE(list.empty());
    EXPECT_EQ(list.front(), nullptr);
}

TEST(intrusive_list, an_item_can_be_in_a_list_for_each_of_its_hooks) {
    std::array<Item, 2> items{Item{0}, Item{1}};
    OneList one;
    OtherList other;
    for (Item& item : items)
        one.push_back(item);
    other.push_back(items[1]);
    other.push_back(items[0]);
    one.remove(items[0]);
    EXPECT_EQ(numbers_of(one), (std::vector{1}));
    EXPECT_EQ(numbers_of(other), (std::vector{1, 0}));
}

TEST(intrusive_list, an_item_that_was_removed_can_be_added_again_at_the_end) {
    std::array<Item, 2> items{Item{0}, Item{1}};
    OneList list;
    for (Item& item : items)
        list.push_back(item);
    list.remove(items[0]);
    list.push_back(items[0]);
    EXPECT_EQ(numbers_of(list), (std::vector{1, 0}));
}

TEST(intrusive_list, after_random_calls_it_holds_what_a_standard_list_holds) {
    std::array<Item, 20> items;
    for (std::size_t i = 0; i < items.size(); ++i)
        items.at(i).number = static_cast<int>(i);
    std::array<bool, 20> is_in{};
    OneList list;
    std::list<int> model;
    std::mt19937 random{5};
    for (int step = 0; step < 20'000; ++step) {
        Item& item = items.at(random() % items.size());
        bool& in = is_in.at(static_cast<std::size_t>(item.number));
        if (in) {
            list.remove(item);
            model.remove(item.number);
        } else {
            list.push_back(item);
            model.push_back(item.number);
        }
        in = !in;
        ASSERT_EQ(numbers_of(list), (std::vector<int>{model.begin(), model.end()})) << step;
    }
}

}  // namespace
}  // namespace wsecho::runtime
