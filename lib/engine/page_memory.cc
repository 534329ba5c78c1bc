#include "engine/page_memory.h"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace wsecho::engine {

namespace {

std::byte* map(std::size_t bytes) {
    void* start =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw std::bad_alloc{};
    return static_cast<std::byte*>(start);
}

// mmap() aligns to a page: more is mapped, and what lies around the aligned part let go.
std::byte* map_aligned(std::size_t bytes, std::size_t alignment) {
    std::byte* start = map(bytes + alignment);
    const std::size_t before = -reinterpret_cast<std::uintptr_t>(start) % alignment;
    if (before > 0) ::munmap(start, before);
    ::munmap(start + before + bytes, alignment - before);
    return start + before;
}

}  // namespace

void* PageMemory::do_allocate(std::size_t bytes, std::size_t alignment) {
    if (alignment <= runtime::page_bytes) return map(bytes);
    std::byte* start = map_aligned(bytes, alignment);
    // Where that is refused, ordinary pages do.
    if (alignment == runtime::huge_slab_bytes) ::madvise(start, bytes, MADV_HUGEPAGE);
    return start;
}

void PageMemory::do_deallocate(void* start, std::size_t bytes, std::size_t /*alignment*/) {
    ::munmap(start, bytes);
}

bool PageMemory::do_is_equal(const memory_resource& other) const noexcept {
    return dynamic_cast<const PageMemory*>(&other) != nullptr;
}

}  // namespace wsecho::engine
