#include "pass.h"

#include <cstdlib>

namespace wsecho::python {

namespace {

// A loop's thread, as the interpreter knows it. It has to be forgotten on the thread itself: from
// Python 3.12 on the interpreter would mend the wrong thread's memory of its state elsewhere.
class LoopThread {
  public:
    LoopThread() = default;
    LoopThread(const LoopThread&) = delete;
    LoopThread& operator=(const LoopThread&) = delete;
    ~LoopThread() {
        if (state_ == nullptr) return;
        take_lock(state_);
        PyThreadState_Clear(state_);
        PyThreadState_DeleteCurrent();
    }

    [[nodiscard]] const ServerCore* server() const noexcept { return server_; }

    void enter(const ServerCore& server) noexcept {
        if (state_ == nullptr) {
            state_ = PyThreadState_New(server.interpreter);
            server_ = &server;
        }
        if (state_ == nullptr) std::abort();  // out of memory, and nothing to say it with
        take_lock(state_);
    }

  private:
    PyThreadState* state_ = nullptr;
    const ServerCore* server_ = nullptr;
};

thread_local LoopThread loop_thread;

}  // namespace

void enter_pass(const ServerCore& core) noexcept {
    loop_thread.enter(core);
}

void leave_pass() noexcept {
    PyEval_SaveThread();
}

bool is_loop_of(const ServerCore& core) noexcept {
    return loop_thread.server() == &core;
}

}  // namespace wsecho::python
