// The limit on open descriptors, raised as far as this process may.
#pragma once

#include <cstdint>

namespace wsecho::loadgen {

// Returns how many connections fit once the soft limit stands at the hard limit.
[[nodiscard]] std::uint64_t raise_descriptor_limit();

// Descriptors the program needs besides its connections.
inline constexpr std::uint64_t spare_descriptors = 16;

}  // namespace wsecho::loadgen
