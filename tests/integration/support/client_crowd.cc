#include "support/client_crowd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "support/raw_client.h"

namespace wsecho::test {

namespace {

bool receive(int descriptor, std::string& bytes) {
    std::array<char, 65536> room;
    const auto received = ::read(descriptor, room.data(), room.size());
    if (received <= 0) return false;
    bytes.append(room.data(), static_cast<std::size_t>(received));
    return true;
}

}  // namespace

bool ClientCrowd::Client::send(const std::string& bytes) const {
    return ::write(descriptor, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
}

ClientCrowd::ClientCrowd(int port, unsigned count, OnFrame on_frame, int receive_buffer)
    : on_frame_(std::move(on_frame)), epoll_(epoll_create1(0)), buffers_(count) {
    for (std::uint32_t number = 0; number < count; ++number)
        open(port, number, receive_buffer);
}

void ClientCrowd::open(int port, std::uint32_t number, int receive_buffer) {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (receive_buffer != 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const Client client{number, descriptor};
    if (connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        !client.send(upgrade_request("/?" + std::to_string(number))))
        throw std::runtime_error("a client cannot connect");
    std::string& bytes = buffers_[number];
    while (bytes.find("\r\n\r\n") == std::string::npos)
        if (!receive(descriptor, bytes)) throw std::runtime_error("a client was refused");
    bytes.erase(0, bytes.find("\r\n\r\n") + 4);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = (std::uint64_t{number} << 32U) | static_cast<unsigned>(descriptor);
    epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
}

void ClientCrowd::read_all() {
    for (std::size_t open = buffers_.size(); open > 0;) {
        std::array<epoll_event, 256> events;
        const int ready = epoll_wait(epoll_, events.data(), events.size(), -1);
        for (int i = 0; i < ready; ++i) {
            const auto which = events[static_cast<std::size_t>(i)].data.u64;
            const Client client{static_cast<std::uint32_t>(which >> 32U),
                                static_cast<int>(which & 0xFFFFFFFFU)};
            if (read(client)) continue;
            ::close(client.descriptor);
            --open;
        }
    }
}

// False at its end.
bool ClientCrowd::read(const Client& client) {
    std::string& bytes = buffers_[client.number];
    const bool is_open = receive(client.descriptor, bytes);
    while (const auto came = take_frame(bytes))
        if (!on_frame_(client, *came)) return false;
    return is_open;
}

}  // namespace wsecho::test
