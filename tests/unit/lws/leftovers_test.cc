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

// Closes it; a new one, which has got its number.
Descriptor successor_of(Descriptor closed) {
    const int number = closed.get();
    closed = Descriptor{};
    Descriptor next = make_descriptor();
    EXPECT_EQ(next.get(), number);
    return next;
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
    Descriptor first = make_descriptor();
    Leftovers leftovers;
    leftovers.add(first.get());
    const Descriptor next = successor_of(std::move(first));
    leftovers.close();
    EXPECT_TRUE(is_open(next.get()));
}

TEST(leftovers, what_is_closed_but_open_in_another_process_counts_as_closed) {
    Descriptor first = make_descriptor();
    const Descriptor copy{::dup(first.get())};  // to the kernel the same as a child's
    Leftovers leftovers;
    leftovers.add(first.get());
    const Descriptor next = successor_of(std::move(first));
    leftovers.close();
    EXPECT_TRUE(is_open(next.get()));
    EXPECT_TRUE(is_open(copy.get()));
}

TEST(leftovers, a_number_that_is_no_descriptor_is_no_harm) {
    Leftovers leftovers;
    leftovers.add(-1);
    leftovers.close();
}

}  // namespace
}  // namespace wsecho::lws
