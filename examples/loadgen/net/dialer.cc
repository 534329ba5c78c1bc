// Resolves the target and its sources, and starts connections from these in turn.
#include "net/dialer.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>

namespace wsecho::loadgen {
namespace {

constexpr std::uint32_t connections_per_source = 1000;
constexpr std::uint32_t max_sources = 250;
constexpr std::uint32_t first_source = 0x7F000002;  // 127.0.0.2

Dialer::Address resolve(const std::string& host, const std::string& port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags;
    addrinfo* found = nullptr;
    const int error =
        ::getaddrinfo(host.c_str(), port.empty() ? nullptr : port.c_str(), &hints, &found);
    if (error != 0) {
        throw TargetError(fmt::format("no address for '{}': {}", host, gai_strerror(error)));
    }
    const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
    Dialer::Address address;
    std::memcpy(&address.bytes, found->ai_addr, found->ai_addrlen);
    address.size = found->ai_addrlen;
    return address;
}

bool is_loopback(const sockaddr_storage& address) {
    if (address.ss_family != AF_INET) return false;
    sockaddr_in internet{};
    std::memcpy(&internet, &address, sizeof internet);
    return ntohl(internet.sin_addr.s_addr) >> 24U == 127;
}

Dialer::Address loopback_source(std::uint32_t index) {
    sockaddr_in source{};
    source.sin_family = AF_INET;
    source.sin_addr.s_addr = htonl(first_source + index);
    Dialer::Address address;
    std::memcpy(&address.bytes, &source, sizeof source);
    address.size = sizeof source;
    return address;
}

void set_option(const FileDescriptor& socket, int level, int name, int value = 1) {
    if (::setsockopt(socket.get(), level, name, &value, sizeof value) != 0) {
        throw std::system_error(errno, std::generic_category(), "setsockopt");
    }
}

const sockaddr* pointer_to(const Dialer::Address& address) {
    return reinterpret_cast<const sockaddr*>(&address.bytes);
}

}  // namespace

Dialer::Dialer(const Target& target, const std::vector<std::string>& sources,
               std::uint32_t connections)
    : address_(resolve(target.host, std::to_string(target.port), 0)) {
    for (const std::string& source : sources) {
        sources_.push_back(resolve(source, {}, AI_NUMERICHOST));
        if (sources_.back().bytes.ss_family != address_.bytes.ss_family) {
            throw TargetError(fmt::format("source address '{}' is not of the same family as '{}'",
                                          source, target.host));
        }
    }
    if (!sources_.empty() || !is_loopback(address_.bytes)) return;
    const std::uint32_t count = std::clamp(connections / connections_per_source, 1U, max_sources);
    for (std::uint32_t index = 0; index < count; ++index)
        sources_.push_back(loopback_source(index));
}

FileDescriptor Dialer::start(std::uint32_t connection, int receive_buffer) const {
    FileDescriptor socket(
        ::socket(address_.bytes.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) throw std::system_error(errno, std::generic_category(), "socket");
    set_option(socket, IPPROTO_TCP, TCP_NODELAY);
    if (receive_buffer > 0) set_option(socket, SOL_SOCKET, SO_RCVBUF, receive_buffer);
    if (!sources_.empty()) {
        // The port is chosen at connect, when the whole four-tuple is known.
        set_option(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
        const Address& source = sources_[connection % sources_.size()];
        if (::bind(socket.get(), pointer_to(source), source.size) != 0) {
            throw std::system_error(errno, std::generic_category(), "bind");
        }
    }
    if (::connect(socket.get(), pointer_to(address_), address_.size) != 0 && errno != EINPROGRESS) {
        throw std::system_error(errno, std::generic_category(), "connect");
    }
    return socket;
}

std::uint64_t Dialer::ports() const {
    std::uint64_t low = 32768;
    std::uint64_t high = 60999;
    std::ifstream range("/proc/sys/net/ipv4/ip_local_port_range");
    range >> low >> high;
    return (high - low + 1) * std::max<std::uint64_t>(1, sources_.size());
}

}  // namespace wsecho::loadgen
