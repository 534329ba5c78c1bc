// wsecho-floor: the floor that wsecho is measured against. One thread, epoll, and per
// readable connection one recv, an unmasking in place, and one send for all that came. It
// checks next to nothing: whatever a real server adds shows as the distance to it.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "floor_connection.h"
#include "floor_frames.h"
#include "floor_handshake.h"

namespace {

using namespace wsecho::floor_server;

[[noreturn]] void throw_errno(const char* call) {
    throw std::system_error(errno, std::generic_category(), call);
}

enum class Mode { echo, broadcast };

class Server {
  public:
    Server(std::uint16_t port, bool reuse_port, Mode mode, std::uint32_t trigger)
        : mode_(mode), trigger_(trigger), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        if (epoll_ < 0) throw_errno("epoll_create1");
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (listener_ < 0) throw_errno("socket");
        const int on = 1;
        ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
        if (reuse_port) ::setsockopt(listener_, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
        // Accepted sockets inherit it.
        ::setsockopt(listener_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            throw_errno("bind");
        }
        if (::listen(listener_, SOMAXCONN) != 0) throw_errno("listen");
        watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server() {
        ::close(listener_);
        ::close(epoll_);
    }

    [[nodiscard]] unsigned port() const {
        sockaddr_in address{};
        socklen_t size = sizeof address;
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
        return ntohs(address.sin_port);
    }

    [[noreturn]] void serve() {
        std::array<epoll_event, 1024> events{};
        for (;;) {
            const int count =
                ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
            for (std::size_t index = 0; static_cast<int>(index) < count; ++index) {
                const int socket = events[index].data.fd;
                if (socket == listener_) {
                    accept_all();
                } else if (const auto& connection = connections_[static_cast<std::size_t>(socket)];
                           connection && !handle(*connection, events[index].events)) {
                    drop(socket);
                }
            }
        }
    }

  private:
    void watch(int operation, int socket, std::uint32_t events) const {
        epoll_event event{};
        event.events = events;
        event.data.fd = socket;
        ::epoll_ctl(epoll_, operation, socket, &event);
    }

    void accept_all() {
        for (;;) {
            const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (socket < 0) return;
            const auto slot = static_cast<std::size_t>(socket);
            if (slot >= connections_.size()) connections_.resize(slot + 1);
            connections_[slot] = std::make_unique<Connection>(socket);
            watch(EPOLL_CTL_ADD, socket, EPOLLIN | trigger_);
        }
    }

    void drop(int socket) { connections_[static_cast<std::size_t>(socket)].reset(); }

    // False: the connection is to be dropped.
    bool handle(Connection& connection, std::uint32_t events) {
        if ((events & EPOLLOUT) != 0) return connection.flush() && settle(connection);
        const bool closing = (events & (EPOLLHUP | EPOLLERR)) != 0;
        for (;;) {
            std::size_t size = 0;
            switch (connection.receive(buffer_, size)) {
                case Connection::Read::ended:
                    return false;
                case Connection::Read::none:
                    return true;
                case Connection::Read::some:
                    break;
            }
            if (!take(connection, size)) return false;
            // A read that leaves room in the buffer has emptied the socket.
            if (trigger_ == 0 || connection.has_unsent()) return true;
            if (size < buffer_.size() && !closing) return true;
        }
    }

    bool take(Connection& connection, std::size_t size) {
        const std::span<std::uint8_t> received(buffer_.data(), size);
        if (!connection.is_open) return open(connection, received);
        const bool fine =
            mode_ == Mode::echo ? echo(connection, received) : broadcast(connection, received);
        return fine && settle(connection);
    }

    bool open(Connection& connection, std::span<std::uint8_t> received) {
        const Handshake handshake =
            answer_handshake({reinterpret_cast<const char*>(received.data()), received.size()});
        if (handshake.request_size == 0) {
            connection.keep_for_next_read(received);
            return true;
        }
        if (handshake.response.empty()) return false;
        connection.is_open = true;
        const auto rest = received.subspan(handshake.request_size);
        if (!rest.empty()) connection.keep_for_next_read(rest);
        const auto* data = reinterpret_cast<const std::uint8_t*>(handshake.response.data());
        return connection.send({data, handshake.response.size()});
    }

    bool echo(Connection& connection, std::span<std::uint8_t> received) {
        std::uint8_t* const begin = received.data();
        std::uint8_t* const end = begin + received.size();
        std::uint8_t* answer_begin = nullptr;
        std::uint8_t* answer_end = nullptr;
        std::uint8_t* at = begin;
        ClientFrame frame;
        while (at < end) {
            const Parsed parsed = parse_frame({at, end}, frame);
            if (parsed == Parsed::broken) return false;
            if (parsed == Parsed::partial) {
                connection.keep_for_next_read({at, end});
                break;
            }
            if (answer_begin == nullptr) answer_begin = answer_end = at + room_before_answer(frame);
            if (frame.opcode == opcode_close) connection.closes_when_sent = true;
            if (frame.opcode != opcode_pong) {
                const unsigned opcode = frame.opcode == opcode_ping ? opcode_pong : frame.opcode;
                answer_end = write_answer(answer_end, at, frame, opcode);
            }
            at += frame.size();
        }
        return answer_begin == answer_end || connection.send({answer_begin, answer_end});
    }

    // One plain send per message and connection: what a loop over all connections costs
    // without batching.
    bool broadcast(Connection& publisher, std::span<std::uint8_t> received) {
        std::uint8_t* at = received.data();
        std::uint8_t* const end = at + received.size();
        ClientFrame frame;
        while (at < end) {
            const Parsed parsed = parse_frame({at, end}, frame);
            if (parsed == Parsed::broken) return false;
            if (parsed == Parsed::partial) {
                publisher.keep_for_next_read({at, end});
                return true;
            }
            std::uint8_t* const answer = at + room_before_answer(frame);
            const unsigned opcode = frame.opcode == opcode_ping ? opcode_pong : frame.opcode;
            const Bytes bytes(answer, write_answer(answer, at, frame, opcode));
            if (frame.opcode == opcode_close || frame.opcode == opcode_ping) {
                publisher.closes_when_sent = frame.opcode == opcode_close;
                if (!publisher.send(bytes)) return false;
            } else if (frame.opcode != opcode_pong) {
                send_to_all(bytes);
            }
            at += frame.size();
        }
        return true;
    }

    void send_to_all(Bytes bytes) {
        for (const auto& connection : connections_) {
            if (!connection || !connection->is_open) continue;
            // A peer that is gone shows at its next read.
            if (connection->send(bytes)) settle(*connection);
        }
    }

    // While the peer takes no more, it is not read either.
    bool settle(Connection& connection) const {
        if (connection.has_unsent() != connection.waits_for_room) {
            connection.waits_for_room = connection.has_unsent();
            watch(EPOLL_CTL_MOD, connection.socket(),
                  (connection.waits_for_room ? EPOLLOUT : EPOLLIN) | trigger_);
        }
        return connection.has_unsent() || !connection.closes_when_sent;
    }

    Mode mode_;
    std::uint32_t trigger_;  // EPOLLET or nothing
    int epoll_;
    int listener_ = -1;
    std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
    std::vector<std::uint8_t> buffer_;
};

void raise_descriptor_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int main(int argument_count, char** arguments) {
    try {
        std::uint16_t port = 0;
        std::string mode = "echo";
        CLI::App app{"The least a WebSocket server can do, to measure others against.",
                     "wsecho-floor"};
        app.add_option("--port", port, "Port on 127.0.0.1; 0 for any")->capture_default_str();
        app.add_option("--mode", mode, "What to do with a message")
            ->check(CLI::IsMember({"echo", "broadcast"}))
            ->capture_default_str();
        bool edge_triggered = false;
        app.add_flag("--edge-triggered", edge_triggered, "Ask epoll for changes only");
        bool reuse_port = false;
        app.add_flag("--reuse-port", reuse_port, "Share the port with other processes");
        CLI11_PARSE(app, argument_count, arguments);
        raise_descriptor_limit();
        Server server(port, reuse_port, mode == "echo" ? Mode::echo : Mode::broadcast,
                      edge_triggered ? std::uint32_t{EPOLLET} : 0U);
        std::printf("listening on 127.0.0.1:%u\n", server.port());
        std::fflush(stdout);
        server.serve();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wsecho-floor: %s\n", error.what());
        return 1;
    }
}
