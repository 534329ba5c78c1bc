// Descriptors that another was to close: eventfds, as libwebsockets leaves them.
#include "lws/leftovers.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

namespace wsecho::lws {
namespace {

Descriptor make_descriptor() {
    return Descriptor{::eventfd(0, EFD_CLOEXEC)};
}

bool is_open(int descriptor) {
    return ::fcntl(descriptor, F_GETFD) >= 0;
}

TEST(leftovers, what_was_left_open_is_closed) {
    const int left = make_descriptor().release();
    Leftovers leftovers;
    leftovers.add(left);
    EXPECT_TRUE(is_open(left));
    leftovers.close();
    EXPECT_FALSE(is_open(left));
}

TEST(leftovers, a_descriptor_that_took_the_number_of_a_closed_one_stays_open) {
    Descriptor closed = make_descriptor();
    const int number = closed.get();
    Leftovers leftovers;
    leftovers.add(number);
    closed = Descriptor{};
    const Descriptor next = make_descriptor();
    ASSERT_EQ(next.get(), number);
    leftovers.close();
    EXPECT_TRUE(is_open(number));
}

TEST(leftovers, what_is_closed_but_open_in_another_process_counts_as_closed) {
    Descriptor closed = make_descriptor();
    const int number = closed.get();
    const Descriptor copy{::dup(number)};  // to the kernel the same as a child's
    Leftovers leftovers;
    leftovers.add(number);
    closed = Descriptor{};
    const Descriptor next = make_descriptor();
    ASSERT_EQ(next.get(), number);
    leftovers.close();
    EXPECT_TRUE(is_open(number));
    EXPECT_TRUE(is_open(copy.get()));
}

TEST(leftovers, a_number_that_is_no_descriptor_is_no_harm) {
    Leftovers leftovers;
    leftovers.add(-1);
    leftovers.close();
}

}  // namespace
}  // namespace wsecho::lws
