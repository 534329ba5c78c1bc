// The loop over the connections of one thread.
#include "net/fleet.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "wire/printable.h"

namespace wsecho::loadgen {
namespace {

using State = ClientConnection::State;

constexpr std::uint32_t usual_handshakes = 256;
constexpr std::chrono::seconds handshake_timeout{10};
constexpr std::chrono::seconds goodbye_timeout{2};
constexpr std::string_view unanswered_goodbye = "no answer to the close within 2 s";
// The kernel looks at each socket when it tells of it. Of many, the first have left the nearest
// caches when the last are read: with 10,000 connections 512 to a wait cost 4 % more than 32.
// The sockets of a few stay near, and waits are better shared by all.
constexpr std::size_t few_connections = 512;
constexpr std::size_t events_per_wait = 32;
constexpr std::size_t buffer_size = std::size_t{256} * 1024;
constexpr std::uint64_t interrupt_tag = UINT64_MAX;
constexpr std::uint64_t wakeup_tag = UINT64_MAX - 1;
constexpr std::array<std::uint8_t, 2> normal_closure{0x03, 0xe8};  // 1000
// A reader that stalls shall not hide behind a large buffer of the kernel's.
constexpr int stalled_receive_buffer = 4096;

std::string words(int error) {
    return std::generic_category().message(error);
}

std::string describe_close(Bytes payload) {
    if (payload.size() < 2) return "closed by the server without a code";
    const unsigned code = static_cast<unsigned>(payload[0]) << 8U | payload[1];
    const Bytes reason = payload.subspan(2);
    return fmt::format("closed by the server: {} {}", code,
                       printable({reinterpret_cast<const char*>(reason.data()), reason.size()}));
}

bool is_being_opened(State state) {
    return state == State::connecting || state == State::encrypting || state == State::handshaking;
}

}  // namespace

void Fleet::Counts::add(const Counts& other) {
    attempts += other.attempts;
    opened += other.opened;
    failed.add(other.failed);
    closed.add(other.closed);
    errors += other.errors;
    pings_answered += other.pings_answered;
    bytes_sent += other.bytes_sent;
    bytes_received += other.bytes_received;
    if (!other.first_problem.empty() &&
        (first_problem.empty() || other.first_problem_at < first_problem_at)) {
        first_problem = other.first_problem;
        first_problem_at = other.first_problem_at;
    }
}

Fleet::Fleet(const Endpoint& endpoint, std::uint32_t first, std::uint32_t count,
             Interrupt* interrupt)
    : endpoint_(endpoint),
      epoll_(count <= few_connections ? few_connections : events_per_wait),
      interrupt_(interrupt),
      connections_(count),
      buffer_(buffer_size),
      max_handshakes_(usual_handshakes) {
    for (std::uint32_t index = 0; index < count; ++index) {
        connections_[index].index = index;
        connections_[index].number = first + index;
    }
    if (endpoint.offer.deflate) inflater_ = std::make_unique<Inflater>();
    epoll_.add(wakeup_.descriptor(), wakeup_tag);
    if (interrupt_ != nullptr) epoll_.add(interrupt_->descriptor(), interrupt_tag);
}

void Fleet::open_up_to(std::uint32_t started) {
    while (started_ < std::min(started, size()) && handshakes_ < max_handshakes_)
        dial(connections_[started_++]);
}

void Fleet::dial(ClientConnection& connection) {
    ++counts_.attempts;
    ++handshakes_;
    connection.state = State::connecting;
    try {
        connection.socket = endpoint_.dialer.start(connection.number,
                                                   connection.stalled ? stalled_receive_buffer : 0);
        connection.begin_opening(Clock::now());
        epoll_.add(connection.socket.get(), connection.index);
    } catch (const std::system_error& error) {
        fail(connection, error.what(), nullptr);
    }
}

void Fleet::turn(Time until, Traffic* traffic) {
    const Time now = Clock::now();
    if ((handshakes_ > 0 || !goodbyes_.empty()) && now >= next_slow_check_) {
        fail_slow_handshakes(now, traffic);
        fail_slow_goodbyes(now, traffic);
        next_slow_check_ = now + std::chrono::seconds(1);
    }
    const std::span<const epoll_event> events = epoll_.wait(until - now);
    for (std::size_t at = 0; at < events.size(); ++at) {
        const epoll_event& event = events[at];
        if (event.data.u64 == interrupt_tag) {
            interrupt_->take();
            interrupted_ = true;
            continue;
        }
        if (event.data.u64 == wakeup_tag) {
            wakeup_.take();
            continue;
        }
        if (at + 2 < events.size() && events[at + 2].data.u64 < connections_.size()) {
            __builtin_prefetch(&connections_[events[at + 2].data.u64], 1);
        }
        handle(connections_[event.data.u64], event.events, traffic);
    }
    if (traffic != nullptr) traffic->on_turn_end();
}

void Fleet::handle(ClientConnection& connection, std::uint32_t events, Traffic* traffic) {
    if (connection.state == State::closed) return;
    if (connection.state == State::connecting) return finish_connect(connection, traffic);
    if (connection.state == State::encrypting) return continue_tls(connection, traffic);
    if ((events & EPOLLOUT) != 0 && connection.has_unsent()) {
        if (!connection.flush()) fail(connection, words(errno), traffic);
    }
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) == 0) return;
    if (connection.stalled && connection.is_open()) {
        return serve_stalled(connection, events, traffic);
    }
    // A read that leaves room in the buffer has emptied the socket: no second one is needed to
    // learn that, unless the peer has closed, or TLS keeps what it has decrypted.
    const bool drain =
        (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0 || connection.tls() != nullptr;
    while (connection.state != State::closed) {
        const std::size_t size = read_once(connection, traffic);
        if (size == 0 || (size < buffer_.size() && !drain)) return;
    }
}

