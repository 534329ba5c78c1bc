// One connected socket under libwebsockets' service: bytes in, bytes out, no WebSocket. The
// engine's only view of a connection's transport.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

struct iovec;
struct lws;

namespace wsecho::lws {

struct ReadResult {
    std::size_t read = 0;  // 0: nothing is there yet
    bool ended = false;    // by the peer, or broken: close the socket
};

struct WriteResult {
    std::size_t written = 0;
    bool failed = false;  // the connection is broken: close the socket
};

// A handle; valid from EventLoop::adopt() until on_closed(). Loop thread only.
class Socket {
  public:
    Socket() = default;
    explicit Socket(::lws* handle);

    // Reads what is there, as far as the buffer goes, in one system call.
    [[nodiscard]] ReadResult read(std::span<std::uint8_t> buffer) const noexcept;
    // Writes as much as the kernel takes, in one system call. Less than asked is no failure.
    [[nodiscard]] WriteResult write(std::span<const std::uint8_t> bytes) const noexcept;
    [[nodiscard]] WriteResult write(std::span<const iovec> parts) const noexcept;

    // on_writable() once the kernel takes bytes again, after a write that it did not take whole.
    void want_writable() noexcept;
    // From here on the kernel keeps what arrives, until its room for it is full and the peer has to
    // wait. Idempotent; also from inside this socket's own events.
    void pause_reading() noexcept;
    // What has arrived meanwhile, and the end of the stream, come by on_bytes() and on_closed().
    void resume_reading() noexcept;
    [[nodiscard]] bool is_reading_paused() const noexcept { return reading_ != Reading::on; }
    // A turn for bytes that the owner keeps, when others have had theirs. Idempotent.
    void ask_for_turn();
    // Tells the peer that nothing more will be sent; reading goes on.
    void shut_down_writing() const noexcept;
    // Of one that was connecting and takes bytes now; empty: it is connected.
    [[nodiscard]] std::string why_not_connected() const;
    // Closes at once, with on_closed() before it returns. Never from inside this socket's own
    // events: there, return false.
    void close() const noexcept;

    // --- For whoever waits for its descriptor ---

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    [[nodiscard]] bool wants_writable() const noexcept { return wants_writable_; }
    void writable_is_told() noexcept { wants_writable_ = false; }
    // The end of the stream, or the like, waits behind what a read gives.
    [[nodiscard]] bool has_more_behind() const noexcept { return more_behind_; }
    void set_more_behind() noexcept { more_behind_ = true; }
    // How long a turn of it takes, by the last one. What comes for one that is not quick waits
    // until those that are have had their turns.
    enum class Pace : std::uint8_t { quick, unknown, slow };
    [[nodiscard]] Pace pace() const noexcept { return pace_; }
    void set_pace(Pace pace) noexcept { pace_ = pace; }
    // Its owner keeps bytes that it has not dealt with: they come before anything is read.
    [[nodiscard]] bool keeps_bytes() const noexcept { return keeps_bytes_; }
    void set_keeps_bytes(bool keeps) noexcept { keeps_bytes_ = keeps; }

    // Paused, and not watched at all: the kernel would tell of its end without end.
    [[nodiscard]] bool is_unwatched() const noexcept { return reading_ == Reading::unwatched; }
    void set_unwatched() noexcept { reading_ = Reading::unwatched; }

  private:
    enum class Reading : std::uint8_t { on, paused, unwatched };

    ::lws* handle_ = nullptr;
    int descriptor_ = -1;
    Reading reading_ : 4 = Reading::on;
    Pace pace_ : 4 = Pace::unknown;
    bool wants_writable_ = false;
    bool more_behind_ = false;
    bool keeps_bytes_ = false;
};

// A socket's owner and what it is told, always on its loop's thread.
class SocketEvents {
  public:
    // Bytes that arrived; they may be changed in place and live until the call returns. False
    // closes the socket at once: on_closed() follows.
    virtual bool on_bytes(std::span<std::uint8_t> bytes) = 0;
    // A turn for the bytes that the owner keeps. False closes as above.
    virtual bool on_turn() = 0;
    // The socket takes bytes again, after want_writable(). False closes as above.
    virtual bool on_writable() = 0;
    // The socket is gone; told once, and the last that is told.
    virtual void on_closed() = 0;

    [[nodiscard]] Socket& socket() noexcept { return socket_; }
    [[nodiscard]] const Socket& socket() const noexcept { return socket_; }

    // Fetches its first three cache lines ahead of on_bytes(): there is the place for what each
    // message needs.
    void prefetch() const noexcept {
        constexpr std::size_t cache_line = 64;
        const auto* memory = reinterpret_cast<const std::uint8_t*>(this);
        for (std::size_t i = 0; i < 3; ++i)
            __builtin_prefetch(memory + i * cache_line);
    }

  protected:
    ~SocketEvents() = default;

    Socket socket_;  // what EventLoop::adopt() made of the descriptor
};

}  // namespace wsecho::lws
