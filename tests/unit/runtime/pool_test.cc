// Objects in slabs: each in a place of its own for its whole life, and memory that follows need.
#include "runtime/pool.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <new>
#include <random>
#include <set>
#include <stdexcept>
#include <vector>

#include "scarce_memory.h"

namespace wsecho::runtime {
namespace {

constexpr std::size_t small_slab = 64UL * 1024;

struct alignas(64) Thing {
    explicit Thing(std::uint64_t number_, std::shared_ptr<int> shared_ = {})
        : number(number_), shared(std::move(shared_)), copy(number_) {}
    std::uint64_t number;
    std::shared_ptr<int> shared;
    std::array<std::uint64_t, 40> rest{};
    std::uint64_t copy;

    [[nodiscard]] bool whole() const { return number == copy; }
};

// Gives memory, and knows how much of it is out.
class Memory : public std::pmr::memory_resource {
  public:
    [[nodiscard]] std::size_t bytes() const { return bytes_; }
    [[nodiscard]] int allocations() const { return allocations_; }
    void run_out() { has_run_out_ = true; }
    void recover() { has_run_out_ = false; }

  private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (has_run_out_) throw std::bad_alloc{};
        void* start = source_->allocate(bytes, alignment);
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(start) % alignment, 0U);
        bytes_ += bytes;
        ++allocations_;
        return start;
    }
    void do_deallocate(void* start, std::size_t bytes, std::size_t alignment) override {
        bytes_ -= bytes;
        source_->deallocate(start, bytes, alignment);
    }
    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override {
        return this == &other;
    }

    std::pmr::memory_resource* source_ = std::pmr::new_delete_resource();
    std::size_t bytes_ = 0;
    int allocations_ = 0;
    bool has_run_out_ = false;
};

using Things = Pool<Thing>;

std::vector<Things::Holder> make(Things& pool, std::uint64_t count) {
    std::vector<Things::Holder> things;
    for (std::uint64_t i = 0; i < count; ++i)
        things.push_back(pool.make(i));
    return things;
}

