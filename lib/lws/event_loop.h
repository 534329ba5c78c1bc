// The narrow interface between the engine and whatever turns the wheel below it: one service
// thread's events, a way to wake it, one timer, and sockets handed to libwebsockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "lws/socket.h"
#include "runtime/time.h"

namespace wsecho::lws {

// What the engine's loop is told, on the thread that is in run().
class LoopEvents {
  public:
    virtual void on_wake() = 0;                      // after wake(), once for any number of calls
    virtual void on_timer() = 0;                     // the armed time has come
    virtual void on_acceptable(int descriptor) = 0;  // a watched listener has a connection
    virtual void on_pass_end() = 0;                  // every event of a wait has been handled

  protected:
    ~LoopEvents() = default;
};

class EventLoop {
  public:
    EventLoop() = default;
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;
    // Closes what is open. Not on the thread that is in run().
    virtual ~EventLoop() = default;

    virtual void run() = 0;   // until stop()
    virtual void stop() = 0;  // from inside an event
    virtual void wake() = 0;  // from any thread

    virtual void arm_timer(runtime::TimePoint due) = 0;  // replaces what was armed
    // The time at the start of the pass: cheap, and coarse to a millisecond.
    [[nodiscard]] virtual runtime::TimePoint now() const = 0;

    virtual void watch_listener(int descriptor) = 0;
    virtual void pause_listeners() = 0;  // connections wait in the kernel until resumed
    virtual void resume_listeners() = 0;
    virtual void unwatch_listeners() = 0;

    // Limits how much one read takes of a socket; at first 512 KiB, which is also the most.
    virtual void limit_reads(std::size_t bytes) = 0;

    // Hands a connected, non-blocking descriptor over, and sets the owner's socket. False: out of
    // memory or of descriptors; the descriptor has then been closed.
    [[nodiscard]] virtual bool adopt(int descriptor, SocketEvents& owner) = 0;
};

// Thrown by the makers of event loops; the text is for the user.
class EventLoopFailure {
  public:
    explicit EventLoopFailure(std::string why) : why_(std::move(why)) {}
    [[nodiscard]] const std::string& why() const noexcept { return why_; }

  private:
    std::string why_;
};

// --- Which there are: event_loops.cc ---

inline constexpr std::string_view automatic_event_loop = "auto";

// What a name means in this build: itself, for "auto" the best; empty if there is none of the name.
std::string_view resolve_event_loop(std::string_view name);
// "auto" and all others, with commas.
std::string event_loop_names();
std::unique_ptr<EventLoop> make_event_loop(std::string_view name, LoopEvents& events);

}  // namespace wsecho::lws
