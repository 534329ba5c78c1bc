// A channel's history: what is kept within each bound, what a look back gives, and what it says
// of the rest.
#include "runtime/history.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{12345ms + 7ns};
constexpr HistoryBounds wide{1000, 1'000'000, 1h};

using Texts = History<std::string>;

struct Replay {
    std::string found;  // "3c 4d "
    Texts::Since since;
};

Replay replay(Texts& history, std::uint64_t sequence, TimePoint now = start) {
    Replay result;
    result.since = history.since(sequence, now, [&](std::uint64_t number, const std::string& item) {
        result.found += std::to_string(number) + item + ' ';
    });
    return result;
}

void append_letters(Texts& history, std::string_view letters, TimePoint now = start) {
    for (const char letter : letters)
        history.append(std::string{letter}, 1, now);
}

TEST(history, items_are_numbered_in_a_row_from_one) {
    Texts history{wide};
    EXPECT_EQ(history.newest(), 0U);
    for (std::uint64_t number = 1; number <= 100; ++number) {
        EXPECT_EQ(history.append("x", 1, start), number);
        EXPECT_EQ(history.newest(), number);
    }
}

TEST(history, who_comes_back_gets_what_came_after_the_last_it_has) {
    Texts history{wide};
    append_letters(history, "abcd");
    const Replay some = replay(history, 2);
    EXPECT_EQ(some.found, "3c 4d ");
    EXPECT_EQ(some.since.first_available, 1U);
    EXPECT_EQ(some.since.newest, 4U);
    EXPECT_TRUE(some.since.complete);
    EXPECT_EQ(replay(history, 0).found, "1a 2b 3c 4d ");
    EXPECT_TRUE(replay(history, 0).since.complete);
}

TEST(history, who_has_the_newest_gets_nothing_and_misses_nothing) {
    Texts history{wide};
    append_letters(history, "abcd");
    EXPECT_EQ(replay(history, 4).found, "");
    EXPECT_TRUE(replay(history, 4).since.complete);
}

TEST(history, before_the_first_item_there_is_nothing_to_miss) {
    Texts history{wide};
    const Replay none = replay(history, 0);
    EXPECT_EQ(none.found, "");
    EXPECT_EQ(none.since.first_available, 1U);
    EXPECT_EQ(none.since.newest, 0U);
    EXPECT_TRUE(none.since.complete);
}

// A server that began anew: what that peer has is of the time before.
TEST(history, a_number_that_was_not_given_yet_is_not_complete) {
    Texts history{wide};
    append_letters(history, "abcd");
    for (const std::uint64_t number : {std::uint64_t{5}, std::uint64_t{1000}, UINT64_MAX}) {
        EXPECT_EQ(replay(history, number).found, "");
        EXPECT_FALSE(replay(history, number).since.complete);
    }
}

TEST(history, beyond_the_count_the_oldest_go_and_it_is_said) {
    Texts history{{3, 1000, 1h}};
    append_letters(history, "abcde");
    const Replay all = replay(history, 0);
    EXPECT_EQ(all.found, "3c 4d 5e ");
    EXPECT_EQ(all.since.first_available, 3U);
    EXPECT_FALSE(all.since.complete);
    EXPECT_FALSE(replay(history, 1).since.complete);
    EXPECT_TRUE(replay(history, 2).since.complete) << "the third is the next one";
    EXPECT_EQ(replay(history, 2).found, "3c 4d 5e ");
}

TEST(history, beyond_the_bytes_as_many_of_the_oldest_go_as_are_needed) {
    Texts history{{100, 10, 1h}};
    history.append("a", 4, start);
    history.append("b", 4, start);
    history.append("c", 2, start);
    EXPECT_EQ(history.bytes(), 10U);
    EXPECT_EQ(replay(history, 0).found, "1a 2b 3c ");
    history.append("d", 5, start);
    EXPECT_EQ(history.bytes(), 7U);
    EXPECT_EQ(replay(history, 0).found, "3c 4d ");
    history.append("e", 10, start);
    EXPECT_EQ(replay(history, 0).found, "5e ");
}

