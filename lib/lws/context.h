// A libwebsockets context without listeners of its own: it watches and closes the descriptors it
// is given, on a libuv loop of ours.
#pragma once

#include <libwebsockets.h>
#include <uv.h>

#include <cstdint>
#include <memory>
#include <span>

#include "lws/socket.h"

namespace wsecho::lws {

class Context {
  public:
    // Throws EventLoopFailure.
    explicit Context(uv_loop_t& loop);
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    // Closes every socket, turning the loop for it; on_closed() comes for each.
    ~Context();

    [[nodiscard]] Socket adopt(int descriptor, SocketEvents& events);

    // What every socket is read into, one after the other.
    [[nodiscard]] std::span<std::uint8_t> read_buffer() noexcept;

  private:
    uv_loop_t& loop_;
    std::unique_ptr<std::uint8_t[]> read_buffer_;
    lws_context* context_ = nullptr;
    lws_vhost* vhost_ = nullptr;
};

}  // namespace wsecho::lws
