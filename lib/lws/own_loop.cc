#include "lws/own_loop.h"

#include <algorithm>
#include <limits>

namespace wsecho::lws {

OwnLoop::OwnLoop(LoopEvents& events) : events_(events), now_(std::chrono::steady_clock::now()) {}

void OwnLoop::run() {
    while (!stopped_) {
        turn(wait_milliseconds());
        if (armed_ && *armed_ <= now_) {
            armed_.reset();
            events_.on_timer();
        }
        events_.on_pass_end();
    }
}

int OwnLoop::wait_milliseconds() {
    using std::chrono::milliseconds;
    constexpr int longest = std::numeric_limits<int>::max();
    if (!armed_) return context_->shortest_wait_milliseconds(longest);
    // Rounded up: waking early would only mean waking twice.
    const auto wait = std::chrono::ceil<milliseconds>(*armed_ - std::chrono::steady_clock::now());
    const auto bounded = std::clamp<milliseconds::rep>(wait.count(), 0, longest);
    return context_->shortest_wait_milliseconds(static_cast<int>(bounded));
}

}  // namespace wsecho::lws