TEST(history, an_item_is_kept_for_its_age_and_no_longer) {
    Texts history{{100, 100, 1min}};
    append_letters(history, "a", start);
    append_letters(history, "b", start + 10s);
    EXPECT_EQ(replay(history, 0, start + 1min - 1ns).found, "1a 2b ");
    const Replay later = replay(history, 0, start + 1min);
    EXPECT_EQ(later.found, "2b ");
    EXPECT_FALSE(later.since.complete);
    EXPECT_TRUE(replay(history, 1, start + 1min).since.complete);
    const Replay last = replay(history, 1, start + 70s);
    EXPECT_EQ(last.found, "");
    EXPECT_EQ(last.since.first_available, 3U);
    EXPECT_FALSE(last.since.complete);
    EXPECT_TRUE(replay(history, 2, start + 70s).since.complete);
}

TEST(history, an_append_drops_what_is_too_old_by_then) {
    Texts history{{100, 100, 1min}};
    append_letters(history, "abc", start);
    append_letters(history, "d", start + 2min);
    EXPECT_EQ(history.size(), 1U);
    EXPECT_EQ(history.bytes(), 1U);
}

TEST(history, an_item_larger_than_all_bytes_is_counted_but_leaves_no_gap_behind) {
    Texts history{{100, 10, 1h}};
    append_letters(history, "ab");
    EXPECT_EQ(history.append("large", 11, start), 3U);
    EXPECT_EQ(history.size(), 0U);
    EXPECT_EQ(history.bytes(), 0U);
    append_letters(history, "d");
    const Replay before = replay(history, 1);
    EXPECT_EQ(before.found, "4d ");
    EXPECT_EQ(before.since.first_available, 4U);
    EXPECT_FALSE(before.since.complete);
    EXPECT_TRUE(replay(history, 3).since.complete);
    EXPECT_EQ(history.append("huge", SIZE_MAX, start), 5U);
    EXPECT_EQ(history.size(), 0U);
}

TEST(history, with_a_bound_of_nothing_the_numbers_go_on_and_no_memory_is_taken) {
    for (const HistoryBounds& none :
         {HistoryBounds{}, HistoryBounds{0, 100, 1h}, HistoryBounds{100, 0, 1h},
          HistoryBounds{100, 100, 0s}, HistoryBounds{100, 100, -1s}}) {
        Texts history{none};
        append_letters(history, "abc");
        EXPECT_EQ(history.append("", 0, start), 4U);
        EXPECT_EQ(history.capacity(), 0U);
        EXPECT_EQ(replay(history, 3).found, "");
        EXPECT_FALSE(replay(history, 3).since.complete);
        EXPECT_TRUE(replay(history, 4).since.complete);
    }
}

TEST(history, the_ring_grows_by_doubling_up_to_the_count_and_no_further) {
    Texts history{{100, 1000, 1h}};
    std::size_t before = 0;
    int growths = 0;
    for (std::size_t i = 1; i <= 1000; ++i) {
        history.append("x", 1, start);
        ASSERT_GE(history.capacity(), history.size());
        ASSERT_LE(history.capacity(), std::max<std::size_t>(8, 2 * i));
        growths += history.capacity() != before ? 1 : 0;
        before = history.capacity();
    }
    EXPECT_EQ(before, 100U);
    EXPECT_LE(growths, 5);
}

TEST(history, an_empty_ring_holds_no_memory) {
    Texts history{{100, 100, 1min}};
    append_letters(history, "abc", start);
    history.drop_old(start + 1min - 1ns);
    EXPECT_EQ(history.size(), 3U);
    history.drop_old(start + 1min);
    EXPECT_EQ(history.size(), 0U);
    EXPECT_EQ(history.bytes(), 0U);
    EXPECT_EQ(history.capacity(), 0U);
    append_letters(history, "d", start + 2min);
    EXPECT_EQ(replay(history, 3, start + 2min).found, "4d ");
}

// Not only when its place is taken again, or the ring goes.
TEST(history, an_item_that_is_dropped_ends_at_once) {
    History<std::shared_ptr<int>> history{{100, 10, 1min}};
    const auto item = std::make_shared<int>(5);
    history.append(item, 4, start);
    history.append(item, 4, start);
    history.append(item, 1, start + 1s);
    history.append(nullptr, 1, start + 2s);
    EXPECT_EQ(item.use_count(), 4);
    history.append(nullptr, 4, start + 2s);
    EXPECT_EQ(item.use_count(), 3) << "no room for its bytes";
    history.drop_old(start + 1min);
    EXPECT_EQ(item.use_count(), 2) << "too old";
    history.append(item, 1, start + 1min);
    EXPECT_EQ(item.use_count(), 3);
    history.append(nullptr, 11, start + 1min);
    EXPECT_EQ(item.use_count(), 1) << "before one larger than all";
}

