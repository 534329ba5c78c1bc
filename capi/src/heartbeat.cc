// The heartbeat's functions: convert, call, return.
#include <chrono>
#include <optional>
#include <string_view>

#include "failure.h"
#include "handle.h"

using namespace wsecho;
using namespace wsecho::capi;
using engine::ErrorCode;

namespace {

using Settings = std::optional<runtime::HeartbeatSettings>;

engine::Status read_heartbeat(const wsecho_heartbeat* given, Settings& settings) {
    if (given == nullptr) return {};
    if (given->version != WSECHO_HEARTBEAT_VERSION || given->size < sizeof *given)
        return {ErrorCode::version, "heartbeat: set it up with WSECHO_HEARTBEAT_INIT"};
    using std::chrono::milliseconds;
    settings = runtime::HeartbeatSettings{milliseconds{given->interval_ms},
                                          milliseconds{given->max_interval_ms},
                                          milliseconds{given->timeout_ms}, given->misses};
    return engine::check(*settings, "");
}

}  // namespace

extern "C" {

int wsecho_connection_set_heartbeat(wsecho_server* server, wsecho_connection_id id,
                                    const wsecho_heartbeat* heartbeat) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        Settings settings;
        const auto status = read_heartbeat(heartbeat, settings);
        if (!status.ok()) return report(status);
        return report(server->server.set_heartbeat(engine::ConnectionId{id}, settings));
    });
}

int wsecho_server_set_heartbeat(wsecho_server* server, const char* path,
                                const wsecho_heartbeat* heartbeat) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        Settings settings;
        const auto status = read_heartbeat(heartbeat, settings);
        if (!status.ok()) return report(status);
        const auto pattern = path == nullptr ? std::nullopt : std::optional<std::string_view>{path};
        return report(server->server.set_path_heartbeat(pattern, settings));
    });
}
}
