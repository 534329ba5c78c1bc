// Connections that come: accepted, given their place among the loop's, and counted against the
// bounds of the server and of their path.
#include <fcntl.h>

#include <chrono>
#include <utility>

#include "engine/connection.h"
#include "engine/descriptor_limit.h"
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

}  // namespace

void Loop::on_acceptable(int listener) {
    if (stopping_) return;  // said before the stop, in the same pass
    for (int i = 0; i < accepts_per_pass; ++i) {
        auto accepted = lws::accept_connection(listener);
        if (accepted.kind == lws::Accepted::Kind::none) return;
        if (accepted.kind == lws::Accepted::Kind::out_of_descriptors)
            return make_room_by_dropping(listener);
        welcome(std::move(accepted));
    }
}

void Loop::welcome(lws::Accepted accepted) {
    // Those over the limit are still told so in HTTP, as long as the room for it lasts.
    if (table_.size() >= std::size_t{shared_.max_connections} + refusal_room) {
        counters_.refusals[static_cast<std::size_t>(RefusalReason::limit)].add(1);
        return;
    }
    Connection* connection = nullptr;
    {
        const std::scoped_lock lock{table_mutex_};
        connection = table_.insert([&](runtime::SlotKey key) {
            return pool_.make(*this, ConnectionId{index_, key}, std::move(accepted.address));
        });
    }
    if (connection == nullptr) return;
    const ConnectionId id = connection->id();
    if (events_->adopt(accepted.descriptor.release(), *connection)) return connection->start();
    // Whether on_closed() came depends on how far the adoption got.
    if (find(id) != nullptr) remove(*connection);
}

// Without a descriptor nothing can be accepted, and a waiting connection would wake the loop
// without end: the spare descriptor is given up to take it and hang up.
void Loop::make_room_by_dropping(int listener) {
    spare_ = lws::Descriptor{};
    const auto kind = lws::accept_connection(listener).kind;
    spare_ = lws::Descriptor{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    if (kind == lws::Accepted::Kind::out_of_descriptors) return stop_accepting_for_a_while();
    if (kind == lws::Accepted::Kind::none) return;
    counters_.refusals[static_cast<std::size_t>(RefusalReason::limit)].add(1);
    observer().log(LogLevel::warning, "out of file descriptors: a connection was dropped");
}

void Loop::stop_accepting_for_a_while() {
    events_->pause_listeners();
    schedule(accept_again_, now() + accept_pause);
    observer().log(LogLevel::warning, "out of file descriptors: nothing is accepted for a while");
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
