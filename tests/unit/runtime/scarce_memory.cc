// The executable's operator new and delete are replaced here, in a file of their own: a compiler
// that sees them from where they are used takes malloc and delete for a mismatch.
#include "scarce_memory.h"

#include <cstdlib>
#include <new>

namespace {

thread_local int allocations_left = -1;  // negative: as many as there are

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

namespace wsecho::test {

ScarceMemory::ScarceMemory(int allocations) noexcept {
    allocations_left = allocations;
}

ScarceMemory::~ScarceMemory() {
    allocations_left = -1;
}

}  // namespace wsecho::test
