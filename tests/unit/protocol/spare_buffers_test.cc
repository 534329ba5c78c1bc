#include "protocol/spare_buffers.h"

#include <gtest/gtest.h>

#include <vector>

namespace wsecho::protocol {
namespace {

std::unique_ptr<Buffer> used(std::size_t size) {
    return std::make_unique<Buffer>(size);
}

TEST(spare_buffers, the_first_is_a_new_one) {
    SpareBuffers spare;
    EXPECT_EQ(spare.take()->capacity(), 0U);
}

TEST(spare_buffers, one_that_was_given_back_comes_again_empty_and_with_its_room) {
    SpareBuffers spare;
    auto buffer = used(1000);
    const auto* memory = buffer->data();
    spare.give_back(std::move(buffer));
    buffer = spare.take();
    EXPECT_TRUE(buffer->empty());
    EXPECT_GE(buffer->capacity(), 1000U);
    EXPECT_EQ(buffer->data(), memory);
    EXPECT_EQ(spare.take()->capacity(), 0U) << "it is given out once";
}

TEST(spare_buffers, one_that_is_too_large_is_not_kept) {
    SpareBuffers spare;
    spare.give_back(used(SpareBuffers::max_kept_bytes + 1));
    EXPECT_EQ(spare.take()->capacity(), 0U);
}

TEST(spare_buffers, no_more_are_kept_than_the_bound) {
    SpareBuffers spare;
    for (std::size_t i = 0; i <= SpareBuffers::max_kept; ++i)
        spare.give_back(used(10));
    for (std::size_t i = 0; i < SpareBuffers::max_kept; ++i)
        EXPECT_GT(spare.take()->capacity(), 0U);
    EXPECT_EQ(spare.take()->capacity(), 0U);
}

}  // namespace
}  // namespace wsecho::protocol
