// Messages that wait whole: which go for want of room, of time, or for a newer one.
#include "runtime/backlog.h"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <string>

namespace wsecho::runtime {
namespace {

using namespace std::chrono_literals;

const TimePoint start{1h};

void put(Backlog<std::string>& backlog, const std::string& message,
         const WaitingTerms& terms = {}) {
    backlog.put(message, message.size(), terms);
}

std::string take_all(Backlog<std::string>& backlog) {
    std::string all;
    while (!backlog.empty())
        all += backlog.take() + " ";
    return all;
}

TEST(backlog, messages_without_terms_leave_as_they_came) {
    Backlog<std::string> backlog;
    for (const char* message : {"a", "bb", "ccc"})
        put(backlog, message);
    EXPECT_EQ(backlog.size(), 3U);
    EXPECT_EQ(backlog.bytes(), 6U);
    EXPECT_EQ(take_all(backlog), "a bb ccc ");
    EXPECT_EQ(backlog.bytes(), 0U);
}

TEST(backlog, a_newer_message_of_a_key_takes_the_place_of_the_one_that_waits) {
    Backlog<std::string> backlog;
    put(backlog, "old", {.key = 7});
    put(backlog, "between");
    const Dropped replaced = backlog.put("newer", 5, {.key = 7});
    EXPECT_EQ(replaced.messages, 1U);
    EXPECT_EQ(replaced.bytes, 3U);
    EXPECT_EQ(backlog.bytes(), 12U);
    EXPECT_EQ(take_all(backlog), "newer between ");
}

TEST(backlog, once_it_has_left_nothing_is_replaced) {
    Backlog<std::string> backlog;
    put(backlog, "old", {.key = 7});
    EXPECT_EQ(backlog.bytes_of(7), 3U);
    EXPECT_EQ(backlog.take(), "old");
    EXPECT_EQ(backlog.bytes_of(7), 0U);
    EXPECT_EQ(backlog.put("new", 3, {.key = 7}).messages, 0U);
    EXPECT_EQ(take_all(backlog), "new ");
}

TEST(backlog, the_oldest_go_until_there_is_room_enough) {
    Backlog<std::string> backlog;
    for (const char* message : {"aa", "bb", "cc"})
        put(backlog, message);
    const Dropped dropped = backlog.drop_oldest(3);
    EXPECT_EQ(dropped.messages, 2U);
    EXPECT_EQ(dropped.bytes, 4U);
    EXPECT_EQ(backlog.drop_oldest(100).messages, 1U) << "there is no more";
    EXPECT_TRUE(backlog.empty());
}

TEST(backlog, a_message_whose_time_is_over_goes_from_wherever_it_is) {
    Backlog<std::string> backlog;
    put(backlog, "first");
    put(backlog, "short", {.deadline = start + 1s});
    put(backlog, "long", {.deadline = start + 1min});
    EXPECT_EQ(backlog.drop_late(start).messages, 0U);
    EXPECT_EQ(backlog.drop_late(start + 1s).bytes, 5U);
    EXPECT_EQ(take_all(backlog), "first long ");
}

TEST(backlog, a_newer_message_of_a_key_has_its_own_deadline) {
    Backlog<std::string> backlog;
    put(backlog, "short", {.key = 1, .deadline = start + 1s});
    put(backlog, "for ever", {.key = 1});
    EXPECT_EQ(backlog.drop_late(start + 1h).messages, 0U);
    EXPECT_EQ(take_all(backlog), "for ever ");
}

// The same by the plainest of means.
struct Model {
    struct Item {
        int message;
        std::size_t bytes;
        WaitingTerms terms;
    };
    std::deque<Item> items;

    template <class Goes>
    Dropped drop_if(Goes&& goes) {
        Dropped dropped;
        std::erase_if(items, [&](const Item& item) {
            if (!goes(item)) return false;
            ++dropped.messages;
            dropped.bytes += item.bytes;
            return true;
        });
        return dropped;
    }
    Dropped put(const Item& item) {
        for (Item& each : items)
            if (item.terms.key != 0 && each.terms.key == item.terms.key) {
                const Dropped replaced{1, each.bytes};
                each = item;
                return replaced;
            }
        items.push_back(item);
        return {};
    }
    Dropped drop_oldest(std::size_t bytes) {
        std::size_t freed = 0;
        return drop_if([&](const Item& item) {
            if (freed >= bytes) return false;
            freed += item.bytes;
            return true;
        });
    }
};

void expect_same(const Dropped& real, const Dropped& model) {
    ASSERT_EQ(real.messages, model.messages);
    ASSERT_EQ(real.bytes, model.bytes);
}

TEST(backlog, under_random_use_it_does_as_a_simple_model) {
    std::mt19937_64 random{20261127};
    Backlog<int> backlog;
    Model model;
    TimePoint now = start;
    for (int turn = 0; turn < 20'000; ++turn) {
        now += std::chrono::milliseconds{random() % 10};
        switch (random() % 8) {
            case 0:
                expect_same(backlog.drop_late(now), model.drop_if([&](const Model::Item& item) {
                    return now >= item.terms.deadline;
                }));
                break;
            case 1: {
                const std::size_t bytes = random() % 300;
                expect_same(backlog.drop_oldest(bytes), model.drop_oldest(bytes));
                break;
            }
            case 2:
                if (model.items.empty()) break;
                ASSERT_EQ(backlog.take(), model.items.front().message);
                model.items.pop_front();
                break;
            default: {
                Model::Item item{turn, random() % 100 + 1, {}};
                if (random() % 2 == 0) item.terms.key = random() % 20;
                if (random() % 2 == 0)
                    item.terms.deadline = now + std::chrono::milliseconds{random() % 200};
                expect_same(backlog.put(item.message, item.bytes, item.terms), model.put(item));
            }
        }
        ASSERT_EQ(backlog.size(), model.items.size());
        std::size_t bytes = 0;
        for (const Model::Item& item : model.items)
            bytes += item.bytes;
        ASSERT_EQ(backlog.bytes(), bytes);
    }
}

}  // namespace
}  // namespace wsecho::runtime
