// Time as the core speaks of it: monotonic, in nanoseconds, always passed in. Pure.
#pragma once

#include <chrono>

namespace wsecho::runtime {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

}  // namespace wsecho::runtime
