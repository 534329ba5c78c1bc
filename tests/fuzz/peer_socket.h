// One side of a connection as a target drives it: it writes and reads without ever blocking the
// other side, and waits for events only.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "reference_peer.h"

namespace wsecho::fuzz {

// Long enough for a loaded machine; who waits so long waits for what never comes.
inline constexpr int patience_ms = 60'000;

class PeerSocket {
  public:
    explicit PeerSocket(int descriptor) noexcept : descriptor_(descriptor) {}
    PeerSocket(PeerSocket&& other) noexcept
        : descriptor_(std::exchange(other.descriptor_, -1)),
          received_(std::move(other.received_)),
          ended_(other.ended_) {}
    PeerSocket(const PeerSocket&) = delete;
    PeerSocket& operator=(const PeerSocket&) = delete;
    PeerSocket& operator=(PeerSocket&&) = delete;
    ~PeerSocket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }

    [[nodiscard]] bool ended() const noexcept { return ended_; }
    // What has come and was not taken.
    [[nodiscard]] std::string& received() noexcept { return received_; }

    // Reads meanwhile, so that no side waits for the other. Where the other side has left, what is
    // written is lost.
    void write(View bytes) {
        while (!bytes.empty()) {
            const auto written = ::send(descriptor_, bytes.data(), bytes.size(), flags);
            if (written >= 0)
                bytes = bytes.subspan(static_cast<std::size_t>(written));
            else if (errno != EAGAIN)
                return;
            else
                wait_for(POLLIN | POLLOUT);
        }
    }

    // Waits for more to be received, or the end of the stream.
    void read_more() {
        const std::size_t before = received_.size();
        while (received_.size() == before && !ended_)
            wait_for(POLLIN);
    }

    // Up to and with an end of what it is looked for; nothing where the stream ends before.
    std::optional<std::string> read_to(std::string_view end) {
        while (true) {
            const auto at = received_.find(end);
            if (at != std::string::npos) {
                std::string taken = received_.substr(0, at + end.size());
                received_.erase(0, taken.size());
                return taken;
            }
            if (ended_) return std::nullopt;
            read_more();
        }
    }

    // The next frame, as the rules have it; nothing where the stream ends before.
    std::optional<Frame> read_frame(const Rules& rules) {
        while (true) {
            auto read = read_frames(bytes_of(received_), rules);
            require(!read.violated || !read.frames.empty(),
                    "the engine sends frames that are right");
            if (!read.frames.empty() && read.frames[0].is_whole()) {
                Frame frame = std::move(read.frames[0]);
                const std::size_t more = frame.size <= 125 ? 0 : frame.size <= 0xFFFF ? 2 : 8;
                received_.erase(0, 2 + more + (rules.from_client ? 4 : 0) + frame.payload.size());
                return frame;
            }
            if (ended_) return std::nullopt;
            read_more();
        }
    }

    void read_to_end() {
        while (!ended_)
            read_more();
    }

    // Nothing more is written.
    void shut_down() const noexcept { ::shutdown(descriptor_, SHUT_WR); }

  private:
    static constexpr int flags = MSG_DONTWAIT | MSG_NOSIGNAL;

    void wait_for(short events) {
        pollfd poll{descriptor_, events, 0};
        require(::poll(&poll, 1, patience_ms) > 0 || errno == EINTR, "the engine goes on");
        if ((poll.revents & (POLLIN | POLLHUP | POLLERR)) == 0) return;
        std::array<char, 16384> chunk;
        const auto size = ::recv(descriptor_, chunk.data(), chunk.size(), flags);
        if (size > 0) received_.append(chunk.data(), static_cast<std::size_t>(size));
        if (size == 0 || (size < 0 && errno != EAGAIN && errno != EINTR)) ended_ = true;
    }

    int descriptor_;
    std::string received_;
    bool ended_ = false;
};

}  // namespace wsecho::fuzz
