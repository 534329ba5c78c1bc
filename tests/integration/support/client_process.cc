#include "support/client_process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/raw_client.h"

namespace wsecho::test {

namespace {

bool receive(int descriptor, std::string& bytes) {
    std::array<char, 4096> room;
    const auto received = ::read(descriptor, room.data(), room.size());
    if (received <= 0) return false;
    bytes.append(room.data(), static_cast<std::size_t>(received));
    return true;
}

int connect_one(int port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const std::string request = upgrade_request("/");
    if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::write(descriptor, request.data(), request.size()) != static_cast<ssize_t>(request.size()))
        throw std::runtime_error("a client cannot connect");
    std::string head;
    while (head.find("\r\n\r\n") == std::string::npos)
        if (!receive(descriptor, head)) throw std::runtime_error("a client was refused");
    return descriptor;
}

// Until the server has closed them all.
void answer_pings(int port, unsigned clients) {
    const int waiter = epoll_create1(0);
    for (unsigned i = 0; i < clients; ++i) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = connect_one(port);
        epoll_ctl(waiter, EPOLL_CTL_ADD, event.data.fd, &event);
    }
    for (unsigned open = clients; open > 0;) {
        std::array<epoll_event, 256> events;
        const int ready = epoll_wait(waiter, events.data(), events.size(), -1);
        for (int i = 0; i < ready; ++i) {
            const int descriptor = events.at(static_cast<std::size_t>(i)).data.fd;
            std::string bytes;
            bool is_open = receive(descriptor, bytes);
            while (const auto asked = take_frame(bytes)) {
                const std::string answer =
                    frame(asked->opcode == ping ? pong : close, asked->payload);
                is_open = ::write(descriptor, answer.data(), answer.size()) > 0 && is_open;
            }
            if (is_open) continue;
            ::close(descriptor);
            --open;
        }
    }
}

}  // namespace

ClientProcess::ClientProcess(unsigned clients) {
    if (pipe(port_.data()) != 0) throw std::runtime_error("pipe");
    child_ = fork();
    if (child_ < 0) throw std::runtime_error("fork");
    if (child_ != 0) return;
    try {
        int port = 0;
        if (::read(port_[0], &port, sizeof port) == sizeof port) answer_pings(port, clients);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        _exit(1);
    }
    _exit(0);
}

ClientProcess::~ClientProcess() {
    kill();
    for (const int end : port_)
        ::close(end);
}

void ClientProcess::connect_to(int port) {
    if (::write(port_[1], &port, sizeof port) != static_cast<ssize_t>(sizeof port))
        throw std::runtime_error("the client process has ended");
}

void ClientProcess::kill() {
    if (child_ == 0) return;
    ::kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    child_ = 0;
}

void ClientProcess::freeze() {
    ::kill(child_, SIGSTOP);
}

}  // namespace wsecho::test
