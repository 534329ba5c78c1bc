// The loop over all connections.
#include "fleet.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "handshake.h"

namespace wsecho::loadgen {
namespace {

using State = ClientConnection::State;

constexpr std::uint32_t max_handshakes = 256;
constexpr std::chrono::seconds handshake_timeout{10};
constexpr std::chrono::seconds goodbye_timeout{2};
constexpr std::size_t buffer_size = std::size_t{256} * 1024;
constexpr std::uint64_t interrupt_tag = UINT64_MAX;
constexpr std::array<std::uint8_t, 2> normal_closure{0x03, 0xe8};  // 1000

std::string words(int error) {
    return std::generic_category().message(error);
}

std::string describe_close(Bytes payload) {
    if (payload.size() < 2) return "closed by the server without a code";
    const unsigned code = static_cast<unsigned>(payload[0]) << 8U | payload[1];
    const Bytes reason = payload.subspan(2);
    return fmt::format(
        "closed by the server: {} {}", code,
        std::string_view(reinterpret_cast<const char*>(reason.data()), reason.size()));
}

}  // namespace

Fleet::Fleet(const Target& target, std::uint32_t connections)
    : dialer_(target, connections),
      request_(handshake_request(target)),
      connections_(connections),
      buffer_(buffer_size) {
    for (std::uint32_t number = 0; number < connections; ++number) {
        connections_[number].number = number;
    }
    epoll_.add(interrupt_.descriptor(), interrupt_tag);
}

void Fleet::open_some() {
    while (started_ < asked() && handshakes_ < max_handshakes)
        start(connections_[started_++]);
}

void Fleet::start(ClientConnection& connection) {
    ++handshakes_;
    connection.state = State::connecting;
    try {
        connection.socket = dialer_.start(connection.number);
        connection.opening = std::make_unique<ClientConnection::Opening>();
        connection.opening->started = Clock::now();
        epoll_.add(connection.socket.get(), connection.number);
    } catch (const std::system_error& error) {
        fail(connection, error.what());
    }
}

void Fleet::turn(Time until, Traffic* traffic) {
    const Time now = Clock::now();
    if (handshakes_ > 0 && now >= next_slow_check_) {
        fail_slow_handshakes(now);
        next_slow_check_ = now + std::chrono::seconds(1);
    }
    for (const epoll_event& event : epoll_.wait(until - now)) {
        if (event.data.u64 == interrupt_tag) {
            interrupt_.take();
            interrupted_ = true;
        } else {
            handle(connections_[event.data.u64], event.events, traffic);
        }
    }
}

void Fleet::handle(ClientConnection& connection, std::uint32_t events, Traffic* traffic) {
    if (connection.state == State::connecting) {
        finish_connect(connection);
        return;
    }
    if ((events & EPOLLOUT) != 0 && connection.has_unsent()) {
        if (!connection.flush()) fail(connection, words(errno));
    }
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) == 0) return;
    // A read that leaves room in the buffer has emptied the socket: no second one is needed
    // to learn that, unless the peer has closed.
    const bool closing = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    while (connection.state != State::closed) {
        const std::size_t size = read_once(connection, traffic);
        if (size == 0 || (size < buffer_.size() && !closing)) return;
    }
}

// Returns how much was read: nothing, when there was nothing or the connection has ended.
std::size_t Fleet::read_once(ClientConnection& connection, Traffic* traffic) {
    const ClientConnection::Received received = connection.receive(buffer_);
    if (received.ended) {
        if (connection.state == State::closing) {
            close(connection);
        } else {
            fail(connection, received.error == 0 ? "the server closed the TCP connection"
                                                 : words(received.error));
        }
        return 0;
    }
    const Bytes bytes = Bytes(buffer_).first(received.size);
    if (connection.state == State::handshaking) {
        read_handshake(connection, bytes, traffic);
    } else if (!bytes.empty()) {
        read_frames(connection, bytes, traffic);
    }
    return bytes.size();
}

void Fleet::finish_connect(ClientConnection& connection) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(connection.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        fail(connection, words(error));
        return;
    }
    connection.state = State::handshaking;
    const auto* data = reinterpret_cast<const std::uint8_t*>(request_.data());
    send(connection, {data, request_.size()});
}

