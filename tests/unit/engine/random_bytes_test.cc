#include "engine/random_bytes.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace wsecho::engine {
namespace {

TEST(random_bytes, are_not_the_same_twice) {
    RandomBytes random;
    std::set<std::uint64_t> words;
    for (int i = 0; i < 1000; ++i)
        words.insert(random.word());
    EXPECT_EQ(words.size(), 1000U);
}

TEST(random_bytes, fill_more_than_is_fetched_at_once) {
    RandomBytes random;
    static_cast<void>(random.take<5>());
    std::vector<std::uint8_t> bytes(10000);
    random.fill(bytes);
    std::set<std::uint8_t> values{bytes.begin(), bytes.end()};
    EXPECT_EQ(values.size(), 256U) << "each is there, but for a chance of 1 in 10^14";
}

TEST(random_bytes, of_two_sources_differ) {
    RandomBytes one;
    RandomBytes other;
    EXPECT_NE(one.take<16>(), other.take<16>());
}

}  // namespace
}  // namespace wsecho::engine
