// The event loops to choose from, by name; libuv's is there if libuv was when this was built.
#include <algorithm>
#include <array>

#include "lws/event_loop.h"

namespace wsecho::lws {

namespace {

using Maker = std::unique_ptr<EventLoop> (*)(LoopEvents&);

struct Choice {
    std::string_view name;
    Maker make;
};

// The best first: it is what "auto" means.
constexpr std::array choices{
    Choice{"epoll", [](LoopEvents& events) { return make_epoll_loop(Trigger::edge, events); }},
    Choice{"epoll-level",
           [](LoopEvents& events) { return make_epoll_loop(Trigger::level, events); }},
    Choice{"poll", [](LoopEvents& events) { return make_poll_loop(events); }},
#ifdef WSECHO_HAS_LIBUV
    Choice{"libuv", [](LoopEvents& events) { return make_uv_loop(events); }},
#endif
};

const Choice* find(std::string_view name) {
    if (name == automatic_event_loop) return &choices.front();
    const auto* found = std::find_if(choices.begin(), choices.end(),
                                     [&](const Choice& each) { return each.name == name; });
    return found == choices.end() ? nullptr : found;
}

}  // namespace

std::string_view resolve_event_loop(std::string_view name) {
    const Choice* choice = find(name);
    return choice == nullptr ? std::string_view{} : choice->name;
}

std::string event_loop_names() {
    std::string names{automatic_event_loop};
    for (const Choice& each : choices)
        names.append(", ").append(each.name);
    return names;
}

std::unique_ptr<EventLoop> make_event_loop(std::string_view name, LoopEvents& events) {
    const Choice* choice = find(name);
    if (choice == nullptr) throw EventLoopFailure{"there is no such event loop"};
    return choice->make(events);
}

}  // namespace wsecho::lws
