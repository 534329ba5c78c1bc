// Counts the steps of code that is compiled with -fsanitize-coverage=trace-pc: the basic blocks
// that it executes, and each 16 bytes that it has the C library search, compare, copy or fill. The
// number is the same on each run, however busy the machine is, so a test can compare it where it
// could not compare times. One thread's.
#pragma once

#include <cstdint>

namespace wsecho::test {

std::uint64_t steps_so_far() noexcept;

template <class Work>
std::uint64_t count_steps(Work&& work) {
    const std::uint64_t before = steps_so_far();
    work();
    return steps_so_far() - before;
}

}  // namespace wsecho::test
