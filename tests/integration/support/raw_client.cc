#include "support/raw_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {

namespace {

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

int make_socket(int family) {
    const int descriptor = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) fail("socket");
    const timeval limit{std::chrono::seconds{deadline}.count(), 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    // Pieces leave as they are given, not joined by the kernel.
    const int on = 1;
    if (family != AF_UNIX) ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return descriptor;
}

template <class Address>
void connect_descriptor(int descriptor, const Address& address) {
    // Interrupted without a signal, too: newer releases of libuv (1.45) have an io_uring, whose end
    // interrupts the thread that used it last. Linux goes on with what was begun.
    while (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        if (errno != EINTR) fail("connect");
}

sockaddr_in ipv4(const char* host, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
        throw std::runtime_error(std::string{"not an IPv4 address: "} + host);
    return address;
}

}  // namespace

std::string upgrade_request(std::string_view target, std::string_view more_headers) {
    std::string request = "GET ";
    request.append(target).append(" HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\n");
    request += "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ";
    return request.append(sample_key).append("\r\n").append(more_headers).append("\r\n");
}

std::string Response::header(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

RawClient::RawClient(int descriptor) : descriptor_(descriptor) {}

RawClient::RawClient(RawClient&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      received_(std::move(other.received_)),
      bytes_sent_(other.bytes_sent_),
      bytes_received_(other.bytes_received_) {}

RawClient& RawClient::operator=(RawClient&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    std::swap(received_, other.received_);
    std::swap(bytes_sent_, other.bytes_sent_);
    std::swap(bytes_received_, other.bytes_received_);
    return *this;
}

RawClient::~RawClient() {
    hang_up();
}

RawClient RawClient::tcp(int port, const char* host) {
    if (std::strchr(host, ':') == nullptr) {
        RawClient client{make_socket(AF_INET)};
        connect_descriptor(client.descriptor_, ipv4(host, port));
        return client;
    }
    RawClient client{make_socket(AF_INET6)};
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET6, host, &address.sin6_addr);
    connect_descriptor(client.descriptor_, address);
    return client;
}

RawClient RawClient::tcp_from(const char* source, int port) {
    RawClient client{make_socket(AF_INET)};
    const sockaddr_in from = ipv4(source, 0);
    if (::bind(client.descriptor_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0)
        fail("bind");
    client.connect_to(port);
    return client;
}

RawClient RawClient::unix_socket(const std::string& path) {
    RawClient client{make_socket(AF_UNIX)};
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    connect_descriptor(client.descriptor_, address);
    return client;
}

RawClient RawClient::unconnected(int receive_buffer) {
    RawClient client{make_socket(AF_INET)};
    if (receive_buffer != 0)
        ::setsockopt(client.descriptor_, SOL_SOCKET, SO_RCVBUF, &receive_buffer,
                     sizeof receive_buffer);
    return client;
}

void RawClient::connect_to(int port) {
    connect_descriptor(descriptor_, ipv4("127.0.0.1", port));
}

RawClient& RawClient::shake_hands(std::string_view target, std::string_view more_headers) {
    send(upgrade_request(target, more_headers));
    const auto response = read_response();
    if (response.status != 101) throw std::runtime_error("refused: " + response.head);
    return *this;
}

void RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) throw TimedOut{"the server to read"};
        if (sent < 0) fail("send");
        bytes_sent_ += static_cast<std::uint64_t>(sent);
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void RawClient::send_in_pieces(std::string_view bytes, std::size_t piece) {
    for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size())))
        send(bytes.substr(0, piece));
}

bool RawClient::receive() {
    std::array<char, 65536> bytes;  // NOLINT(*-member-init): filled in by recv()
    for (;;) {
        const auto count = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            throw TimedOut{"bytes from the server"};
        if (count <= 0) return false;
        received_.append(bytes.data(), static_cast<std::size_t>(count));
        bytes_received_ += static_cast<std::uint64_t>(count);
        return true;
    }
}

Response RawClient::read_response() {
    auto end = std::string::npos;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
        if (!receive()) throw std::runtime_error("no whole response: '" + received_ + "'");
    Response response;
    response.head = received_.substr(0, end + 4);
    received_.erase(0, end + 4);
    response.status = std::stoi(response.head.substr(response.head.find(' ') + 1));
    if (const auto length = response.header("Content-Length"); !length.empty()) {
        const auto size = std::stoul(length);
        while (received_.size() < size)
            if (!receive()) throw std::runtime_error("the response's body was cut");
        response.body = received_.substr(0, size);
        received_.erase(0, size);
    }
    return response;
}

std::optional<Frame> RawClient::try_read_frame() {
    for (;;) {
        if (auto frame = take_frame(received_, allows_compression_)) return frame;
        if (!receive()) return std::nullopt;
    }
}

Frame RawClient::read_frame() {
    auto frame = try_read_frame();
    if (!frame) throw std::runtime_error("the server hung up instead of sending a frame");
    return *std::move(frame);
}

std::string RawClient::read_text() {
    auto frame = read_frame();
    if (frame.opcode != text || !frame.fin)
        throw std::runtime_error("no text frame, but opcode " + std::to_string(frame.opcode));
    return std::move(frame.payload);
}

void RawClient::read_to_end() {
    while (receive())
        received_.clear();
}

Frame RawClient::take_close() {
    auto frame = read_frame();
    if (frame.opcode != test::close)
        throw std::runtime_error("no close frame, but opcode " + std::to_string(frame.opcode));
    send(test::frame(test::close, frame.payload.substr(0, 2)));
    read_to_end();
    return frame;
}

bool RawClient::is_silent() const {
    pollfd waiting{descriptor_, POLLIN, 0};
    return received_.empty() && ::poll(&waiting, 1, 0) == 0;
}

void RawClient::shut_down_writing() {
    ::shutdown(descriptor_, SHUT_WR);
}

void RawClient::reset() {
    const linger at_once{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    hang_up();
}

void RawClient::hang_up() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

std::string RawClient::local_address() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    ::getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    std::array<char, INET6_ADDRSTRLEN> host{};
    if (address.ss_family == AF_INET6) {
        const auto& ipv6 = reinterpret_cast<const sockaddr_in6&>(address);
        inet_ntop(AF_INET6, &ipv6.sin6_addr, host.data(), host.size());
        return std::string{"["} + host.data() + "]:" + std::to_string(ntohs(ipv6.sin6_port));
    }
    const auto& ipv4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &ipv4.sin_addr, host.data(), host.size());
    return std::string{host.data()} + ":" + std::to_string(ntohs(ipv4.sin_port));
}

RawClient open_client(const TestServer& server, std::string_view target) {
    auto client = RawClient::tcp(server.port());
    client.shake_hands(target);
    return client;
}

std::vector<RawClient> open_clients(const TestServer& server, std::size_t count) {
    const std::size_t before = server.record().opened.size();
    std::vector<RawClient> clients;
    clients.reserve(count);
    for (std::size_t i = 0; i < count; ++i)
        clients.push_back(open_client(server));
    server.await("all to be open",
                 [&](const Record& record) { return record.opened.size() >= before + count; });
    return clients;
}

}  // namespace wsecho::test
