// Listening sockets: TCP on IPv4 and IPv6, and Unix sockets, bound by us so that a failure has
// its true reason; and the accepting of connections from them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace wsecho::lws {

// A file descriptor with one owner.
class Descriptor {
  public:
    Descriptor() = default;
    explicit Descriptor(int value) noexcept : value_(value) {}
    Descriptor(Descriptor&& other) noexcept : value_(other.release()) {}
    Descriptor& operator=(Descriptor&& other) noexcept;
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();

    [[nodiscard]] int get() const noexcept { return value_; }
    [[nodiscard]] bool valid() const noexcept { return value_ >= 0; }
    int release() noexcept;

  private:
    int value_ = -1;
};

// Thrown where an address cannot be listened on; `error` is an errno value, 0 for a name that
// does not resolve.
struct ListenFailure {
    int error;
    std::string why;
};

struct ListenOptions {
    std::string host;  // a name or an address; empty: every address
    std::uint16_t port = 0;
    int backlog = 0;
    unsigned sockets = 1;     // one for each loop, on the same port
    bool share_port = false;  // with other processes of the same user
};

struct TcpListeners {
    // One list for each loop; the addresses of a name (IPv4 and IPv6) are all listened on.
    std::vector<std::vector<Descriptor>> by_loop;
    std::uint16_t port = 0;
};

TcpListeners listen_tcp(const ListenOptions& options);

// Replaces a socket file that nobody listens on any more; one in use is ListenFailure.
Descriptor listen_unix(const std::string& path, int backlog);

struct Accepted {
    enum class Kind : std::uint8_t { connection, none, out_of_descriptors };
    Kind kind = Kind::none;
    Descriptor descriptor;
    std::string address;  // "192.0.2.1:4711", "[2001:db8::1]:4711" or "unix"
};

// Takes one waiting connection, non-blocking and without Nagle's delay.
Accepted accept_connection(int listener);

}  // namespace wsecho::lws
