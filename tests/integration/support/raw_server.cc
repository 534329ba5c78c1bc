#include "support/raw_server.h"

#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/identity.h"
#include "support/waiting.h"

namespace wsecho::test {

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

void limit_waits(int descriptor) {
    const timeval limit{std::chrono::seconds{deadline}.count(), 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

// Bound to that port of 127.0.0.1; two may be, as long as no more than one of them listens.
int socket_at(int port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        fail("bind");
    return descriptor;
}

}  // namespace

RawPeer::RawPeer(RawPeer&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      tls_(std::move(other.tls_)),
      received_(std::move(other.received_)),
      passing_on_(std::move(other.passing_on_)) {}

RawPeer& RawPeer::operator=(RawPeer&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(tls_, other.tls_);
    std::swap(received_, other.received_);
    std::swap(passing_on_, other.passing_on_);
    return *this;
}

void RawPeer::TlsDeleter::operator()(ssl_st* session) const noexcept {
    SSL_free(session);
}

bool RawPeer::secure(const Identity& identity) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{
        SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
    SSL_CTX_use_certificate_file(context.get(), identity.certificate_file().c_str(),
                                 SSL_FILETYPE_PEM);
    SSL_CTX_use_PrivateKey_file(context.get(), identity.key_file().c_str(), SSL_FILETYPE_PEM);
    tls_.reset(SSL_new(context.get()));
    SSL_set_fd(tls_.get(), descriptor_);
    return SSL_accept(tls_.get()) == 1;
}

bool RawPeer::receive() {
    std::array<char, 65536> bytes;  // NOLINT(*-member-init): filled in by recv()
    for (;;) {
        const ssize_t count = tls_ ? SSL_read(tls_.get(), bytes.data(), bytes.size())
                                   : ::recv(descriptor_, bytes.data(), bytes.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            throw TimedOut{"bytes from the client"};
        if (count <= 0) return false;
        received_.append(bytes.data(), static_cast<std::size_t>(count));
        return true;
    }
}

std::string RawPeer::read_request() {
    auto end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
        if (!receive()) throw std::runtime_error("no whole request: '" + received_ + "'");
    std::string request = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    return request;
}

std::string RawPeer::shake_hands(std::string_view more_headers) {
    auto request = read_request();
    send(acceptance_of(request, more_headers));
    return request;
}

void RawPeer::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent =
            tls_ ? SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                 : ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) fail("send");
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void RawPeer::send_unsealed(std::string_view bytes) {
    const auto session = std::move(tls_);
    send(bytes);
}

std::optional<Frame> RawPeer::try_read_frame() {
    for (;;) {
        if (auto frame = take_client_frame(received_)) return frame;
        if (!receive()) return std::nullopt;
    }
}

Frame RawPeer::read_frame() {
    auto frame = try_read_frame();
    if (!frame) throw std::runtime_error("the client hung up instead of sending a frame");
    return *std::move(frame);
}

std::string RawPeer::read_text() {
    auto frame = read_frame();
    if (frame.opcode != text || !frame.fin)
        throw std::runtime_error("no text frame, but opcode " + std::to_string(frame.opcode));
    return std::move(frame.payload);
}

void RawPeer::read_to_end() {
    while (receive())
        received_.clear();
}

void RawPeer::pass_on_to(int other) {
    passing_on_ = std::thread{[one = descriptor_, other] {
        std::array<pollfd, 2> ends{pollfd{one, POLLIN, 0}, pollfd{other, POLLIN, 0}};
        std::array<char, 65536> bytes;  // NOLINT(*-member-init): filled in by recv()
        while (::poll(ends.data(), ends.size(), -1) > 0)
            for (const std::size_t i : {0U, 1U}) {
                if (ends[i].revents == 0) continue;
                const auto count = ::recv(ends[i].fd, bytes.data(), bytes.size(), 0);
                if (count <= 0) {
                    ::shutdown(one, SHUT_RDWR);
                    ::shutdown(other, SHUT_RDWR);
                    return;
                }
                ::send(ends[1 - i].fd, bytes.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL);
            }
    }};
}

void RawPeer::hang_up() {
    if (passing_on_.joinable()) {
        ::shutdown(descriptor_, SHUT_RDWR);
        passing_on_.join();
    }
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

std::string header_of(const std::string& request, const std::string& name) {
    const auto at = request.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
}

std::string accept_of(const std::string& request) {
    const std::string text =
        header_of(request, "Sec-WebSocket-Key") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
    std::array<unsigned char, 64> encoded{};
    const int length = EVP_EncodeBlock(encoded.data(), digest.data(), static_cast<int>(size));
    return {reinterpret_cast<const char*>(encoded.data()), static_cast<std::size_t>(length)};
}

std::string acceptance_of(const std::string& request, std::string_view more_headers) {
    return std::string{"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"}
        .append("Connection: Upgrade\r\nSec-WebSocket-Accept: ")
        .append(accept_of(request))
        .append("\r\n")
        .append(more_headers)
        .append("\r\n");
}

RawServer::RawServer() : keeper_(socket_at(0)) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    ::getsockname(keeper_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    descriptor_ = socket_at(port_);
    if (::listen(descriptor_, 64) != 0) fail("listen");
}

RawServer::~RawServer() {
    close();
    ::close(keeper_);
}

std::string RawServer::url(std::string_view target) const {
    return ("ws://127.0.0.1:" + std::to_string(port_)).append(target);
}

std::string RawServer::secure_url(std::string_view host) const {
    return std::string{"wss://"}.append(host) + ":" + std::to_string(port_) + "/";
}

RawPeer RawServer::accept() {
    pollfd waiting{descriptor_, POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::chrono::milliseconds{deadline}.count())) != 1)
        throw TimedOut{"a client to connect"};
    const int descriptor = ::accept4(descriptor_, nullptr, nullptr, SOCK_CLOEXEC);
    if (descriptor < 0) fail("accept");
    limit_waits(descriptor);
    return RawPeer{descriptor};
}

void RawServer::answer_next(std::string_view bytes) {
    auto peer = accept();
    peer.read_request();
    peer.send(bytes);
    peer.read_to_end();
}

void RawServer::close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

}  // namespace wsecho::test
