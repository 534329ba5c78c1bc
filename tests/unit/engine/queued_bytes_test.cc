// Bytes that wait, counted from two sides.
#include "engine/queued_bytes.h"

#include <gtest/gtest.h>

namespace wsecho::engine {
namespace {

TEST(queued_bytes, the_loop_takes_off_what_another_thread_added) {
    QueuedBytes bytes;
    ASSERT_TRUE(bytes.reserve_within(100, 100));
    bytes.subtract(60);
    EXPECT_EQ(bytes.read(), 40U);
    bytes.subtract(40);
    EXPECT_EQ(bytes.read(), 0U);
}

TEST(queued_bytes, a_reservation_over_the_bound_adds_nothing) {
    QueuedBytes bytes;
    bytes.add(60);
    EXPECT_FALSE(bytes.reserve_within(41, 100));
    EXPECT_TRUE(bytes.reserve_within(40, 100));
    EXPECT_FALSE(bytes.reserve_within(1, 100));
    EXPECT_FALSE(bytes.reserve_within(101, 100));
    EXPECT_EQ(bytes.read(), 100U);
}

TEST(queued_bytes, what_was_reserved_in_vain_is_given_back) {
    QueuedBytes bytes;
    ASSERT_TRUE(bytes.reserve_within(100, 100));
    bytes.give_back(100);
    EXPECT_EQ(bytes.read(), 0U);
    EXPECT_TRUE(bytes.reserve_within(100, 100));
}

}  // namespace
}  // namespace wsecho::engine