// What it would read stays where it is, but its end is noticed.
void Fleet::serve_stalled(ClientConnection& connection, std::uint32_t events, Traffic* traffic) {
    if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        fail(connection, "stalled, and hung up on by the server", traffic);
    }
}

// Returns how much was read: nothing, when there was nothing or the connection has ended.
std::size_t Fleet::read_once(ClientConnection& connection, Traffic* traffic) {
    const ClientConnection::Received received = connection.receive(buffer_);
    if (received.ended) {
        if (connection.state == State::closing) {
            close(connection, traffic);
        } else {
            fail(connection,
                 received.error == 0 ? "the server closed the TCP connection"
                                     : words(received.error),
                 traffic);
        }
        return 0;
    }
    counts_.bytes_received += received.size;
    const Bytes bytes = Bytes(buffer_).first(received.size);
    if (connection.state == State::handshaking) {
        read_handshake(connection, bytes, traffic);
    } else if (!bytes.empty()) {
        read_frames(connection, bytes, traffic);
    }
    return bytes.size();
}

void Fleet::finish_connect(ClientConnection& connection, Traffic* traffic) {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(connection.socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return fail(connection, words(error), traffic);
    if (endpoint_.tls != nullptr) {
        connection.begin_tls(*endpoint_.tls, endpoint_.host);
        connection.state = State::encrypting;
        return continue_tls(connection, traffic);
    }
    send_request(connection);
}

void Fleet::continue_tls(ClientConnection& connection, Traffic* traffic) {
    switch (connection.tls()->handshake()) {
        case TlsSession::Status::done:
            return send_request(connection);
        case TlsSession::Status::would_block:
            return;
        case TlsSession::Status::ended:
            return fail(connection, "TLS: the server hung up", traffic);
        case TlsSession::Status::failed:
            return fail(connection, connection.tls()->problem(), traffic);
    }
}

void Fleet::send_request(ClientConnection& connection) {
    connection.state = State::handshaking;
    const auto* data = reinterpret_cast<const std::uint8_t*>(endpoint_.request.data());
    send(connection, {data, endpoint_.request.size()});
}

void Fleet::read_handshake(ClientConnection& connection, Bytes bytes, Traffic* traffic) {
    std::string& response = connection.opening()->response;
    const std::size_t before = response.size();
    response.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    const HandshakeAnswer answer = judge_handshake(response, endpoint_.offer);
    switch (answer.verdict) {
        case HandshakeAnswer::Verdict::incomplete:
            return;
        case HandshakeAnswer::Verdict::refused:
            return fail(connection, fmt::format("refused: {}", printable(answer.problem)), traffic);
        case HandshakeAnswer::Verdict::accepted:
            break;
    }
    const Time dialed = connection.opening()->started;
    if (answer.deflate) connection.reader.allow_compression();
    connection.end_opening();
    connection.state = State::open;
    --handshakes_;
    ++open_;
    ++counts_.opened;
    if (traffic != nullptr) traffic->on_open(connection, dialed, Clock::now());
    const Bytes frames = bytes.subspan(answer.size - before);
    if (!frames.empty()) read_frames(connection, frames, traffic);
}

void Fleet::read_frames(ClientConnection& connection, Bytes bytes, Traffic* traffic) {
    const Time now = Clock::now();
    const std::string_view problem = connection.reader.read(
        bytes,
        [&](const PayloadChunk& chunk) {
            if (connection.is_open()) hand_over(connection, chunk, now, traffic);
        },
        [&](Opcode opcode, Bytes payload) { answer_control(connection, opcode, payload); });
    if (!problem.empty()) {
        fail(connection, problem, traffic);
    } else if (traffic != nullptr && connection.is_open()) {
        traffic->on_read_end(connection, now);
    }
}

void Fleet::hand_over(ClientConnection& connection, const PayloadChunk& chunk, Time now,
                      Traffic* traffic) {
    if (chunk.compressed) {
        inflate(connection, chunk, now, traffic);
    } else if (traffic != nullptr) {
        traffic->on_payload(connection, chunk, now);
    } else if (chunk.ends_message) {
        count_error(connection, "a message that was not asked for");
    }
}

// One stream serves all connections, so a message is inflated when all of it is there.
void Fleet::inflate(ClientConnection& connection, const PayloadChunk& chunk, Time now,
                    Traffic* traffic) {
    std::vector<std::uint8_t>& kept = connection.compressed();
    if (chunk.position == 0) kept.clear();
    kept.insert(kept.end(), chunk.bytes.begin(), chunk.bytes.end());
    if (kept.size() > endpoint_.max_inflated) {
        return fail(connection, "a compressed message larger than any that was sent", traffic);
    }
    if (!chunk.ends_message) return;
    const std::optional<Bytes> whole = inflater_->inflate(kept, endpoint_.max_inflated);
    if (!whole) {
        return fail(connection, "a compressed message that does not inflate, or to too much",
                    traffic);
    }
    hand_over(connection, {*whole, 0, chunk.opcode, true, false}, now, traffic);
}

void Fleet::answer_control(ClientConnection& connection, Opcode opcode, Bytes payload) {
    if (opcode == Opcode::ping) {
        ++counts_.pings_answered;
        if (connection.is_open()) send(connection, client_frame(Opcode::pong, payload));
    } else if (opcode == Opcode::close && connection.is_open()) {
        const std::string cause = describe_close(payload);
        counts_.closed.count(cause);
        count_error(connection, cause);
        connection.state = State::closing;
        --open_;
        send(connection, client_frame(Opcode::close, payload.first(std::min<std::size_t>(
                                                         payload.size(), normal_closure.size()))));
    }
}

void Fleet::send(ClientConnection& connection, Bytes bytes) {
    counts_.bytes_sent += bytes.size();
    // Whoever sends may be in the midst of its own bookkeeping: the next event tells the rest.
    if (!connection.send(bytes)) ::shutdown(connection.socket.get(), SHUT_RDWR);
}

void Fleet::count_error(const ClientConnection& connection, std::string_view problem) {
    if (counts_.errors++ == 0) {
        counts_.first_problem = fmt::format("connection {}: {}", connection.number + 1, problem);
        counts_.first_problem_at = Clock::now();
    }
}

void Fleet::fail(ClientConnection& connection, std::string_view cause, Traffic* traffic) {
    if (connection.state == State::closed) return;
    if (is_being_opened(connection.state)) {
        counts_.failed.count(cause);
        count_error(connection, cause);
    } else if (connection.is_open()) {
        counts_.closed.count(cause);
        if (!connection.stalled) count_error(connection, cause);
    }
    close(connection, traffic);
}

void Fleet::close(ClientConnection& connection, Traffic* traffic) {
    const bool was_open = !is_being_opened(connection.state);
    if (!was_open) --handshakes_;
    if (connection.is_open()) --open_;
    connection.reset();
    connection.state = State::closed;
    if (traffic != nullptr) traffic->on_closed(connection, was_open, Clock::now());
}

void Fleet::drop(ClientConnection& connection) {
    if (connection.socket.is_open()) close(connection, nullptr);
}

void Fleet::close_politely(ClientConnection& connection) {
    connection.state = State::closing;
    --open_;
    goodbyes_.push_back({connection.index, ++connection.goodbyes, Clock::now() + goodbye_timeout});
    send(connection, client_frame(Opcode::close, normal_closure));
}

void Fleet::fail_slow_handshakes(Time now, Traffic* traffic) {
    for (ClientConnection& connection : std::span(connections_).first(started_)) {
        const ClientConnection::Opening* const opening = connection.opening();
        if (opening != nullptr && now - opening->started > handshake_timeout) {
            fail(connection, "no handshake answer within 10 s", traffic);
        }
    }
}

void Fleet::fail_slow_goodbyes(Time now, Traffic* traffic) {
    while (!goodbyes_.empty() && goodbyes_.front().deadline <= now) {
        const Goodbye goodbye = goodbyes_.front();
        goodbyes_.pop_front();
        ClientConnection& connection = connections_[goodbye.index];
        if (connection.state != State::closing || connection.goodbyes != goodbye.count) continue;
        counts_.closed.count(unanswered_goodbye);
        count_error(connection, unanswered_goodbye);
        close(connection, traffic);
    }
}

void Fleet::close_all() {
    for (ClientConnection& connection : connections_) {
        if (connection.is_open() && !connection.stalled) {
            close_politely(connection);
        } else if (connection.state != State::closing) {
            drop(connection);
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
    for (ClientConnection& connection : connections_)
        drop(connection);
}

}  // namespace wsecho::loadgen
