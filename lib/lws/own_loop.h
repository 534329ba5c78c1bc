// What the event loops of our own share, however they wait: passes, the timer, and a context of
// libwebsockets, which keeps and closes the descriptors and leaves the waiting to the loop.
#pragma once

#include <optional>

#include "lws/context.h"
#include "lws/event_loop.h"
#include "lws/foreign_wait.h"

namespace wsecho::lws {

class OwnLoop : public EventLoop, protected ForeignWait {
  public:
    void run() override;
    void stop() final { stopped_ = true; }

    void arm_timer(runtime::TimePoint due) final { armed_ = due; }
    [[nodiscard]] runtime::TimePoint now() const final { return now_; }

    [[nodiscard]] bool adopt(int descriptor, SocketEvents& owner) final {
        return context_->adopt(descriptor, owner);
    }

  protected:
    explicit OwnLoop(LoopEvents& events);

    // The context's end closes sockets, which each are unwatched: it is made at the end of the
    // constructor of whoever watches, and ended in his destructor.
    void make_context() { context_.emplace(static_cast<ForeignWait&>(*this)); }
    void end_context() { context_.reset(); }

    // Waits for events, at most so long, and serves them.
    virtual void turn(int milliseconds) = 0;
    // To be called after the wait.
    void note_time() { now_ = std::chrono::steady_clock::now(); }

    [[nodiscard]] LoopEvents& events() noexcept { return events_; }
    [[nodiscard]] Context& context() noexcept { return *context_; }

  private:
    [[nodiscard]] int wait_milliseconds();

    LoopEvents& events_;
    runtime::TimePoint now_;
    std::optional<runtime::TimePoint> armed_;
    bool stopped_ = false;
    std::optional<Context> context_;
};

}  // namespace wsecho::lws
