// The socket calls of one connection.
#include "client_connection.h"

#include <sys/socket.h>

#include <cerrno>

namespace wsecho::loadgen {
namespace {

std::string_view characters(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

bool ClientConnection::send(Bytes bytes) {
    if (unsent_) {
        unsent_->bytes.append(characters(bytes));
        return true;
    }
    const ssize_t size = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && !would_block(errno)) return false;
    const std::size_t taken = size > 0 ? static_cast<std::size_t>(size) : 0;
    if (taken < bytes.size()) {
        unsent_ = std::make_unique<Unsent>();
        unsent_->bytes = characters(bytes.subspan(taken));
    }
    return true;
}

bool ClientConnection::flush() {
    const std::string_view rest = std::string_view(unsent_->bytes).substr(unsent_->gone);
    const ssize_t size = ::send(socket.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (size < 0) return would_block(errno);
    unsent_->gone += static_cast<std::size_t>(size);
    if (unsent_->gone == unsent_->bytes.size()) unsent_.reset();
    return true;  // a short write means the socket is full: its next event continues
}

ClientConnection::Received ClientConnection::receive(
    std::span<std::uint8_t> buffer) const noexcept {
    const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (size > 0) return {static_cast<std::size_t>(size), false, 0};
    if (size == 0) return {0, true, 0};
    if (would_block(errno)) return {};
    return {0, true, errno};
}

}  // namespace wsecho::loadgen
