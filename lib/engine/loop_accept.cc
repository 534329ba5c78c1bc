// Connections that come: accepted, given their place among the loop's, and counted against the
// bounds of the server and of their path. Where there are too many, those without a request give
// way.
#include <fcntl.h>

#include <chrono>
#include <utility>

#include "engine/connection.h"
#include "engine/loop.h"

namespace wsecho::engine {

namespace {

// So that a flood of connections does not starve those that are open.
constexpr int accepts_per_pass = 64;
constexpr auto accept_pause = std::chrono::milliseconds{100};

bool take_place(std::atomic<std::uint32_t>& taken, std::uint32_t bound) noexcept {
    if (taken.fetch_add(1, std::memory_order_relaxed) < bound) return true;
    taken.fetch_sub(1, std::memory_order_relaxed);
    return false;
}

void give_place(std::atomic<std::uint32_t>& taken) noexcept {
    taken.fetch_sub(1, std::memory_order_relaxed);
}

lws::Descriptor open_spare() {
    return lws::Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
}

}  // namespace

void Loop::on_acceptable(int listener) {
    if (stopping_) return;  // said before the stop, in the same pass
    if (!spare_.valid()) spare_ = open_spare();
    for (int i = 0; i < accepts_per_pass; ++i) {
        auto accepted = lws::accept_connection(listener);
        if (accepted.kind == lws::Accepted::Kind::none) return;
        if (accepted.kind == lws::Accepted::Kind::out_of_descriptors)
            return accept_without_descriptors(listener);
        welcome(std::move(accepted));
    }
}

// Open connections are bounded as they are admitted, the others here.
void Loop::welcome(lws::Accepted accepted) {
    Connection* connection = nullptr;
    {
        const std::scoped_lock lock{table_mutex_};
        connection = table_.insert([&](runtime::SlotKey key) {
            return pool_.make(*this, ConnectionId{index_, key}, std::move(accepted.address));
        });
    }
    if (connection == nullptr) return;
    const ConnectionId id = connection->id();
    if (events_->adopt(accepted.descriptor.release(), *connection)) {
        connection->start(add_pending(*connection));
        return keep_to_bounds(*connection->details().place);
    }
    // Whether on_closed() came depends on how far the adoption got.
    if (find(id) != nullptr) remove(*connection);
}

void Loop::keep_to_bounds(const PendingConnections::Place& newcomer) {
    while (const auto surplus = pending_.find_surplus_of_network(newcomer))
        find(*surplus)->give_way(RefusalReason::address);
    while (const auto surplus = pending_.find_surplus())
        find(*surplus)->give_way(RefusalReason::limit);
}

// At the end of the pass. False: every connection has come with its request.
bool Loop::free_a_descriptor() {
    while (const auto next = pending_.next_to_give_way())
        if (find(*next)->give_way(RefusalReason::limit)) return true;
    return false;
}

// Without a descriptor nothing can be accepted, and a waiting connection would wake the loop
// without end: the spare one is given up to take it. It stays if another gives way, whose
// descriptor is the spare one from the next pass on.
void Loop::accept_without_descriptors(int listener) {
    spare_ = lws::Descriptor{};
    auto accepted = lws::accept_connection(listener);
    if (accepted.kind == lws::Accepted::Kind::connection && free_a_descriptor())
        return welcome(std::move(accepted));
    const auto kind = std::exchange(accepted, {}).kind;  // hangs up
    spare_ = open_spare();
    if (kind == lws::Accepted::Kind::none) return;
    if (kind == lws::Accepted::Kind::out_of_descriptors) {
        if (!free_a_descriptor()) stop_accepting_for_a_while();
        return;
    }
    counters_.refusals[static_cast<std::size_t>(RefusalReason::limit)].add(1);
    log_peer(PeerLog::Kind::dropped_connection,
             "out of file descriptors: a connection was dropped");
}

void Loop::stop_accepting_for_a_while() {
    events_->pause_listeners();
    schedule(accept_again_, now() + accept_pause);
    log_peer(PeerLog::Kind::accept_pause,
             "out of file descriptors: nothing is accepted for a while");
}

void Loop::log_peer(PeerLog::Kind kind, std::string_view text) {
    peer_log_.write(kind, text, now());
    tell_suppressed_lines();
}

void Loop::tell_suppressed_lines() {
    peer_log_.tell_suppressed(now());
    if (const auto due = peer_log_.due(); due != runtime::TimePoint::max())
        schedule(peer_log_.timer, due);
}

bool Loop::admit(ServedPath& path) noexcept {
    if (stopping_ || !take_place(shared_.open_connections, shared_.max_connections)) return false;
    if (path.max_connections == 0 || take_place(path.open_connections, path.max_connections))
        return true;
    give_place(shared_.open_connections);
    return false;
}

void Loop::give_back_places(const Connection& connection) {
    give_place(shared_.open_connections);
    ServedPath& path = connection.path();
    if (path.max_connections != 0) give_place(path.open_connections);
    if (!connection.is_dialed()) give_back_address_place(connection.details().remote_address);
}

}  // namespace wsecho::engine
