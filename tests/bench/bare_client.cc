// wsecho-bare-client: the least that an echo load can do, to measure wsecho-bench against. One
// thread, epoll, and for each readable connection one recv and one send of the same frame. It
// keeps no times and looks at no byte that comes back: it counts sizes.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t connections_per_source = 1000;
constexpr std::uint32_t first_source = 0x7F000002;  // 127.0.0.2
constexpr std::string_view request =
    "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

[[noreturn]] void throw_errno(const char* call) {
    throw std::system_error(errno, std::generic_category(), call);
}

// A masked text frame whose key is zero, so that its payload stands as it is.
std::vector<std::uint8_t> frame_of(std::size_t size) {
    std::vector<std::uint8_t> frame{0x81};
    if (size <= 125) {
        frame.push_back(static_cast<std::uint8_t>(0x80U | size));
    } else if (size <= 0xFFFF) {
        frame.insert(frame.end(), {0xFE, static_cast<std::uint8_t>(size >> 8U),
                                   static_cast<std::uint8_t>(size & 0xFFU)});
    } else {
        throw std::invalid_argument("--size: at most 65535");
    }
    frame.insert(frame.end(), 4, 0);
    frame.insert(frame.end(), size, 'x');
    return frame;
}

int connect_to(std::uint16_t port, std::uint32_t source) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) throw_errno("socket");
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(source);
    if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        throw_errno("bind");
    }
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        throw_errno("connect");
    }
    if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) < 0) throw_errno("send");
    std::string response;
    std::array<char, 4096> piece{};
    while (response.find("\r\n\r\n") == std::string::npos) {
        const ssize_t size = ::recv(socket, piece.data(), piece.size(), 0);
        if (size <= 0) throw std::runtime_error("the server refused the handshake");
        response.append(piece.data(), static_cast<std::size_t>(size));
    }
    if (!response.starts_with("HTTP/1.1 101")) {
        throw std::runtime_error("the server refused the handshake");
    }
    ::fcntl(socket, F_SETFL, O_NONBLOCK);
    return socket;
}

double own_cpu_seconds() {
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

class Client {
  public:
    Client(std::uint16_t port, std::uint32_t connections, std::size_t size)
        : frame_(frame_of(size)),
          echo_size_(frame_.size() - 4),
          received_(connections),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
        const std::uint32_t sources = std::max(1U, connections / connections_per_source);
        for (std::uint32_t number = 0; number < connections; ++number) {
            sockets_.push_back(connect_to(port, first_source + number % sources));
            epoll_event event{};
            event.events = EPOLLIN | EPOLLET;
            event.data.u32 = number;
            ::epoll_ctl(epoll_, EPOLL_CTL_ADD, sockets_.back(), &event);
        }
    }

    void start() {
        for (const int socket : sockets_)
            send_one(socket);
    }

    // Returns how many echoes came.
    std::uint64_t run(std::chrono::duration<double> duration) {
        std::uint64_t messages = 0;
        const Clock::time_point end =
            Clock::now() + std::chrono::duration_cast<Clock::duration>(duration);
        std::array<epoll_event, 512> events{};
        while (Clock::now() < end) {
            const int count =
                ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
            for (int index = 0; index < count; ++index) {
                messages += answer(events[static_cast<std::size_t>(index)].data.u32);
            }
        }
        return messages;
    }

  private:
    void send_one(int socket) {
        if (::send(socket, frame_.data(), frame_.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(frame_.size())) {
            throw_errno("send");
        }
    }

    std::uint64_t answer(std::uint32_t number) {
        const ssize_t size = ::recv(sockets_[number], buffer_.data(), buffer_.size(), 0);
        if (size <= 0) throw_errno("recv");
        received_[number] += static_cast<std::uint32_t>(size);
        if (received_[number] < echo_size_) return 0;
        received_[number] = 0;
        send_one(sockets_[number]);
        return 1;
    }

    std::vector<std::uint8_t> frame_;
    std::size_t echo_size_;  // a server's frame has no key
    std::vector<int> sockets_;
    std::vector<std::uint32_t> received_;
    int epoll_;
    std::vector<std::uint8_t> buffer_ = std::vector<std::uint8_t>(std::size_t{256} * 1024);
};

}  // namespace

int main(int argument_count, char** arguments) {
    try {
        std::uint16_t port = 0;
        std::uint32_t connections = 100;
        std::size_t size = 256;
        double duration = 5;
        CLI::App app{"The least a WebSocket echo load can do; prints one line of JSON.",
                     "wsecho-bare-client"};
        app.add_option("--port", port, "Port on 127.0.0.1")->required();
        app.add_option("--connections", connections, "How many to open")->capture_default_str();
        app.add_option("--size", size, "Bytes of a message")->capture_default_str();
        app.add_option("--duration", duration, "Seconds to measure")->capture_default_str();
        CLI11_PARSE(app, argument_count, arguments);
        rlimit limit{};
        if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
            limit.rlim_cur = limit.rlim_max;
            ::setrlimit(RLIMIT_NOFILE, &limit);
        }
        Client client(port, connections, size);
        client.start();
        client.run(std::chrono::seconds(1));
        const double cpu = own_cpu_seconds();
        const Clock::time_point start = Clock::now();
        const auto messages =
            static_cast<double>(client.run(std::chrono::duration<double>(duration)));
        const double elapsed = std::chrono::duration<double>(Clock::now() - start).count();
        std::printf("{\"messages_per_second\": %.1f, \"generator_cpu_us_per_message\": %.4f}\n",
                    messages / elapsed, (own_cpu_seconds() - cpu) * 1e6 / messages);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wsecho-bare-client: %s\n", error.what());
        return 1;
    }
}
