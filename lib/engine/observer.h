// Who is told of a server's events: the layer above the engine.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/close_report.h"
#include "engine/connection_id.h"
#include "protocol/request_head.h"
#include "runtime/time.h"

namespace wsecho::engine {

enum class LogLevel : std::uint8_t { error = 0, warning = 1, info = 2, debug = 3 };

// Every call comes on the thread of the connection's loop, except log(), which comes on any.
class Observer {
  public:
    virtual ~Observer() = default;

    // Does the application answer handshakes?
    [[nodiscard]] virtual bool answers_handshakes() const noexcept = 0;
    // The request is right. The answer is given by Server::decide(), in this call or later. False:
    // the user's code failed, and the peer gets 500 if there is no answer yet.
    virtual bool on_handshake(ConnectionId id, const protocol::RequestHead& head,
                              const std::string& remote_address) = 0;

    // The next five return false where the user's code failed: the connection is then closed
    // with 1011.
    virtual bool on_open(ConnectionId id) = 0;
    virtual bool on_message(ConnectionId id, bool is_text,
                            std::span<const std::uint8_t> payload) = 0;
    virtual bool on_heartbeat(ConnectionId id, runtime::Duration round_trip) = 0;
    // Its queue has reached the high watermark, or fallen to the low one again.
    virtual bool on_watermark(ConnectionId id, bool is_high, std::size_t queued_bytes) = 0;
    virtual bool on_close(ConnectionId id, const CloseReport& report) = 0;

    // Nothing more is told on this loop until something new has happened. The server's alone.
    virtual void on_pass_end(unsigned loop) noexcept = 0;

    virtual void log(LogLevel level, std::string_view text) = 0;
};

}  // namespace wsecho::engine
