// A libwebsockets context without listeners of its own: it serves the descriptors it is given as
// raw sockets, on a libuv loop of ours.
#pragma once

#include <libwebsockets.h>
#include <uv.h>

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

  private:
    uv_loop_t& loop_;
    lws_context* context_ = nullptr;
    lws_vhost* vhost_ = nullptr;
};

}  // namespace wsecho::lws
