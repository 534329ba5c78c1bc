#include "engine/server.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <thread>
#include <utility>

#include "engine/descriptor_limit.h"
#include "engine/memory_limit.h"
#include "lws/listener.h"

namespace wsecho::engine {

namespace {

unsigned resolve_threads(unsigned threads) {
    return threads != 0 ? threads : std::max(1U, std::thread::hardware_concurrency());
}

ErrorCode code_of(int error) noexcept {
    switch (error) {
        case EADDRINUSE:
            return ErrorCode::address_in_use;
        case EACCES:
        case EPERM:
            return ErrorCode::permission;
        case EMFILE:
        case ENFILE:
            return ErrorCode::descriptor_limit;
        case 0:
        case EADDRNOTAVAIL:
        case EAFNOSUPPORT:
        case ENAMETOOLONG:
        case ENOENT:
        case ENOTDIR:
            return ErrorCode::address_unavailable;
        default:
            return ErrorCode::system;
    }
}

}  // namespace

struct Server::Listeners {
    lws::TcpListeners tcp;
    lws::Descriptor unix_socket;
    std::string unix_path;

    Listeners() = default;
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;
    ~Listeners() {
        if (unix_socket.valid()) ::unlink(unix_path.c_str());
    }

    [[nodiscard]] std::vector<int> of_loop(unsigned loop) const {
        std::vector<int> descriptors;
        if (!tcp.by_loop.empty())
            for (const auto& socket : tcp.by_loop[loop])
                descriptors.push_back(socket.get());
        // Unix sockets do not share an address: all loops wait at the one, the quickest accepts.
        if (unix_socket.valid()) descriptors.push_back(unix_socket.get());
        return descriptors;
    }
};

Server::Server(ServerOptions options, Observer& observer)
    : options_(std::move(options)),
      observer_(observer),
      loop_count_(resolve_threads(options_.threads)),
      channels_(loop_count_, options_.max_channels) {
    if (options_.addresses.limit_anything())
        addresses_ = std::make_unique<AddressLimits>(options_.addresses, std::random_device{}());
    if (options_.path.empty())
        paths_.set_fallback(path_defaults(), observer_);
    else
        paths_.add(options_.path, path_defaults(), observer_);
}

Server::~Server() {
    static_cast<void>(stop());
}

Status Server::add_path(std::string_view pattern, const PathOptions& options, Observer& observer) {
    const std::scoped_lock lock{lifecycle_};
    if (started_) return {ErrorCode::wrong_state, "paths are added before the server starts"};
    if (!PathTable::is_pattern(pattern))
        return {ErrorCode::invalid_argument,
                "path: must begin with '/', and may end with '/*'; without '?' and '#'"};
    if (!paths_.add(pattern, options, observer))
        return {ErrorCode::invalid_argument, "path: '" + std::string{pattern} + "' is there"};
    return {};
}

Status Server::open_listeners(Listeners& listeners) {
    std::string where;
    try {
        if (options_.port >= 0) {
            where = options_.host + ":" + std::to_string(options_.port);
            listeners.tcp =
                lws::listen_tcp({options_.host, static_cast<std::uint16_t>(options_.port),
                                 options_.backlog, loop_count_, options_.share_port});
            port_ = listeners.tcp.port;
        }
        if (!options_.unix_path.empty()) {
            where = options_.unix_path;
            listeners.unix_socket = lws::listen_unix(options_.unix_path, options_.backlog);
            listeners.unix_path = options_.unix_path;
        }
    } catch (const lws::ListenFailure& failure) {
        port_ = -1;
        return {code_of(failure.error), "cannot listen on " + where + ": " + failure.why};
    }
    return {};
}

Status Server::make_loops() {
    try {
        for (unsigned i = 0; i < loop_count_; ++i)
            loops_.push_back(std::make_unique<Loop>(*shared_, i));
    } catch (const lws::EventLoopFailure& failure) {
        loops_.clear();
        return {ErrorCode::event_loop, failure.why()};
    }
    return {};
}

Status Server::start() {
    const std::scoped_lock lock{lifecycle_};
    if (started_)
        return {ErrorCode::wrong_state, "a server is started once: make another to start again"};

    std::uint32_t max_connections = 0;
    Status status = fit_connections(options_.max_connections, loop_count_, max_connections);
    if (!status.ok()) return status;

    auto listeners = std::make_unique<Listeners>();
    status = open_listeners(*listeners);
    if (!status.ok()) return status;

    // A part of the memory: the host, the queues and the kernel have use for it, too.
    constexpr std::size_t part_for_receiving = 4;
    const std::size_t max_receiving =
        options_.max_receiving_bytes_total != 0
            ? options_.max_receiving_bytes_total
            : std::max(memory_limit() / part_for_receiving, loop_count_ * paths_.largest_message());
    shared_.reset(new ServerShared{
        options_, observer_, paths_, channels_, addresses_.get(), loop_count_, max_receiving,
        max_connections,
        pending_bounds_of_loop(options_.max_pending_handshakes, options_.max_pending_per_address,
                               max_connections, loop_count_)});
    status = make_loops();
    if (!status.ok()) {
        port_ = -1;
        return status;
    }
    listeners_ = std::move(listeners);
    started_ = true;
    running_ = true;
    for (unsigned i = 0; i < loop_count_; ++i)
        loops_[i]->start(listeners_->of_loop(i));
    announce();
    return {};
}

void Server::announce() const {
    const bool listens = port_ >= 0 || !options_.unix_path.empty();
    std::string line = listens ? "listening on " : "listening on nothing";
    if (port_ >= 0) line += options_.host + ":" + std::to_string(port_);
    if (!options_.unix_path.empty()) line += (port_ >= 0 ? " and " : "") + options_.unix_path;
    line += ", " + std::to_string(loop_count_) + " loop(s) on " + std::string{event_loop()} +
            ", at most " + std::to_string(shared_->max_connections) + " connections";
    observer_.log(LogLevel::info, line);
}

Status Server::start_dialer(Dialer& dialer) {
    if (!running_) return {ErrorCode::wrong_state, "the server does not run"};
    return dialer.start(loops_,
                        next_dialer_loop_.fetch_add(dialer.options().connections) % loop_count_);
}

Status Server::stop() {
    if (in_callback())
        return {ErrorCode::in_callback, "a server cannot be stopped from its own callback"};
    std::unique_lock lock{lifecycle_};
    if (!running_) return {};
    for (auto& loop : loops_)
        loop->request_stop();
    if (ending_)
        ended_.wait(lock, [this] { return !running_; });
    else
        await_loops(lock);
    return {};
}

Status Server::drain(const DrainOptions& options, DrainReport& report) {
    if (in_callback())
        return {ErrorCode::in_callback, "a server cannot be drained from its own callback"};
    std::unique_lock lock{lifecycle_};
    if (!running_) return {ErrorCode::wrong_state, "the server does not run"};
    if (ending_) return {ErrorCode::wrong_state, "the server is drained or stopped already"};
    DrainOrder order{options, std::chrono::steady_clock::now(), loop_count_};
    for (auto& loop : loops_)
        loop->request_drain(order);
    ending_ = true;
    lock.unlock();
    // Who comes now is refused by the kernel, instead of waiting for nobody.
    order.unwatched.wait();
    lock.lock();
    close_listeners();
    await_loops(lock);
    report = {};
    for (const auto& loop : loops_)
        report += loop->drain_report();
    return {};
}

void Server::close_listeners() {
    port_ = -1;
    listeners_.reset();
}

// Without the lock meanwhile: a stop may come to make them quicker.
void Server::await_loops(std::unique_lock<std::mutex>& lock) {
    ending_ = true;
    lock.unlock();
    for (auto& loop : loops_)
        loop->join();
    shared_->resolver.stop();
    lock.lock();
    running_ = false;
    close_listeners();
    observer_.log(LogLevel::info, "stopped");
    ended_.notify_all();
}

bool Server::in_callback() const noexcept {
    return running_ && std::any_of(loops_.begin(), loops_.end(),
                                   [](const auto& loop) { return loop->is_this_thread(); });
}

Loop* Server::loop_of(ConnectionId id) const noexcept {
    if (!running_.load(std::memory_order_acquire) || id.loop() >= loops_.size()) return nullptr;
    return loops_[id.loop()].get();
}

ErrorCode Server::send(ConnectionId id, protocol::Opcode opcode,
                       std::span<const std::uint8_t> payload) {
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->send(id, opcode, payload);
}

ErrorCode Server::send(ConnectionId id, const SharedMessage& message, bool* waits) {
    Loop* loop = loop_of(id);
    if (loop == nullptr) return ErrorCode::gone;
    const auto sent = loop->send(id, message);
    if (waits != nullptr) *waits = sent == ErrorCode::ok && loop->has_unsent(id);
    return sent;
}

ErrorCode Server::ping(ConnectionId id) {
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->ping(id);
}

ErrorCode Server::pause_reading(ConnectionId id) {
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->pause_reading(id);
}

ErrorCode Server::resume_reading(ConnectionId id) {
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->resume_reading(id);
}

ErrorCode Server::set_heartbeat(ConnectionId id,
                                const std::optional<runtime::HeartbeatSettings>& settings) {
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->set_heartbeat(id, settings);
}

// Loops are told that it has changed, not to what: whatever order they read that in, all go by the
// last.
ErrorCode Server::set_path_heartbeat(std::optional<std::string_view> pattern,
                                     const std::optional<runtime::HeartbeatSettings>& settings) {
    if (!running_.load(std::memory_order_acquire)) return ErrorCode::wrong_state;
    ServedPath* const path = paths_.find_pattern(pattern.value_or(options_.path));
    if (path == nullptr) return ErrorCode::not_found;
    path->heartbeat.set(settings.value_or(path->limits.heartbeat));
    for (const auto& loop : loops_)
        loop->path_heartbeat_changed(*path);
    return ErrorCode::ok;
}

ErrorCode Server::read_round_trips(ConnectionId id, runtime::RoundTripTimes& out) {
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->read_round_trips(id, out);
}

Status Server::decide(ConnectionId id, HandshakeDecision decision) {
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->decide(id, std::move(decision));
}

ErrorCode Server::close(ConnectionId id, CloseReport report) {
    Loop* loop = loop_of(id);
    return loop == nullptr ? ErrorCode::gone : loop->close(id, std::move(report));
}

ErrorCode Server::may_go_to_many(std::size_t frame_size) const {
    if (!running_.load(std::memory_order_acquire)) return ErrorCode::wrong_state;
    return frame_size > std::min(paths_.largest_queue(), Loop::max_mail_bytes) ? ErrorCode::too_big
                                                                               : ErrorCode::ok;
}

ErrorCode Server::broadcast(protocol::Opcode opcode, std::span<const std::uint8_t> payload,
                            ConnectionId except) {
    const auto may = may_go_to_many(protocol::server_frame_size(payload.size()));
    if (may != ErrorCode::ok) return may;
    return broadcast(prepare(opcode, payload), except);
}

ErrorCode Server::broadcast(const SharedMessage& message, ConnectionId except) {
    if (const auto may = may_go_to_many(message->frame().size()); may != ErrorCode::ok) return may;
    ErrorCode result = ErrorCode::ok;
    for (const auto& loop : loops_)
        if (const auto code = loop->broadcast(message, except); code != ErrorCode::ok)
            result = code;
    return result;
}

Statistics Server::statistics(std::optional<unsigned> loop) const {
    Statistics total;
    if (!started_) return total;
    for (unsigned i = 0; i < loops_.size(); ++i)
        if (!loop || *loop == i) total += loops_[i]->statistics();
    return total;
}

}  // namespace wsecho::engine
