#include "lws/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>
#include <system_error>
#include <utility>

namespace wsecho::lws {

namespace {

std::string words(int error) {
    return std::generic_category().message(error);
}

void set_option(int descriptor, int level, int name, int value) {
    ::setsockopt(descriptor, level, name, &value, sizeof value);
}

struct AddressListDeleter {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};
using AddressList = std::unique_ptr<addrinfo, AddressListDeleter>;

AddressList resolve(const ListenOptions& options) {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int error = getaddrinfo(options.host.empty() ? nullptr : options.host.c_str(),
                                  std::to_string(options.port).c_str(), &hints, &list);
    if (error != 0)
        throw ListenFailure{0,
                            "host '" + options.host + "' does not resolve: " + gai_strerror(error)};
    return AddressList{list};
}

// The addresses of one host and port, ready to be bound any number of times.
struct Endpoint {
    sockaddr_storage address{};
    socklen_t size = 0;

    [[nodiscard]] const sockaddr* get() const {
        return reinterpret_cast<const sockaddr*>(&address);
    }
    [[nodiscard]] int family() const { return address.ss_family; }
    void set_port(std::uint16_t port) {
        if (family() == AF_INET6)
            reinterpret_cast<sockaddr_in6*>(&address)->sin6_port = htons(port);
        else
            reinterpret_cast<sockaddr_in*>(&address)->sin_port = htons(port);
    }
};

std::vector<Endpoint> endpoints_of(const ListenOptions& options) {
    std::vector<Endpoint> endpoints;
    const auto list = resolve(options);
    for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
        Endpoint endpoint;
        std::memcpy(&endpoint.address, entry->ai_addr, entry->ai_addrlen);
        endpoint.size = entry->ai_addrlen;
        endpoints.push_back(endpoint);
    }
    return endpoints;
}

Descriptor bind_to(const Endpoint& endpoint, bool share_port) {
    Descriptor descriptor{
        ::socket(endpoint.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!descriptor.valid()) throw ListenFailure{errno, "no socket: " + words(errno)};
    set_option(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, 1);
    if (share_port) set_option(descriptor.get(), SOL_SOCKET, SO_REUSEPORT, 1);
    if (endpoint.family() == AF_INET6) set_option(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (::bind(descriptor.get(), endpoint.get(), endpoint.size) != 0)
        throw ListenFailure{errno, words(errno)};
    return descriptor;
}

bool is_missing_family(int error) noexcept {
    return error == EADDRNOTAVAIL || error == EAFNOSUPPORT;
}

void start_listening(const Descriptor& descriptor, int backlog) {
    if (::listen(descriptor.get(), backlog) != 0) throw ListenFailure{errno, words(errno)};
}

std::uint16_t port_of(const Descriptor& descriptor) {
    Endpoint bound;
    bound.size = sizeof bound.address;
    ::getsockname(descriptor.get(), reinterpret_cast<sockaddr*>(&bound.address), &bound.size);
    return ntohs(bound.family() == AF_INET6
                     ? reinterpret_cast<const sockaddr_in6*>(&bound.address)->sin6_port
                     : reinterpret_cast<const sockaddr_in*>(&bound.address)->sin_port);
}

std::string text_of(const sockaddr_storage& address, socklen_t size) {
    if (address.ss_family == AF_UNIX) return "unix";
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    const int error =
        getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host.data(), host.size(),
                    port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
    if (error != 0) return "unknown";
    const std::string name = host.data();
    return (address.ss_family == AF_INET6 ? "[" + name + "]" : name) + ":" + port.data();
}

// Is this a socket's file whose server has ended? Any other file is left alone.
bool nobody_listens(const sockaddr_un& address) {
    struct stat status {};
    if (::lstat(address.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
    // Not blocking: an owner whose backlog is full is an owner.
    const Descriptor probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    return ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
               0 &&
           errno == ECONNREFUSED;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
    if (this != &other) {
        Descriptor old{release()};
        value_ = other.release();
    }
    return *this;
}

Descriptor::~Descriptor() {
    if (value_ >= 0) ::close(value_);
}

int Descriptor::release() noexcept {
    const int value = value_;
    value_ = -1;
    return value;
}

namespace {

// Sockets that share a port (SO_REUSEPORT) would also let a second server of the same user take
// a port that is in use, and connections would go to either. So the first one of an address
// shares only once it listens, unless sharing with other processes was asked for. Bound is not
// enough: SO_REUSEADDR lets two be bound, as long as neither listens.
TcpListeners listen_on_each(std::span<Endpoint> endpoints, const ListenOptions& options) {
    const bool shared = options.sockets > 1 || options.share_port;
    TcpListeners result;
    result.by_loop.resize(options.sockets);
    result.port = options.port;
    for (Endpoint& endpoint : endpoints) {
        endpoint.set_port(result.port);
        Descriptor first;
        try {
            first = bind_to(endpoint, options.share_port);
            start_listening(first, options.backlog);
        } catch (const ListenFailure& failure) {
            // A host without IPv6 still serves the name's IPv4 address, and the other way round.
            if (endpoints.size() == 1 || !is_missing_family(failure.error)) throw;
            continue;
        }
        result.port = port_of(first);
        endpoint.set_port(result.port);
        if (shared) set_option(first.get(), SOL_SOCKET, SO_REUSEPORT, 1);
        result.by_loop.front().push_back(std::move(first));
        for (auto& sockets : std::span{result.by_loop}.subspan(1)) {
            sockets.push_back(bind_to(endpoint, shared));
            start_listening(sockets.back(), options.backlog);
        }
    }
    if (result.by_loop.front().empty())
        throw ListenFailure{EADDRNOTAVAIL, "host '" + options.host + "' has no address here"};
    return result;
}

}  // namespace

TcpListeners listen_tcp(const ListenOptions& options) {
    auto endpoints = endpoints_of(options);
    // The port that is free at the first address may not be so at the next: another is tried.
    constexpr int max_attempts = 32;
    for (int attempt = 1;; ++attempt) {
        try {
            return listen_on_each(endpoints, options);
        } catch (const ListenFailure& failure) {
            const bool chosen_by_us = options.port == 0 && failure.error == EADDRINUSE;
            if (!chosen_by_us || attempt == max_attempts) throw;
        }
    }
}

Descriptor listen_unix(const std::string& path, int backlog) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path)
        throw ListenFailure{ENAMETOOLONG, "a Unix socket's path has at most 107 bytes"};
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);

    Descriptor descriptor{::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (!descriptor.valid()) throw ListenFailure{errno, "no socket: " + words(errno)};
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    int error = ::bind(descriptor.get(), generic, sizeof address) == 0 ? 0 : errno;
    if (error == EADDRINUSE && nobody_listens(address)) {
        ::unlink(path.c_str());
        error = ::bind(descriptor.get(), generic, sizeof address) == 0 ? 0 : errno;
    }
    if (error != 0) throw ListenFailure{error, words(error)};
    start_listening(descriptor, backlog);
    return descriptor;
}

Accepted accept_connection(int listener) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    Descriptor descriptor{::accept4(listener, reinterpret_cast<sockaddr*>(&address), &size,
                                    SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (!descriptor.valid()) {
        const bool exhausted =
            errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
        return {exhausted ? Accepted::Kind::out_of_descriptors : Accepted::Kind::none, {}, {}};
    }
    if (address.ss_family != AF_UNIX) set_option(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, 1);
    return {Accepted::Kind::connection, std::move(descriptor), text_of(address, size)};
}

}  // namespace wsecho::lws
