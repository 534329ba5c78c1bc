// The door between threads: who wakes, what is refused, and that nothing is lost or reordered.
#include "runtime/mailbox.h"

#include <gtest/gtest.h>

#include <memory>
#include <semaphore>
#include <thread>

namespace wsecho::runtime {
namespace {

using Box = Mailbox<int>;
using Posted = Box::Posted;

TEST(mailbox, only_the_first_letter_in_an_empty_box_wakes) {
    Box box{100};
    EXPECT_EQ(box.post(1, 1), Posted::wake);
    EXPECT_EQ(box.post(2, 1), Posted::waiting);
    EXPECT_EQ(box.post(3, 1), Posted::waiting);
}

TEST(mailbox, a_box_that_was_emptied_wakes_again) {
    Box box{100};
    std::vector<int> taken;
    EXPECT_EQ(box.post(1, 1), Posted::wake);
    box.take(taken);
    EXPECT_EQ(box.post(2, 1), Posted::wake);
    EXPECT_EQ(box.post(3, 1), Posted::waiting);
}

TEST(mailbox, letters_are_taken_in_the_order_of_their_posting) {
    Box box{100};
    for (const int letter : {3, 1, 2})
        box.post(letter, 1);
    std::vector<int> taken{9, 9};  // what was in it is gone
    box.take(taken);
    EXPECT_EQ(taken, (std::vector{3, 1, 2}));
    box.take(taken);
    EXPECT_TRUE(taken.empty());
}

TEST(mailbox, the_bound_holds_to_the_unit) {
    Box box{10};
    EXPECT_EQ(box.post(1, 4), Posted::wake);
    EXPECT_EQ(box.post(2, 7), Posted::full);
    EXPECT_EQ(box.post(3, 6), Posted::waiting);
    EXPECT_EQ(box.post(4, 1), Posted::full);
}

TEST(mailbox, a_refused_letter_is_not_in_the_box) {
    Box box{10};
    box.post(1, 10);
    EXPECT_EQ(box.post(2, 1), Posted::full);
    std::vector<int> taken;
    box.take(taken);
    EXPECT_EQ(taken, std::vector{1});
}

TEST(mailbox, a_letter_over_the_bound_is_refused_by_an_empty_box_and_wakes_nobody) {
    Box box{10};
    EXPECT_EQ(box.post(1, 11), Posted::full);
    EXPECT_EQ(box.post(2, SIZE_MAX), Posted::full);
    EXPECT_EQ(box.post(3, 1), Posted::wake);
}

TEST(mailbox, weightless_letters_are_never_refused) {
    Box box{0};
    EXPECT_EQ(box.post(1, 1), Posted::full);
    EXPECT_EQ(box.post(2, 0), Posted::wake);
    EXPECT_EQ(box.post(3, 0), Posted::waiting);

    Box full_box{10};
    full_box.post(1, 10);
    EXPECT_EQ(full_box.post(2, 0), Posted::waiting);
}

TEST(mailbox, taking_makes_room) {
    Box box{10};
    std::vector<int> taken;
    for (int round = 0; round < 100; ++round) {
        ASSERT_EQ(box.post(round, 10), Posted::wake);
        ASSERT_EQ(box.post(round, 1), Posted::full);
        box.take(taken);
    }
}

TEST(mailbox, letters_need_not_be_copyable) {
    Mailbox<std::unique_ptr<int>> box{10};
    box.post(std::make_unique<int>(5), 1);
    std::vector<std::unique_ptr<int>> taken;
    box.take(taken);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(*taken[0], 5);
}

// The receiver looks into the box only when it was woken: a wake too few would leave it waiting
// for ever, one too many shows in an empty box.
TEST(mailbox, between_threads_each_wake_finds_mail_and_no_letter_is_lost_or_reordered) {
    struct Letter {
        int sender;
        int number;
    };
    constexpr int senders = 4;
    constexpr int letters_each = 20'000;
    Mailbox<Letter> box{SIZE_MAX};
    std::counting_semaphore<> wakes{0};

    std::vector<std::jthread> threads;
    for (int sender = 0; sender < senders; ++sender)
        threads.emplace_back([&box, &wakes, sender] {
            for (int number = 0; number < letters_each; ++number)
                if (box.post({sender, number}, 1) == Mailbox<Letter>::Posted::wake) wakes.release();
        });

    std::vector<int> next(senders, 0);
    std::vector<Letter> taken;
    for (int received = 0; received < senders * letters_each;) {
        wakes.acquire();
        box.take(taken);
        ASSERT_FALSE(taken.empty()) << "woken for nothing";
        for (const Letter& letter : taken)
            ASSERT_EQ(letter.number, next[static_cast<std::size_t>(letter.sender)]++);
        received += static_cast<int>(taken.size());
    }
    threads.clear();
    EXPECT_FALSE(wakes.try_acquire()) << "a wake that no mail stands behind";
}

}  // namespace
}  // namespace wsecho::runtime
