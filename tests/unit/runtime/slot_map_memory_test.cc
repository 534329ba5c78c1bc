// The slot map when memory runs out, at each of its allocations in turn.
#include <gtest/gtest.h>

#include <array>
#include <new>

#include "runtime/slot_map.h"
#include "scarce_memory.h"

namespace wsecho::runtime {
namespace {

struct Thing {
    SlotKey key;
};
using Map = SlotMap<Thing>;

constexpr std::uint32_t slots = 40;

Thing* add(Map& map) {
    return map.insert([](SlotKey key) { return std::make_unique<Thing>(Thing{key}); });
}

// False where memory ran out.
bool add_with(int allocations, Map& map) {
    const test::ScarceMemory scarce{allocations};
    try {
        add(map);
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}

TEST(slot_map_memory, an_insert_that_ran_out_of_memory_leaves_the_map_as_it_was) {
    int failures = 0;
    for (int allocations = 0; allocations < 10; ++allocations) {
        Map map{slots};
        for (std::size_t living = 0; living < slots; ++living) {
            if (!add_with(allocations, map)) {
                ++failures;
                ASSERT_EQ(map.size(), living) << "after " << allocations << " allocations";
                ASSERT_NE(add(map), nullptr) << "with memory back";
            }
            ASSERT_EQ(map.size(), living + 1);
        }
        EXPECT_EQ(add(map), nullptr) << "no slot is there twice";
    }
    EXPECT_GE(failures, static_cast<int>(slots)) << "memory must have run out";
}

TEST(slot_map_memory, a_value_is_taken_out_without_any) {
    Map map{slots};
    std::array<SlotKey, slots> keys;
    for (SlotKey& key : keys)
        key = add(map)->key;
    {
        const test::ScarceMemory scarce{0};
        for (const SlotKey key : keys)
            ASSERT_NO_THROW(map.extract(key));
    }
    EXPECT_EQ(map.size(), 0U);
}

}  // namespace
}  // namespace wsecho::runtime
