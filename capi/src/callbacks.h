// The caller's callbacks as an observer of the engine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/error.h"
#include "engine/event_queue.h"
#include "engine/observer.h"
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