TEST(history, items_need_not_be_copyable) {
    History<std::unique_ptr<int>> history{wide};
    for (int i = 1; i <= 20; ++i)
        history.append(std::make_unique<int>(i), 1, start);
    int sum = 0;
    history.since(10, start,
                  [&sum](std::uint64_t, const std::unique_ptr<int>& item) { sum += *item; });
    EXPECT_EQ(sum, 155);
}

// The same rules in the plainest words, on a deque.
struct ModelHistory {
    struct Entry {
        std::uint64_t sequence;
        std::size_t bytes;
        TimePoint appended;
    };

    void append(std::size_t bytes, TimePoint now) {
        ++newest;
        if (bounds.items == 0 || bounds.bytes == 0 || bounds.age == 0s) return;
        entries.push_back({newest, bytes, now});
        while (total() > bounds.bytes || entries.size() > bounds.items)
            entries.pop_front();
        drop_old(now);
    }
    void drop_old(TimePoint now) {
        while (!entries.empty() && entries.front().appended + bounds.age <= now)
            entries.pop_front();
    }
    [[nodiscard]] std::size_t total() const {
        std::size_t sum = 0;
        for (const Entry& entry : entries)
            sum += entry.bytes;
        return sum;
    }

    HistoryBounds bounds;
    std::deque<Entry> entries{};
    std::uint64_t newest = 0;
};

void expect_same(History<std::uint64_t>& history, const ModelHistory& model, std::uint64_t sequence,
                 TimePoint now) {
    std::vector<std::uint64_t> expected;
    for (const auto& entry : model.entries)
        if (entry.sequence > sequence) expected.push_back(entry.sequence);
    std::vector<std::uint64_t> found;
    const auto since = history.since(sequence, now, [&](std::uint64_t number, std::uint64_t item) {
        ASSERT_EQ(item, number * 7) << "the item of another number";
        found.push_back(number);
    });
    ASSERT_EQ(found, expected);
    ASSERT_EQ(since.newest, model.newest);
    ASSERT_EQ(since.first_available,
              model.entries.empty() ? model.newest + 1 : model.entries.front().sequence);
    ASSERT_EQ(since.complete, sequence <= model.newest && found.size() == model.newest - sequence);
    ASSERT_EQ(history.bytes(), model.total());
    ASSERT_EQ(history.size(), model.entries.size());
    ASSERT_LE(history.capacity(), model.bounds.items);
}

TEST(history, under_random_use_it_agrees_with_a_deque) {
    std::mt19937_64 random{17};
    for (int round = 0; round < 200; ++round) {
        const HistoryBounds bounds{random() % 60, random() % 500, (random() % 60) * 1s};
        History<std::uint64_t> history{bounds};
        ModelHistory model{bounds};
        TimePoint now = start;
        for (int turn = 0; turn < 300; ++turn) {
            now += (random() % 100 == 0 ? 60'000 : random() % 2000) * 1ms;
            if (random() % 4 != 0) {
                const std::size_t bytes = random() % (random() % 50 == 0 ? 600 : 30);
                const std::uint64_t number = history.append((model.newest + 1) * 7, bytes, now);
                model.append(bytes, now);
                ASSERT_EQ(number, model.newest);
            } else {
                history.drop_old(now);
                model.drop_old(now);
            }
            expect_same(history, model, random() % (model.newest + 3), now);
            if (testing::Test::HasFatalFailure()) FAIL() << round << ", turn " << turn;
        }
    }
}

TEST(history, one_that_begins_late_goes_on_with_the_numbers) {
    Texts history{wide, 41};
    EXPECT_EQ(history.newest(), 41U);
    EXPECT_TRUE(replay(history, 41).since.complete);
    EXPECT_FALSE(replay(history, 40).since.complete);
    append_letters(history, "ab");
    EXPECT_EQ(replay(history, 0).found, "42a 43b ");
    EXPECT_EQ(replay(history, 0).since.first_available, 42U);
    EXPECT_FALSE(replay(history, 0).since.complete);
    EXPECT_TRUE(replay(history, 42).since.complete);
}

}  // namespace
}  // namespace wsecho::runtime
