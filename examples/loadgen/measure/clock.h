// The one clock of the program, and the CPU time that the program itself has used.
#pragma once

#include <chrono>
#include <ctime>

namespace wsecho::loadgen {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;

inline double seconds(Clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

inline std::chrono::nanoseconds own_cpu_time() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace wsecho::loadgen
