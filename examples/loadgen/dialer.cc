// Resolves the target and starts connections from the loopback addresses in turn.
#include "dialer.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace wsecho::loadgen {
namespace {

constexpr std::uint32_t connections_per_source = 1000;
constexpr std::uint32_t max_sources = 250;
constexpr std::uint32_t first_source = 0x7F000002;  // 127.0.0.2

bool is_loopback(const sockaddr_storage& address) {
    if (address.ss_family != AF_INET) return false;
    sockaddr_in internet{};
    std::memcpy(&internet, &address, sizeof internet);
    return ntohl(internet.sin_addr.s_addr) >> 24U == 127;
}

void set_option(const FileDescriptor& socket, int level, int name) {
    const int on = 1;
    if (::setsockopt(socket.get(), level, name, &on, sizeof on) != 0) {
        throw std::system_error(errno, std::generic_category(), "setsockopt");
    }
}

}  // namespace

Dialer::Dialer(const Target& target, std::uint32_t connections) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int error =
        ::getaddrinfo(target.host.c_str(), std::to_string(target.port).c_str(), &hints, &found);
    if (error != 0) {
        throw TargetError(fmt::format("no address for '{}': {}", target.host, gai_strerror(error)));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    std::memcpy(&address_, found->ai_addr, found->ai_addrlen);
    address_size_ = found->ai_addrlen;
    if (is_loopback(address_)) {
        source_addresses_ = std::clamp(connections / connections_per_source, 1U, max_sources);
    }
}

FileDescriptor Dialer::start(std::uint32_t connection) const {
    FileDescriptor socket(
        ::socket(address_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) throw std::system_error(errno, std::generic_category(), "socket");
    set_option(socket, IPPROTO_TCP, TCP_NODELAY);
    if (source_addresses_ > 0) {
        // The port is chosen at connect, when the whole four-tuple is known.
        set_option(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
        sockaddr_in source{};
        source.sin_family = AF_INET;
        source.sin_addr.s_addr = htonl(first_source + connection % source_addresses_);
        if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&source), sizeof source) != 0) {
            throw std::system_error(errno, std::generic_category(), "bind");
        }
    }
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address_), address_size_) != 0 &&
        errno != EINPROGRESS) {
        throw std::system_error(errno, std::generic_category(), "connect");
    }
    return socket;
}

}  // namespace wsecho::loadgen
