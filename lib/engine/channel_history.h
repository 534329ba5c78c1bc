// What a channel keeps for those who come back, and what one of them is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/prepared_message.h"
#include "runtime/history.h"

namespace wsecho::engine {

using ChannelHistory = runtime::History<SharedMessage>;

// Where somebody was when he left.
struct LastSeen {
    std::uint64_t epoch = 0;  // of the channel's numbers; 0: not known
    std::uint64_t number = 0;
};

// What was published since, as far as it is kept.
struct Missed {
    std::uint64_t epoch = 0;
    std::uint64_t newest = 0;
    std::uint64_t first = 0;  // of the messages; none: the one after the newest
    bool is_complete = false;
    std::vector<SharedMessage> messages;
    std::size_t bytes = 0;
};

}  // namespace wsecho::engine
