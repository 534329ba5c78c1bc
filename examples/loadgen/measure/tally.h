// What is counted in a stretch of time: added up over threads and over stretches.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "measure/histogram.h"

namespace wsecho::loadgen {

struct Tally {
    std::uint64_t messages = 0;  // that came: echoes or deliveries
    std::uint64_t sent = 0;
    Histogram latency;
    Histogram lag;         // open loop: how late the generator itself sent
    Histogram handshakes;  // from dialing to open
    // The longest time in which no answer came although one was awaited.
    std::chrono::nanoseconds silence{0};

    void add(const Tally& other) {
        messages += other.messages;
        sent += other.sent;
        latency.add(other.latency);
        lag.add(other.lag);
        handshakes.add(other.handshakes);
        silence = std::max(silence, other.silence);
    }
};

}  // namespace wsecho::loadgen
