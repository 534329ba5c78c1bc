// What stands behind a wsecho_dialer: the engine's dialer, and the caller's callbacks as its
// observers.
#pragma once

#include <memory>

#include "callbacks.h"
#include "engine/dialer.h"
#include "passes.h"
#include "wsecho/wsecho.h"

struct wsecho_dialer final : wsecho::engine::DialObserver {
    wsecho_dialer(wsecho_server* owner, wsecho::engine::DialerOptions options,
                  const wsecho_callbacks& callbacks, wsecho_dialer_callback told, void* given,
                  wsecho::capi::Passes& hooks, wsecho::capi::LogTarget log)
        : server(owner),
          on_state_callback(told),
          user(given),
          passes(hooks),
          observer(owner, callbacks, given, hooks, log),
          dialer(std::make_shared<wsecho::engine::Dialer>(std::move(options), observer, *this)) {}
    wsecho_dialer(const wsecho_dialer&) = delete;
    wsecho_dialer& operator=(const wsecho_dialer&) = delete;
    // Not on a loop's thread.
    ~wsecho_dialer() override { dialer->end(); }

    bool on_state(const wsecho::engine::DialEvent& event) override;

    wsecho_server* const server;
    const wsecho_dialer_callback on_state_callback;
    void* const user;
    wsecho::capi::Passes& passes;
    wsecho::capi::CallbackObserver observer;
    const std::shared_ptr<wsecho::engine::Dialer> dialer;
};
