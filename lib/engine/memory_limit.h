// How much memory this process may have.
#pragma once

#include <cstddef>

namespace wsecho::engine {

// The least of what the machine has, what the control group of the process is given (cgroup v2 or
// v1, as a container sees its own) and RLIMIT_AS.
std::size_t memory_limit();

}  // namespace wsecho::engine
