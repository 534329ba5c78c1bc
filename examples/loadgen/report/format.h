// Numbers as people read them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace wsecho::loadgen {

[[nodiscard]] std::string grouped(std::uint64_t number);  // 1,234,567

[[nodiscard]] inline double milliseconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

// With three significant digits or more, in the unit that suits it.
[[nodiscard]] std::string readable(std::chrono::nanoseconds duration);

}  // namespace wsecho::loadgen
