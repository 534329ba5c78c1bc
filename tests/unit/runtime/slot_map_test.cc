// Keys that outlive their values: they find nothing, never another value.
#include "runtime/slot_map.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <stdexcept>
#include <string>

namespace wsecho::runtime {
namespace {

struct Thing {
    SlotKey key;
    std::string name;
};
using Map = SlotMap<Thing>;

// Null when there was no room.
Thing* add(Map& map, const std::string& name) {
    return map.insert([&](SlotKey key) { return std::make_unique<Thing>(Thing{key, name}); });
}

std::set<std::string> names(Map& map) {
    std::set<std::string> found;
    map.for_each([&](const Thing& thing) { found.insert(thing.name); });
    return found;
}

TEST(slot_map, what_was_inserted_is_found_by_its_key) {
    Map map{10};
    const Thing* one = add(map, "one");
    const Thing* two = add(map, "two");
    ASSERT_NE(one, nullptr);
    EXPECT_EQ(map.find(one->key), one);
    EXPECT_EQ(map.find(two->key), two);
    EXPECT_NE(one->key, two->key);
    EXPECT_EQ(map.size(), 2U);
}

TEST(slot_map, no_key_has_generation_0) {
    Map map{10};
    for (int round = 0; round < 20; ++round) {
        const SlotKey key = add(map, "thing")->key;
        EXPECT_NE(key.generation, 0U);
        map.extract(key);
    }
    EXPECT_EQ(map.find(SlotKey{}), nullptr);
}

TEST(slot_map, a_key_is_stale_once_its_value_was_extracted) {
    Map map{10};
    const SlotKey key = add(map, "gone")->key;
    const auto thing = map.extract(key);
    EXPECT_EQ(thing->name, "gone");
    EXPECT_EQ(map.find(key), nullptr);
    EXPECT_EQ(map.extract(key), nullptr);
    EXPECT_EQ(map.size(), 0U);
}

TEST(slot_map, a_stale_key_does_not_find_who_came_after) {
    Map map{1};
    const SlotKey old = add(map, "old")->key;
    map.extract(old);
    const Thing* successor = add(map, "new");
    EXPECT_EQ(successor->key.index, old.index) << "the slot is used again";
    EXPECT_EQ(map.find(old), nullptr);
    EXPECT_EQ(map.extract(old), nullptr);
    EXPECT_EQ(map.find(successor->key), successor);
}

TEST(slot_map, a_guessed_key_of_a_free_slot_finds_nothing) {
    Map map{10};
    const SlotKey key = add(map, "gone")->key;
    map.extract(key);
    for (std::uint32_t generation = 0; generation < 10; ++generation) {
        EXPECT_EQ(map.find({key.index, generation}), nullptr);
        EXPECT_EQ(map.extract({key.index, generation}), nullptr);
    }
    EXPECT_NE(add(map, "next"), nullptr);
    EXPECT_EQ(map.size(), 1U);
}

TEST(slot_map, an_index_beyond_the_slots_finds_nothing) {
    Map map{10};
    add(map, "one");
    EXPECT_EQ(map.find({1, 1}), nullptr);
    EXPECT_EQ(map.find({UINT32_MAX, 1}), nullptr);
    EXPECT_EQ(map.extract({UINT32_MAX, 1}), nullptr);
}

TEST(slot_map, a_full_map_takes_no_more_until_something_leaves) {
    Map map{3};
    const SlotKey first = add(map, "a")->key;
    add(map, "b");
    add(map, "c");
    EXPECT_EQ(add(map, "d"), nullptr);
    EXPECT_EQ(map.size(), 3U);
    map.extract(first);
    EXPECT_NE(add(map, "d"), nullptr);
    EXPECT_EQ(add(map, "e"), nullptr);
    EXPECT_EQ(names(map), (std::set<std::string>{"b", "c", "d"}));
}

TEST(slot_map, a_map_of_no_slots_takes_nothing) {
    Map map{0};
    EXPECT_EQ(add(map, "a"), nullptr);
}

TEST(slot_map, a_value_that_could_not_be_made_leaves_the_slot_free) {
    Map map{1};
    const auto fail = [](SlotKey) -> std::unique_ptr<Thing> { throw std::runtime_error{"no"}; };
    EXPECT_THROW(map.insert(fail), std::runtime_error);
    EXPECT_EQ(map.size(), 0U);
    EXPECT_NE(add(map, "a"), nullptr);
}

TEST(slot_map, for_each_visits_the_living_only) {
    Map map{10};
    add(map, "a");
    const SlotKey gone = add(map, "b")->key;
    add(map, "c");
    map.extract(gone);
    EXPECT_EQ(names(map), (std::set<std::string>{"a", "c"}));
}

TEST(slot_map, values_do_not_move_when_the_map_grows) {
    Map map{10'000};
    Thing* first = add(map, "first");
    for (int i = 1; i < 10'000; ++i)
        add(map, "more");
    EXPECT_EQ(map.find(first->key), first);
}

TEST(slot_map, random_use_agrees_with_a_plain_map_and_never_repeats_a_key) {
    std::mt19937_64 random{42};
    Map map{50};
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> living;
    std::vector<SlotKey> ever;
    std::set<std::pair<std::uint32_t, std::uint32_t>> given;
    for (int round = 0; round < 20'000; ++round) {
        if (random() % 2 == 0) {
            const Thing* thing = add(map, std::to_string(round));
            ASSERT_EQ(thing == nullptr, living.size() == 50);
            if (thing == nullptr) continue;
            ASSERT_TRUE(given.emplace(thing->key.index, thing->key.generation).second);
            living[{thing->key.index, thing->key.generation}] = thing->name;
            ever.push_back(thing->key);
        } else if (!ever.empty()) {
            const SlotKey key = ever[random() % ever.size()];
            const auto entry = living.find({key.index, key.generation});
            const auto thing = map.extract(key);
            ASSERT_EQ(thing != nullptr, entry != living.end());
            if (thing == nullptr) continue;
            ASSERT_EQ(thing->name, entry->second);
            living.erase(entry);
        }
        ASSERT_EQ(map.size(), living.size());
    }
}

}  // namespace
}  // namespace wsecho::runtime
