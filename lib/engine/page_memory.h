// Memory straight from the kernel: resident only where it was touched, and gone when given back.
#pragma once

#include <cstddef>
#include <memory_resource>

#include "runtime/pool.h"

namespace wsecho::engine {

// For whole slabs. Those of huge_slab_bytes are backed by huge pages where the kernel has some to
// give (madvise(2), MADV_HUGEPAGE), and are then resident as a whole from the first touch on: one
// entry of the TLB serves all of it. From any thread.
class PageMemory final : public std::pmr::memory_resource {
  private:
    void* do_allocate(std::size_t bytes, std::size_t alignment) override;
    void do_deallocate(void* start, std::size_t bytes, std::size_t alignment) override;
    [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override;
};

}  // namespace wsecho::engine
