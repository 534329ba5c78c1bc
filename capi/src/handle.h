// What stands behind a wsecho_server: the engine's server, the caller's callbacks as its observers,
// and its dialers.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "callbacks.h"
#include "dialer.h"
#include "engine/event_queue.h"
#include "engine/server.h"
#include "passes.h"
#include "wsecho/wsecho.h"

struct wsecho_server {
    wsecho_server(wsecho::engine::ServerOptions options, const wsecho_callbacks& callbacks,
                  void* user, wsecho::capi::LogTarget log)
        : passes(this, callbacks, user),
          observer(this, callbacks, user, passes, log),
          server(std::move(options), observer) {
        passes.set_loops(server.loop_count());
    }
    wsecho_server(const wsecho_server&) = delete;
    wsecho_server& operator=(const wsecho_server&) = delete;
    // The queue may be taken from meanwhile: it is told before the engine's server is gone.
    ~wsecho_server() {
        static_cast<void>(server.stop());
        dialers.clear();
        events.reset();
    }

    wsecho::capi::Passes passes;
    wsecho::capi::CallbackObserver observer;
    std::mutex path_observers_mutex;
    std::vector<std::unique_ptr<wsecho::capi::CallbackObserver>> path_observers;
    std::unique_ptr<wsecho::engine::EventSource> events;  // of what no callback is told
    std::mutex dialers_mutex;
    std::vector<std::unique_ptr<wsecho_dialer>> dialers;
    wsecho::engine::Server server;
};
