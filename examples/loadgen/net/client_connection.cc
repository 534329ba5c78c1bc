// The socket calls of one connection, plain or through TLS.
#include "net/client_connection.h"

#include <sys/socket.h>

#include <cerrno>

namespace wsecho::loadgen {
namespace {

static_assert(sizeof(ClientConnection) == 64, "more than a cache line for each connection");

std::string_view characters(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

ClientConnection::Extra& ClientConnection::extra() {
    if (!extra_) extra_ = std::make_unique<Extra>();
    return *extra_;
}

void ClientConnection::begin_opening(Time started) {
    extra().opening = std::make_unique<Opening>(Opening{started, {}});
}

void ClientConnection::begin_tls(const TlsContext& context, const std::string& host) {
    extra().tls = std::make_unique<TlsSession>(context, socket.get(), host);
}

std::vector<std::uint8_t>& ClientConnection::compressed() {
    return extra().compressed;
}

void ClientConnection::reset() noexcept {
    extra_.reset();  // before the socket: TLS refers to it
    socket.close();
    reader = {};
}

ClientConnection::Sent ClientConnection::write(Bytes bytes) {
    if (TlsSession* const session = tls()) {
        const TlsSession::Result result = session->write(bytes);
        if (result.status == TlsSession::Status::done) return {result.size, false};
        if (result.status == TlsSession::Status::would_block) return {};
        errno = ECONNRESET;
        return {0, true};
    }
    const ssize_t size = ::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size >= 0) return {static_cast<std::size_t>(size), false};
    return {0, !would_block(errno)};
}

bool ClientConnection::send(Bytes bytes) {
    if (has_unsent()) {
        extra_->unsent.append(characters(bytes));
        return true;
    }
    const Sent sent = write(bytes);
    if (sent.failed) return false;
    if (sent.size < bytes.size()) {
        extra().unsent = characters(bytes.subspan(sent.size));
        extra_->gone = 0;
        // TLS takes a record at a time: only what would block is told of when it no longer does.
        return flush();
    }
    return true;
}

bool ClientConnection::flush() {
    while (has_unsent()) {
        const std::string_view rest = std::string_view(extra_->unsent).substr(extra_->gone);
        const auto* data = reinterpret_cast<const std::uint8_t*>(rest.data());
        const Sent sent = write({data, rest.size()});
        if (sent.failed) return false;
        if (sent.size == 0) return true;  // full: its next event continues
        extra_->gone += sent.size;
        if (extra_->gone == extra_->unsent.size()) extra_->unsent = {};
    }
    return true;
}

ClientConnection::Received ClientConnection::receive(std::span<std::uint8_t> buffer) {
    if (TlsSession* const session = tls()) {
        const TlsSession::Result result = session->read(buffer);
        switch (result.status) {
            case TlsSession::Status::done:
                return {result.size, false, 0};
            case TlsSession::Status::would_block:
                return {};
            case TlsSession::Status::ended:
                return {0, true, 0};
            case TlsSession::Status::failed:
                break;
        }
        return {0, true, ECONNRESET};
    }
    const ssize_t size = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
    if (size > 0) return {static_cast<std::size_t>(size), false, 0};
    if (size == 0) return {0, true, 0};
    if (would_block(errno)) return {};
    return {0, true, errno};
}

}  // namespace wsecho::loadgen
