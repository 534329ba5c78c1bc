// The socket calls of the floor server's connections.
#include "floor_connection.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace wsecho::floor_server {
namespace {

constexpr std::size_t read_size = std::size_t{256} * 1024;

bool would_block(int error) {
    return error == EAGAIN || error == EINTR;
}

}  // namespace

Connection::~Connection() {
    ::close(socket_);
}

bool Connection::send(Bytes bytes) {
    if (unsent_) {
        unsent_->insert(unsent_->end(), bytes.begin(), bytes.end());
        return true;
    }
    const ssize_t size = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && !would_block(errno)) return false;
    const std::size_t taken = size > 0 ? static_cast<std::size_t>(size) : 0;
    if (taken < bytes.size()) {
        unsent_ = std::make_unique<std::vector<std::uint8_t>>(
            bytes.begin() + static_cast<std::ptrdiff_t>(taken), bytes.end());
    }
    return true;
}

bool Connection::flush() {
    if (!unsent_) return true;
    const ssize_t size = ::send(socket_, unsent_->data(), unsent_->size(), MSG_NOSIGNAL);
    if (size < 0) return would_block(errno);
    unsent_->erase(unsent_->begin(), unsent_->begin() + size);
    if (unsent_->empty()) unsent_.reset();
    return true;
}

Connection::Read Connection::receive(std::vector<std::uint8_t>& buffer, std::size_t& size) {
    const std::size_t left_over = unread_ ? unread_->size() : 0;
    if (buffer.size() < left_over + read_size) buffer.resize(left_over + read_size);
    const ssize_t received = ::recv(socket_, buffer.data() + left_over, read_size, 0);
    if (received == 0) return Read::ended;
    if (received < 0) return would_block(errno) ? Read::none : Read::ended;
    if (unread_) {
        std::memcpy(buffer.data(), unread_->data(), left_over);
        unread_.reset();
    }
    size = left_over + static_cast<std::size_t>(received);
    return Read::some;
}

void Connection::keep_for_next_read(Bytes bytes) {
    unread_ = std::make_unique<std::vector<std::uint8_t>>(bytes.begin(), bytes.end());
}

}  // namespace wsecho::floor_server
