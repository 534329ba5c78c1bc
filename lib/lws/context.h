// A libwebsockets context without listeners of its own: it keeps and closes the descriptors that
// it is given, and leaves the waiting for them to a loop of ours.
#pragma once

#include <libwebsockets.h>

#include <cstdint>
#include <memory>

#include "lws/foreign_wait.h"
#include "lws/socket.h"

namespace wsecho::lws {

class Context {
  public:
    // The most that one read takes.
    static constexpr std::size_t read_buffer_bytes = std::size_t{512} << 10U;

    // What a turn of a socket came to.
    enum class Served : std::uint8_t {
        close,    // it is to be closed
        nothing,  // there was nothing to read
        some,     // what was there was less than was asked for
        more,     // it did: more is likely
    };

    // Throws EventLoopFailure.
    explicit Context(ForeignWait& waiter);
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    // Closes every socket; on_closed() comes for each.
    ~Context();

    // False: out of memory or of descriptors; the descriptor has been closed.
    [[nodiscard]] bool adopt(int descriptor, SocketEvents& owner);

    // One read of so many bytes at the most, for an owner that has dealt with all that came before.
    [[nodiscard]] Served read(SocketEvents& owner, std::size_t most);
    // The owner goes on with bytes that it keeps.
    [[nodiscard]] static Served go_on(SocketEvents& owner);
    // The owner, which wants it, is told that its socket takes bytes again.
    [[nodiscard]] static Served write(SocketEvents& owner);

    // A descriptor of libwebsockets' own is ready.
    void serve_own(int descriptor, short events);
    [[nodiscard]] int shortest_wait_milliseconds(int milliseconds) {
        return lws::shortest_wait_milliseconds(context_, milliseconds);
    }

    static Context& of(::lws* wsi);
    [[nodiscard]] ForeignWait& waiter() const noexcept { return waiter_; }

  private:
    ForeignWait& waiter_;
    const std::unique_ptr<std::uint8_t[]> read_buffer_;  // of all sockets, one after the other
    ForeignParts foreign_;
    int largest_descriptor_ = -1;
    lws_context* context_ = nullptr;
    lws_vhost* vhost_ = nullptr;
};

}  // namespace wsecho::lws
