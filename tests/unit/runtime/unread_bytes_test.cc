// Bytes that wait for a later turn: none is lost, and all stay in their order.
#include "runtime/unread_bytes.h"

#include <gtest/gtest.h>

#include "bytes.h"

namespace wsecho::runtime {
namespace {

using test::Bytes;

Bytes rest_of(UnreadBytes& unread) {
    return {unread.rest().begin(), unread.rest().end()};
}

TEST(unread_bytes, what_is_kept_comes_again) {
    UnreadBytes unread;
    EXPECT_TRUE(unread.empty());
    unread.keep(test::bytes_of("abc"));
    EXPECT_EQ(rest_of(unread), test::bytes_of("abc"));
    EXPECT_EQ(unread.size(), 3U);
}

TEST(unread_bytes, what_is_left_of_them_stays_where_it_is) {
    UnreadBytes unread;
    unread.keep(test::bytes_of("abcdef"));
    const auto* const place = unread.rest().data();
    unread.keep(unread.rest().subspan(2));
    EXPECT_EQ(rest_of(unread), test::bytes_of("cdef"));
    EXPECT_EQ(unread.rest().data(), place + 2);
    unread.keep(unread.rest().subspan(4));
    EXPECT_TRUE(unread.empty());
    EXPECT_EQ(unread.size(), 0U);
}

TEST(unread_bytes, what_comes_later_comes_behind) {
    UnreadBytes unread;
    unread.keep(test::bytes_of("abc"));
    unread.keep(unread.rest().subspan(1));
    unread.keep(test::bytes_of("def"));
    EXPECT_EQ(rest_of(unread), test::bytes_of("bcdef"));
    EXPECT_GE(unread.held(), 6U);
}

}  // namespace
}  // namespace wsecho::runtime