TEST(pool, each_object_has_a_place_of_its_own) {
    Memory memory;
    Things pool{memory};
    const auto things = make(pool, 20'000);
    std::set<const Thing*> places;
    for (std::uint64_t i = 0; i < things.size(); ++i) {
        ASSERT_EQ(things[i]->number, i);
        ASSERT_TRUE(things[i]->whole());
        ASSERT_EQ(reinterpret_cast<std::uintptr_t>(things[i].get()) % alignof(Thing), 0U);
        places.insert(things[i].get());
    }
    EXPECT_EQ(places.size(), things.size());
}

TEST(pool, an_object_ends_with_its_holder) {
    Memory memory;
    Things pool{memory};
    const auto shared = std::make_shared<int>(1);
    auto thing = pool.make(1U, shared);
    EXPECT_EQ(shared.use_count(), 2);
    thing.reset();
    EXPECT_EQ(shared.use_count(), 1);
}

TEST(pool, few_objects_take_little_memory_and_none_takes_none) {
    Memory memory;
    Things pool{memory};
    EXPECT_EQ(memory.bytes(), 0U);
    const auto things = make(pool, 100);
    EXPECT_EQ(memory.bytes(), small_slab);
}

TEST(pool, many_objects_take_little_more_than_their_size) {
    Memory memory;
    Things pool{memory};
    const auto things = make(pool, 50'000);
    EXPECT_LE(memory.bytes(), things.size() * sizeof(Thing) + 2 * huge_slab_bytes);
}

TEST(pool, memory_goes_back_when_a_peak_is_over) {
    Memory memory;
    Things pool{memory};
    auto things = make(pool, 50'000);
    things.resize(50);  // the first: they share a slab
    EXPECT_LE(memory.bytes(), small_slab + huge_slab_bytes);
    things.clear();
    EXPECT_EQ(memory.bytes(), small_slab);
}

TEST(pool, one_that_comes_and_goes_asks_for_no_memory_anew) {
    Memory memory;
    Things pool{memory};
    const auto full = make(pool, small_slab / sizeof(Thing));
    ASSERT_EQ(memory.bytes(), small_slab);
    const Thing* first = nullptr;
    {
        const auto guest = pool.make(0U);
        first = guest.get();
    }
    const auto allocations = memory.allocations();
    std::set<const Thing*> places;
    for (int i = 0; i < 100; ++i) {
        const auto guest = pool.make(0U);
        places.insert(guest.get());
        EXPECT_EQ(memory.allocations(), allocations);
    }
    EXPECT_FALSE(places.contains(first)) << "taken again while others are free";
}

TEST(pool, a_place_is_taken_again_once_no_other_is_free) {
    Memory memory;
    Things pool{memory};
    auto things = make(pool, small_slab / sizeof(Thing));
    std::set<const Thing*> free;
    for (const std::size_t i : {5U, 3U, 70U}) {
        free.insert(things[i].get());
        things[i].reset();
    }
    for (const std::size_t i : {70U, 5U, 3U}) {
        things[i] = pool.make(i);
        EXPECT_EQ(free.erase(things[i].get()), 1U);
    }
    EXPECT_EQ(memory.bytes(), small_slab);
}

struct Refuses {
    Refuses() { throw std::runtime_error{"no"}; }
};

TEST(pool, a_constructor_that_throws_leaves_its_place_free) {
    Memory memory;
    Pool<Refuses> pool{memory};
    for (int i = 0; i < 100'000; ++i)
        ASSERT_THROW(static_cast<void>(pool.make()), std::runtime_error);
    EXPECT_EQ(memory.bytes(), small_slab);
}

TEST(pool, one_that_ran_out_of_memory_is_as_it_was) {
    Memory memory;
    Things pool{memory};
    {
        const test::ScarceMemory scarce{0};
        EXPECT_THROW(static_cast<void>(pool.make(0U)), std::bad_alloc);
    }
    EXPECT_EQ(memory.bytes(), 0U);
    EXPECT_TRUE(pool.make(7U)->whole());
}

TEST(pool, without_memory_for_another_slab_those_that_are_there_go_on) {
    Memory memory;
    Things pool{memory};
    auto things = make(pool, small_slab / sizeof(Thing));
    memory.run_out();
    EXPECT_THROW(static_cast<void>(pool.make(0U)), std::bad_alloc);
    things.pop_back();
    things.push_back(pool.make(7U));
    EXPECT_EQ(things.back()->number, 7U);
    memory.recover();
    things.push_back(pool.make(8U));
    for (const auto& thing : things)
        EXPECT_TRUE(thing->whole());
}

TEST(pool, all_memory_goes_back_at_the_end) {
    Memory memory;
    {
        Things pool{memory};
        make(pool, 20'000);
    }
    EXPECT_EQ(memory.bytes(), 0U);
}

TEST(pool, whatever_comes_and_goes_keeps_what_is_its_own) {
    std::mt19937 random{20'261'124};
    Memory memory;
    Things pool{memory};
    std::vector<Things::Holder> things;
    std::uint64_t next = 0;
    for (int step = 0; step < 200'000; ++step) {
        const bool grows = step / 20'000 % 2 == 0;
        if (things.empty() || random() % 10 < (grows ? 7U : 3U)) {
            things.push_back(pool.make(next++));
            continue;
        }
        std::swap(things[random() % things.size()], things.back());
        ASSERT_TRUE(things.back()->whole());
        things.pop_back();
    }
    std::set<std::uint64_t> numbers;
    for (const auto& thing : things) {
        ASSERT_TRUE(thing->whole());
        numbers.insert(thing->number);
    }
    EXPECT_EQ(numbers.size(), things.size());
}

}  // namespace
}  // namespace wsecho::runtime
