// What stands behind a wsecho_server: the engine's server, and the caller's callbacks as its
// observer.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/event_queue.h"
#include "engine/observer.h"
#include "engine/server.h"
#include "passes.h"
#include "wsecho/wsecho.h"

namespace wsecho::capi {

struct LogTarget {
    wsecho_log_callback function = nullptr;
    void* user = nullptr;
};

// Calls the caller's functions; an exception that leaves one stops here.
class CallbackObserver final : public engine::Observer {
  public:
    CallbackObserver(wsecho_server* handle, const wsecho_callbacks& callbacks, void* user,
                     Passes& passes, LogTarget log)
        : handle_(handle), callbacks_(callbacks), user_(user), passes_(passes), log_(log) {}

    [[nodiscard]] bool answers_handshakes() const noexcept override {
        return callbacks_.on_handshake != nullptr;
    }
    bool on_handshake(engine::ConnectionId id, const protocol::RequestHead& head,
                      const std::string& remote_address) override;
    bool on_open(engine::ConnectionId id) override;
    bool on_message(engine::ConnectionId id, bool is_text,
                    std::span<const std::uint8_t> payload) override;
    bool on_heartbeat(engine::ConnectionId id, runtime::Duration round_trip) override;
    bool on_watermark(engine::ConnectionId id, bool is_high, std::size_t queued_bytes) override;
    bool on_close(engine::ConnectionId id, const engine::CloseReport& report) override;
    void on_pass_end(unsigned loop) noexcept override;
    void log(engine::LogLevel level, std::string_view text) override;
    [[nodiscard]] LogTarget log_target() const noexcept { return log_; }

  private:
    // To the server's event queue, if it has one.
    bool queue(engine::QueuedEvent event, std::span<const std::uint8_t> payload = {});
    bool queue_close(engine::ConnectionId id, const engine::CloseReport& report);

    wsecho_server* handle_;
    wsecho_callbacks callbacks_;
    void* user_;
    Passes& passes_;
    LogTarget log_;
};

// As the C header has it; its reason is the report's.
wsecho_close_event to_c(const engine::CloseReport& report);

// Reads a caller's struct of any known version; NULL: no callbacks.
engine::Status read_callbacks(const wsecho_callbacks* given, wsecho_callbacks& known);

}  // namespace wsecho::capi

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
        events.reset();
    }

    wsecho::capi::Passes passes;
    wsecho::capi::CallbackObserver observer;
    std::mutex path_observers_mutex;
    std::vector<std::unique_ptr<wsecho::capi::CallbackObserver>> path_observers;
    std::unique_ptr<wsecho::engine::EventSource> events;  // of what no callback is told
    wsecho::engine::Server server;
};
