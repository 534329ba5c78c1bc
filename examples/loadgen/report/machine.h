// The machine that a run was made on, as its report names it.
#pragma once

#include <cstdint>
#include <string>

namespace wsecho::loadgen {

struct Machine {
    std::string cpu;
    unsigned cores = 0;
    std::uint64_t memory_bytes = 0;
    std::string kernel;
    std::string system;  // the distribution
};

// What cannot be found out stays empty.
[[nodiscard]] Machine this_machine();

}  // namespace wsecho::loadgen
