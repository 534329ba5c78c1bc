// What differs between the versions of libwebsockets where a loop of ours does the waiting.
//
// From 4.3 a context takes the operations of an event loop (info.event_lib_custom), by which it
// tells which descriptors of its own are to be watched. Before, it believes that it will poll()
// itself; it serves what it is told is ready all the same (lws_service_fd()).
#pragma once

#include <libwebsockets.h>

#include <array>

#include "lws/socket.h"

namespace wsecho::lws {

// The loop that waits.
class ForeignWait {
  public:
    // A connection's descriptor, from its adoption to just before its close. False: the kernel
    // refuses.
    [[nodiscard]] virtual bool watch(SocketEvents& owner) = 0;
    virtual void unwatch(SocketEvents& owner) = 0;
    // The connection wants_writable() from now on.
    virtual void watch_writable(SocketEvents& owner) = 0;
    // The connection's reading is paused from now on, or no longer.
    virtual void watch_reading(SocketEvents& owner) = 0;
    // It is no longer paused, and was unwatched meanwhile.
    virtual void watch_again(SocketEvents& owner) = 0;
    // The connection keeps bytes that it has not dealt with: it gets a turn for them.
    virtual void queue_turn(SocketEvents& owner) = 0;
    // A descriptor of libwebsockets' own is watched for events (POLLIN, POLLOUT), or no longer.
    virtual void watch_own(int descriptor, short events, bool watched) = 0;

  protected:
    ~ForeignWait() = default;
};

// What a context uses of ours; it outlives the context.
struct ForeignParts {
    std::array<void*, 1> loops{};
#if LWS_LIBRARY_VERSION_NUMBER >= 4003000
    // Of one's own: the process's is counted up and down for each connection, without a lock, so
    // that several loops bring it to a failed assertion (lib/core/logs.c, lwsl_refcount_cx()).
    lws_log_cx_t log{};
#endif
};

// Prepares the making of a context that `waiter` waits for, and that writes its errors with `emit`.
void leave_waiting_to(ForeignWait& waiter, void (*emit)(int level, const char* line),
                      lws_context_creation_info& info, ForeignParts& parts);

// Runs the timers of libwebsockets that have come due. How long the loop may wait, at most as
// long as it would.
int shortest_wait_milliseconds(lws_context* context, int milliseconds);

}  // namespace wsecho::lws
