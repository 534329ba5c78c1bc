// The slot map when memory runs out at each of its allocations in turn. This file replaces the
// executable's operator new: it fails when it is told to.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <vector>

#include "runtime/slot_map.h"

namespace {

// Allocations of this thread that still succeed; negative: all do.
thread_local int allocations_left = -1;

}  // namespace

void* operator new(std::size_t size) {
    if (allocations_left == 0) throw std::bad_alloc{};
    if (allocations_left > 0) --allocations_left;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t /*size*/) noexcept {
    std::free(memory);
}

namespace wsecho::runtime {
namespace {

struct Thing {
    SlotKey key;
};

// False where memory ran out.
bool insert(SlotMap<Thing>& map) {
    try {
        map.insert([](SlotKey key) { return std::make_unique<Thing>(Thing{key}); });
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

TEST(slot_map_memory, an_insert_that_ran_out_of_memory_leaves_the_map_as_it_was) {
    constexpr std::size_t slots = 40;
    int failures = 0;
    for (int allowed = 0; allowed < 10; ++allowed) {
        SlotMap<Thing> map{slots};
        for (std::size_t living = 0; living < slots; ++living) {
            allocations_left = allowed;
            const bool inserted = insert(map);
            allocations_left = -1;
            if (!inserted) {
                ++failures;
                ASSERT_EQ(map.size(), living) << "after " << allowed << " allocations";
                ASSERT_TRUE(insert(map)) << "with memory back";
            }
            ASSERT_EQ(map.size(), living + 1);
        }
        EXPECT_EQ(map.insert([](SlotKey key) { return std::make_unique<Thing>(Thing{key}); }),
                  nullptr)
            << "no slot was lost, and none was made twice";
    }
    EXPECT_GE(failures, static_cast<int>(slots)) << "memory must have run out";
}

TEST(slot_map_memory, a_value_is_taken_out_without_any_memory) {
    SlotMap<Thing> map{40};
    std::vector<SlotKey> keys;
    for (int i = 0; i < 40; ++i)
        keys.push_back(
            map.insert([](SlotKey key) { return std::make_unique<Thing>(Thing{key}); })->key);
    allocations_left = 0;
    bool ran_out = false;
    try {
        for (const SlotKey key : keys)
            map.extract(key);
    } catch (const std::bad_alloc&) {
        ran_out = true;
    }
    allocations_left = -1;
    EXPECT_FALSE(ran_out);
    EXPECT_EQ(map.size(), 0U);
}

}  // namespace
}  // namespace wsecho::runtime
