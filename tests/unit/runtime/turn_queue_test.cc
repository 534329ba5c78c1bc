// Further turns: in their order, each owner once, and gone when it is removed.
#include "runtime/turn_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <list>
#include <random>

namespace wsecho::runtime {
namespace {

TEST(turn_queue, turns_come_in_the_order_in_which_they_were_asked_for) {
    std::array<int, 3> owners{};
    TurnQueue<int> queue;
    EXPECT_TRUE(queue.empty());
    queue.push(7, owners[0]);
    queue.push(2, owners[1]);
    queue.push(900, owners[2]);
    EXPECT_EQ(&queue.take(), &owners[0]);
    EXPECT_EQ(&queue.take(), &owners[1]);
    EXPECT_EQ(&queue.take(), &owners[2]);
    EXPECT_TRUE(queue.empty());
}

TEST(turn_queue, who_asks_twice_has_one_turn) {
    int owner = 0;
    int other = 0;
    TurnQueue<int> queue;
    queue.push(1, owner);
    queue.push(2, other);
    queue.push(1, owner);
    EXPECT_EQ(&queue.take(), &owner);
    EXPECT_FALSE(queue.has(1));
    EXPECT_EQ(&queue.take(), &other);
    EXPECT_TRUE(queue.empty());
}

TEST(turn_queue, who_is_removed_has_none) {
    std::array<int, 3> owners{};
    TurnQueue<int> queue;
    for (std::size_t i = 0; i < owners.size(); ++i)
        queue.push(i, owners[i]);
    queue.remove(1);
    queue.remove(1);
    queue.remove(50);
    EXPECT_EQ(&queue.take(), &owners[0]);
    EXPECT_EQ(&queue.take(), &owners[2]);
    EXPECT_TRUE(queue.empty());
    queue.push(0, owners[0]);
    queue.remove(0);
    EXPECT_TRUE(queue.empty());
}

TEST(turn_queue, a_number_that_was_given_back_may_be_anothers) {
    int gone = 0;
    int newcomer = 0;
    TurnQueue<int> queue;
    queue.push(4, gone);
    queue.remove(4);
    queue.push(4, newcomer);
    EXPECT_EQ(&queue.take(), &newcomer);
}

TEST(turn_queue, random_use_agrees_with_a_plain_list) {
    std::array<int, 20> owners{};
    std::mt19937 random{5};
    std::list<std::size_t> model;
    TurnQueue<int> queue;
    for (int step = 0; step < 20'000; ++step) {
        const std::size_t number = random() % owners.size();
        switch (random() % 3) {
            case 0:
                if (std::find(model.begin(), model.end(), number) == model.end())
                    model.push_back(number);
                queue.push(number, owners[number]);
                break;
            case 1:
                model.remove(number);
                queue.remove(number);
                break;
            default:
                if (model.empty()) break;
                ASSERT_EQ(&queue.take(), &owners[model.front()]);
                model.pop_front();
        }
        ASSERT_EQ(queue.empty(), model.empty());
        ASSERT_EQ(queue.has(number), std::find(model.begin(), model.end(), number) != model.end());
    }
}

}  // namespace
}  // namespace wsecho::runtime
