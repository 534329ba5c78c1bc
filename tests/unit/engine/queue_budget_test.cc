// A bound that loops share by portions: together they never have more, and none keeps what it does
// not need.
#include "engine/queue_budget.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace wsecho::engine {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

TEST(queue_budget, a_loop_has_what_it_asks_for_as_long_as_there_is_some) {
    QueueBudget budget{mebibyte, 1};
    BudgetShare share{budget};
    EXPECT_TRUE(share.covers(0));
    EXPECT_TRUE(share.covers(mebibyte / 2));
    EXPECT_TRUE(share.covers(mebibyte));
    EXPECT_FALSE(share.covers(mebibyte + 1));
    EXPECT_TRUE(share.covers(mebibyte)) << "what it has it keeps";
}

TEST(queue_budget, what_one_loop_gives_back_another_may_have) {
    QueueBudget budget{mebibyte, 2};
    BudgetShare one{budget};
    BudgetShare other{budget};
    ASSERT_TRUE(one.covers(mebibyte - 2000));
    EXPECT_FALSE(other.covers(mebibyte / 2));
    one.keep_for(1000);
    EXPECT_TRUE(other.covers(mebibyte / 2));
    EXPECT_TRUE(one.covers(1000));
}

TEST(queue_budget, a_little_more_than_is_needed_stays_so_that_it_need_not_be_asked_for_again) {
    QueueBudget budget{mebibyte, 1};
    BudgetShare share{budget};
    ASSERT_TRUE(share.covers(budget.portion()));
    EXPECT_FALSE(share.has_surplus(0));
    ASSERT_TRUE(share.covers(4 * budget.portion()));
    EXPECT_TRUE(share.has_surplus(0));
    share.keep_for(0);
    EXPECT_EQ(share.held(), budget.portion());
}

TEST(queue_budget, a_loop_that_ends_leaves_nothing_behind) {
    QueueBudget budget{mebibyte, 2};
    {
        BudgetShare share{budget};
        ASSERT_TRUE(share.covers(mebibyte));
    }
    BudgetShare next{budget};
    EXPECT_TRUE(next.covers(mebibyte));
}

TEST(queue_budget, without_a_bound_there_is_always_more) {
    QueueBudget budget{0, 1};
    BudgetShare share{budget};
    EXPECT_TRUE(share.covers(std::size_t{1} << 50U));
}

TEST(queue_budget, threads_that_take_and_give_back_never_have_more_than_it_together) {
    QueueBudget budget{mebibyte, 4};
    std::atomic<std::size_t> most{0};
    std::atomic<std::size_t> held{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int turn = 0; turn < 10'000; ++turn) {
                const std::size_t taken = budget.take(mebibyte / 5);
                if (taken == 0) continue;
                const std::size_t now = held.fetch_add(taken) + taken;
                std::size_t before = most.load();
                while (before < now && !most.compare_exchange_weak(before, now)) {
                }
                held.fetch_sub(taken);
                budget.give_back(taken);
            }
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_LE(most.load(), mebibyte);
    EXPECT_EQ(budget.take(mebibyte), mebibyte) << "all of it is back";
}

}  // namespace
}  // namespace wsecho::engine
