#include "engine/memory_limit.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>

namespace wsecho::engine {

namespace {

constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

// A number in a file of its own; "max" and whatever else is none are no limit.
std::size_t number_in(const char* path) {
    std::ifstream file{path};
    std::size_t number = 0;
    return file >> number ? number : no_limit;
}

std::size_t physical_memory() {
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long page_size = ::sysconf(_SC_PAGESIZE);
    return pages > 0 && page_size > 0
               ? static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_size)
               : no_limit;
}

std::size_t address_space() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return no_limit;
    return limit.rlim_cur;
}

}  // namespace

std::size_t memory_limit() {
    return std::min({physical_memory(), address_space(), number_in("/sys/fs/cgroup/memory.max"),
                     number_in("/sys/fs/cgroup/memory/memory.limit_in_bytes")});
}

}  // namespace wsecho::engine
