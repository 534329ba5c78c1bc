#include "crowd.h"

#include <malloc.h>

namespace {

// Fewer leave nothing that is worth the pages which are touched to look for it.
constexpr std::size_t crowd = 1000;

}  // namespace

void Crowd::one_came() noexcept {
    const std::size_t here = here_.fetch_add(1, std::memory_order_relaxed) + 1;
    std::size_t most = most_.load(std::memory_order_relaxed);
    while (most < here && !most_.compare_exchange_weak(most, here, std::memory_order_relaxed)) {
    }
}

void Crowd::one_left() noexcept {
    if (here_.fetch_sub(1, std::memory_order_relaxed) != 1) return;
    if (most_.exchange(0, std::memory_order_relaxed) < crowd) return;
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}
