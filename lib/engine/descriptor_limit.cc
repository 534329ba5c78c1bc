#include "engine/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

#include "engine/connection_id.h"

namespace wsecho::engine {

namespace {

// An event loop opens an epoll set, wake-up descriptors, a random source and a spare.
constexpr std::uint32_t for_each_loop = 16;
constexpr std::uint32_t for_the_host = 16;

}  // namespace

std::uint32_t reserved_descriptors(unsigned loops) noexcept {
    return refusal_room + for_each_loop * loops + for_the_host;
}

Status fit_connections(std::uint32_t wanted, unsigned loops, std::uint32_t& granted) {
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    const auto reserved = reserved_descriptors(loops);
    const rlim_t room = limit.rlim_cur > reserved ? limit.rlim_cur - reserved : 0;
    if (room > 0 && wanted <= room) {
        granted = wanted != 0 ? wanted
                              : static_cast<std::uint32_t>(
                                    std::min<rlim_t>(room, ConnectionId::max_slots - refusal_room));
        return {};
    }
    const std::string needed = std::to_string(std::max(wanted, 1U) + reserved);
    return {ErrorCode::descriptor_limit,
            "max_connections " + std::to_string(wanted) + " needs a descriptor limit of " + needed +
                ", and the soft limit is " + std::to_string(limit.rlim_cur) +
                ": raise it with 'ulimit -n " + needed +
                "' or setrlimit(RLIMIT_NOFILE); the hard "
                "limit is " +
                std::to_string(limit.rlim_max)};
}

}  // namespace wsecho::engine
