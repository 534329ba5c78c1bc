// Memory from the kernel: whole, zeroed, aligned where it matters, and gone when given back.
#include "engine/page_memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <memory_resource>
#include <new>
#include <span>

namespace wsecho::engine {
namespace {

using runtime::huge_slab_bytes;
using runtime::page_bytes;

// While it lives, so much memory.
class Taken {
  public:
    Taken(std::size_t bytes, std::size_t alignment)
        : bytes_(bytes), alignment_(alignment), start_(source_.allocate(bytes, alignment)) {}
    Taken(const Taken&) = delete;
    Taken& operator=(const Taken&) = delete;
    ~Taken() { source_.deallocate(start_, bytes_, alignment_); }

    [[nodiscard]] void* start() const { return start_; }
    [[nodiscard]] std::span<std::byte> bytes() const {
        return {static_cast<std::byte*>(start_), bytes_};
    }

  private:
    PageMemory source_;
    std::size_t bytes_;
    std::size_t alignment_;
    void* start_;
};

bool is_mapped(void* address) {
    unsigned char resident = 0;
    return ::mincore(address, page_bytes, &resident) == 0 || errno != ENOMEM;
}

TEST(page_memory, is_zeroed_and_can_be_written_from_end_to_end) {
    for (const std::size_t bytes : {page_bytes, 16 * page_bytes, huge_slab_bytes}) {
        const Taken taken{bytes, bytes == huge_slab_bytes ? bytes : page_bytes};
        const auto memory = taken.bytes();
        EXPECT_EQ(std::ranges::count(memory, std::byte{0}), static_cast<std::ptrdiff_t>(bytes));
        memory.front() = memory.back() = std::byte{1};
    }
}

TEST(page_memory, huge_slabs_are_aligned_to_their_size) {
    for (int i = 0; i < 4; ++i) {
        const Taken ordinary{page_bytes, page_bytes};  // between them, so that it is no accident
        const Taken huge{huge_slab_bytes, huge_slab_bytes};
        EXPECT_EQ(reinterpret_cast<std::uintptr_t>(huge.start()) % huge_slab_bytes, 0U);
    }
}

TEST(page_memory, goes_back_to_the_kernel) {
    for (const std::size_t bytes : {page_bytes, huge_slab_bytes}) {
        void* start = nullptr;
        {
            const Taken taken{bytes, bytes};
            start = taken.start();
            EXPECT_TRUE(is_mapped(start));
        }
        EXPECT_FALSE(is_mapped(start));
    }
}

TEST(page_memory, more_than_there_is_throws) {
    constexpr std::size_t too_much = std::size_t{1} << 62U;
    EXPECT_THROW(Taken(too_much, page_bytes), std::bad_alloc);
    EXPECT_THROW(Taken(too_much, huge_slab_bytes), std::bad_alloc);
}

TEST(page_memory, what_one_has_given_another_takes_back) {
    const PageMemory one;
    const PageMemory other;
    EXPECT_TRUE(one.is_equal(other));
    EXPECT_FALSE(one.is_equal(*std::pmr::new_delete_resource()));
}

}  // namespace
}  // namespace wsecho::engine