void Fleet::read_handshake(ClientConnection& connection, Bytes bytes, Traffic* traffic) {
    std::string& response = connection.opening->response;
    const std::size_t before = response.size();
    response.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const HandshakeAnswer answer = judge_handshake(response);
    switch (answer.verdict) {
        case HandshakeAnswer::Verdict::incomplete:
            return;
        case HandshakeAnswer::Verdict::refused:
            fail(connection, fmt::format("refused: {}", answer.problem));
            return;
        case HandshakeAnswer::Verdict::accepted:
            break;
    }
    connection.opening.reset();
    connection.state = State::open;
    --handshakes_;
    ++open_;
    const Bytes frames = bytes.subspan(answer.size - before);
    if (!frames.empty()) read_frames(connection, frames, traffic);
}

void Fleet::read_frames(ClientConnection& connection, Bytes bytes, Traffic* traffic) {
    const Time now = Clock::now();
    const std::string_view problem = connection.reader.read(
        bytes,
        [&](const PayloadChunk& chunk) {
            if (connection.state != State::open) return;
            if (traffic != nullptr) {
                traffic->on_payload(connection, chunk, now);
            } else if (chunk.ends_message) {
                count_error(connection, "a message that was not asked for");
            }
        },
        [&](Opcode opcode, Bytes payload) { answer_control(connection, opcode, payload); });
    if (!problem.empty()) {
        fail(connection, problem);
    } else if (traffic != nullptr && connection.state == State::open) {
        traffic->on_read_end(connection, now);
    }
}

void Fleet::answer_control(ClientConnection& connection, Opcode opcode, Bytes payload) {
    if (opcode == Opcode::ping) {
        ++pings_answered_;
        if (connection.state == State::open) send(connection, client_frame(Opcode::pong, payload));
    } else if (opcode == Opcode::close && connection.state == State::open) {
        count_error(connection, describe_close(payload));
        connection.state = State::closing;
        --open_;
        send(connection, client_frame(Opcode::close, payload.first(std::min<std::size_t>(
                                                         payload.size(), normal_closure.size()))));
    }
}

void Fleet::send(ClientConnection& connection, Bytes bytes) {
    if (!connection.send(bytes)) fail(connection, words(errno));
}

void Fleet::count_error(const ClientConnection& connection, std::string_view problem) {
    if (errors_++ == 0) {
        first_problem_ = fmt::format("connection {}: {}", connection.number + 1, problem);
    }
}

void Fleet::fail(ClientConnection& connection, std::string_view problem) {
    if (connection.state == State::closed) return;
    if (connection.state != State::closing) count_error(connection, problem);
    close(connection);
}

void Fleet::close(ClientConnection& connection) {
    if (connection.state == State::connecting || connection.state == State::handshaking) {
        --handshakes_;
    } else if (connection.state == State::open) {
        --open_;
    }
    connection.opening.reset();
    connection.state = State::closed;
    connection.socket.close();
}

void Fleet::fail_slow_handshakes(Time now) {
    for (ClientConnection& connection : std::span(connections_).first(started_)) {
        if (connection.opening && now - connection.opening->started > handshake_timeout) {
            fail(connection, "no handshake answer within 10 s");
        }
    }
}

void Fleet::close_all() {
    const std::vector<std::uint8_t> goodbye = client_frame(Opcode::close, normal_closure);
    for (ClientConnection& connection : connections_) {
        if (connection.state == State::open) {
            connection.state = State::closing;
            --open_;
            send(connection, goodbye);
        } else if (connection.opening) {
            close(connection);
        }
    }
    const auto is_closing = [](const ClientConnection& connection) {
        return connection.state == State::closing;
    };
    const Time deadline = Clock::now() + goodbye_timeout;
    while (Clock::now() < deadline &&
           std::any_of(connections_.begin(), connections_.end(), is_closing)) {
        turn(deadline, nullptr);
    }
    for (ClientConnection& connection : connections_) {
        if (connection.socket.is_open()) close(connection);
    }
}

}  // namespace wsecho::loadgen
