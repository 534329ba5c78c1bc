// How many connections the process's descriptor limit has room for.
#pragma once

#include <cstdint>

#include "engine/error.h"

namespace wsecho::engine {

// Descriptors beside those of open connections, for peers without a request and refused ones.
inline constexpr std::uint32_t refusal_room = 32;

// What the process needs beside its connections: standard streams, listeners, loops, the room
// for refusals, and some for the host.
std::uint32_t reserved_descriptors(unsigned loops) noexcept;

// Resolves `wanted` (0: as many as fit) into `granted`, or says what limit is needed.
Status fit_connections(std::uint32_t wanted, unsigned loops, std::uint32_t& granted);

}  // namespace wsecho::engine
