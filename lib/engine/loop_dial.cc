// A loop as it dials: sockets that connect, among those that were accepted.
#include <utility>

#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/loop_dials.h"

namespace wsecho::engine {

LoopDials& Loop::dials() {
    if (!dials_) dials_ = std::make_unique<LoopDials>(*this);
    return *dials_;
}

void Loop::post_dial(DialNote note) {
    Letter letter{Letter::Kind::dial, {}, {}, {}, {}};
    letter.dial = std::make_unique<DialNote>(std::move(note));
    static_cast<void>(post(std::move(letter), 0));
}

Connection* Loop::dial(const lws::RemoteAddress& address, DialLink& link, DialFailure& failure) {
    using Kind = DialFailure::Kind;
    auto connecting = lws::begin_connect(address);
    if (!connecting.descriptor.valid()) {
        failure = {Kind::connect, 0, address.text() + ": " + connecting.why};
        return nullptr;
    }
    ServedPath& path = link.dialer().path();
    if (!admit(path)) {
        failure = {Kind::limit, 0, "the server has as many connections as it may"};
        return nullptr;
    }
    Connection* connection = nullptr;
    {
        const std::scoped_lock lock{table_mutex_};
        connection = table_.insert([&](runtime::SlotKey key) {
            return pool_.make(*this, ConnectionId{index_, key}, address.text(), path);
        });
    }
    if (connection == nullptr) {
        shared_.open_connections.fetch_sub(1, std::memory_order_relaxed);
        failure = {Kind::limit, 0, "the loop has as many connections as it can have"};
        return nullptr;
    }
    const ConnectionId id = connection->id();
    if (events_->adopt(connecting.descriptor.release(), *connection)) {
        connection->start_dialed(link.shared_from_this());
        return connection;
    }
    // Whether on_closed() came depends on how far the adoption got.
    if (find(id) != nullptr) remove(*connection);
    failure = {Kind::limit, 0, "out of memory or of descriptors"};
    return nullptr;
}

}  // namespace wsecho::engine
