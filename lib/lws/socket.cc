#include "lws/socket.h"

#include <libwebsockets.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <system_error>

#include "lws/context.h"

namespace wsecho::lws {

namespace {

bool is_temporary(int error) noexcept {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == ENOBUFS;
}

WriteResult result_of(ssize_t written) noexcept {
    if (written >= 0) return {static_cast<std::size_t>(written), false};
    return {0, !is_temporary(errno)};
}

}  // namespace

Socket::Socket(::lws* handle) : handle_(handle), descriptor_(lws_get_socket_fd(handle)) {}

ReadResult Socket::read(std::span<std::uint8_t> buffer) const noexcept {
    const ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count > 0) return {static_cast<std::size_t>(count), false};
    return {0, count == 0 || !is_temporary(errno)};
}

// Straight to the descriptor: lws_write() takes a message whole and keeps a private copy of what
// the kernel refused (lib/core-net/output.c, lws_issue_raw()), which would hide the backpressure
// and copy a shared message once for each slow peer. Nothing is ever buffered inside
// libwebsockets here, so its own writes cannot come between.
WriteResult Socket::write(std::span<const std::uint8_t> bytes) const noexcept {
    return result_of(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

WriteResult Socket::write(std::span<const iovec> parts) const noexcept {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());  // sendmsg() does not change them
    message.msg_iovlen = parts.size();
    return result_of(::sendmsg(descriptor_, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void Socket::want_writable() noexcept {
    wants_writable_ = true;
    Context::of(handle_).waiter().watch_writable(
        *static_cast<SocketEvents*>(lws_get_opaque_user_data(handle_)));
}

void Socket::pause_reading() noexcept {
    if (is_reading_paused()) return;
    reading_ = Reading::paused;
    Context::of(handle_).waiter().watch_reading(
        *static_cast<SocketEvents*>(lws_get_opaque_user_data(handle_)));
}

void Socket::resume_reading() noexcept {
    if (!is_reading_paused()) return;
    auto& owner = *static_cast<SocketEvents*>(lws_get_opaque_user_data(handle_));
    ForeignWait& waiter = Context::of(handle_).waiter();
    const bool was_unwatched = is_unwatched();
    reading_ = Reading::on;
    if (was_unwatched)
        waiter.watch_again(owner);
    else
        waiter.watch_reading(owner);
}

void Socket::ask_for_turn() {
    Context::of(handle_).waiter().queue_turn(
        *static_cast<SocketEvents*>(lws_get_opaque_user_data(handle_)));
}

void Socket::shut_down_writing() const noexcept {
    ::shutdown(descriptor_, SHUT_WR);
}

std::string Socket::why_not_connected() const {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    return error == 0 ? std::string{} : std::generic_category().message(error);
}

void Socket::close() const noexcept {
    lws_set_timeout(handle_, PENDING_TIMEOUT_USER_REASON_BASE, LWS_TO_KILL_SYNC);
}

}  // namespace wsecho::lws
