// The host's hooks around the callbacks of a loop that come in a row.
#pragma once

#include <vector>

#include "wsecho/wsecho.h"

namespace wsecho::capi {

class Passes {
  public:
    Passes(wsecho_server* handle, const wsecho_callbacks& callbacks, void* user)
        : handle_(handle),
          begin_(callbacks.on_pass_begin),
          end_(callbacks.on_pass_end),
          user_(user) {}

    // Before the loops run.
    void set_loops(unsigned count) {
        if (begin_ != nullptr || end_ != nullptr) loops_.resize(count);
    }

    // On the loop's thread: a callback follows.
    void enter(unsigned loop) noexcept {
        if (loops_.empty() || loops_[loop].is_entered) return;
        loops_[loop].is_entered = true;
        call(begin_, loop);
    }
    void leave(unsigned loop) noexcept {
        if (loops_.empty() || !loops_[loop].is_entered) return;
        loops_[loop].is_entered = false;
        call(end_, loop);
    }

  private:
    struct alignas(64) OfLoop {  // written by its own thread: on a cache line of its own
        bool is_entered = false;
    };

    void call(wsecho_pass_callback hook, unsigned loop) const noexcept {
        if (hook == nullptr) return;
        try {
            hook(handle_, loop, user_);
        } catch (...) {  // NOLINT(bugprone-empty-catch): there is no connection to close for it
        }
    }

    wsecho_server* handle_;
    wsecho_pass_callback begin_;
    wsecho_pass_callback end_;
    void* user_;
    std::vector<OfLoop> loops_;
};

}  // namespace wsecho::capi
