// The event loops to choose from, by name; libuv's is there if libuv was when this was built.
#include <algorithm>
#include <array>

#include "lws/epoll.h"
#include "lws/event_loop.h"
#include "lws/own_loop.h"
#include "lws/poll.h"
#ifdef WSECHO_HAS_LIBUV
#include "lws/libuv.h"
#endif

namespace wsecho::lws {

namespace {

struct Choice {
    std::string_view name;
    std::unique_ptr<Waiter> (*make_waiter)();
    Trigger trigger;
};

template <class Kind>
std::unique_ptr<Waiter> make_waiter() {
    return std::make_unique<Kind>();
}

// The best first: it is what "auto" means.
constexpr std::array choices{
    Choice{"epoll", make_waiter<Epoll>, Trigger::edge},
    Choice{"epoll-level", make_waiter<Epoll>, Trigger::level},
    Choice{"poll", make_waiter<Poll>, Trigger::level},
#ifdef WSECHO_HAS_LIBUV
    Choice{"libuv", make_waiter<Libuv>, Trigger::level},
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
    return make_own_loop(choice->make_waiter(), choice->trigger, events);
}

}  // namespace wsecho::lws
