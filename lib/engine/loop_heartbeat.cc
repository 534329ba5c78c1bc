// Heartbeats that change while a loop runs: one connection's, or a path's.
#include <utility>

#include "engine/connection.h"
#include "engine/loop.h"

namespace wsecho::engine {

using runtime::HeartbeatSettings;

ErrorCode Loop::set_heartbeat(ConnectionId id, const std::optional<HeartbeatSettings>& settings) {
    return with(id, [&](Connection& connection) {
        if (is_this_thread()) return connection.set_heartbeat(settings);
        if (const auto code = connection.check_open(); code != ErrorCode::ok) return code;
        Letter letter{Letter::Kind::heartbeat, id, {}, {}, {}};
        letter.heartbeat = std::make_unique<HeartbeatChange>(HeartbeatChange{nullptr, settings});
        return post(std::move(letter), 0);
    });
}

void Loop::path_heartbeat_changed(ServedPath& path) {
    if (is_this_thread()) return replan_heartbeats(path);
    Letter letter{Letter::Kind::heartbeat, {}, {}, {}, {}};
    letter.heartbeat = std::make_unique<HeartbeatChange>(HeartbeatChange{&path, {}});
    static_cast<void>(post(std::move(letter), 0));
}

void Loop::obey_heartbeat(const Letter& letter) {
    const HeartbeatChange& change = *letter.heartbeat;
    if (change.path != nullptr) return replan_heartbeats(*change.path);
    if (Connection* connection = find(letter.id))
        static_cast<void>(connection->set_heartbeat(change.settings));
}

// All of them in one pass: a path's heartbeat changes seldom.
void Loop::replan_heartbeats(const ServedPath& path) {
    for (Connection* connection : open_)
        if (&connection->path() == &path) connection->path_heartbeat_changed();
}

}  // namespace wsecho::engine
