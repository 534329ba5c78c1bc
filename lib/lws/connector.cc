#include "lws/connector.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

namespace wsecho::lws {

namespace {

Resolution look_up(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | flags;
    addrinfo* list = nullptr;
    const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (error == EAI_NONAME && (flags & AI_NUMERICHOST) != 0) return {};
    if (error != 0) return {{}, "'" + host + "' does not resolve: " + gai_strerror(error)};
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> holder{list, freeaddrinfo};
    Resolution found;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
        RemoteAddress address;
        std::memcpy(&address.address, entry->ai_addr, entry->ai_addrlen);
        address.size = entry->ai_addrlen;
        found.addresses.push_back(address);
    }
    return found;
}

std::string words(int error) {
    return std::generic_category().message(error);
}

}  // namespace

std::string RemoteAddress::text() const {
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    const int error =
        getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host.data(), host.size(),
                    port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
    if (error != 0) return "unknown";
    const std::string name = host.data();
    return (address.ss_family == AF_INET6 ? "[" + name + "]" : name) + ":" + port.data();
}

Resolution resolve(const std::string& host, std::uint16_t port) {
    return look_up(host, port, 0);
}

Resolution resolve_numeric(const std::string& host, std::uint16_t port) {
    return look_up(host, port, AI_NUMERICHOST);
}

Connecting begin_connect(const RemoteAddress& address) {
    Descriptor descriptor{
        ::socket(address.address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!descriptor.valid()) return {{}, "no socket: " + words(errno)};
    const int on = 1;
    ::setsockopt(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(descriptor.get(), reinterpret_cast<const sockaddr*>(&address.address),
                  address.size) != 0 &&
        errno != EINPROGRESS && errno != EINTR)
        return {{}, words(errno)};
    return {std::move(descriptor), {}};
}

}  // namespace wsecho::lws
