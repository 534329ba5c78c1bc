// The event loop of our own, on whatever waits.
#pragma once

#include <cstdint>
#include <memory>

#include "lws/event_loop.h"
#include "lws/waiter.h"

namespace wsecho::lws {

// Level-triggered, what waits tells again and again what has not been read; edge-triggered, it
// tells once what is new.
enum class Trigger : std::uint8_t { edge, level };

std::unique_ptr<EventLoop> make_own_loop(std::unique_ptr<Waiter> waiter, Trigger trigger,
                                         LoopEvents& events);

}  // namespace wsecho::lws
