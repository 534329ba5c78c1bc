// A server's functions: convert, call, return.
#include <cstring>
#include <memory>

#include "failure.h"
#include "handle.h"
#include "options.h"

using namespace wsecho;
using namespace wsecho::capi;

namespace {

constexpr std::size_t callbacks_size_of_version(uint32_t version) {
    switch (version) {
        case 1:
            return offsetof(wsecho_callbacks, on_heartbeat) + sizeof(void*);
        case 2:
            return offsetof(wsecho_callbacks, on_handshake) + sizeof(void*);
        default:
            return 0;
    }
}

engine::Status check_callbacks(const wsecho_callbacks& callbacks) {
    const std::size_t size = callbacks_size_of_version(callbacks.version);
    if (size == 0) return {engine::ErrorCode::version, "callbacks: version not known"};
    if (callbacks.size < size)
        return {engine::ErrorCode::invalid_option,
                "callbacks: size is too small: set them up with WSECHO_CALLBACKS_INIT"};
    return {};
}

// A caller with an older header has a smaller struct: nothing beyond it is read.
wsecho_callbacks known_of(const wsecho_callbacks& callbacks) {
    wsecho_callbacks known = WSECHO_CALLBACKS_INIT;
    std::memcpy(&known, &callbacks, callbacks_size_of_version(callbacks.version));
    return known;
}

engine::Status make(wsecho_server** out, const wsecho_server_options* options,
                    const wsecho_callbacks* callbacks, void* user) {
    const wsecho_server_options default_options = WSECHO_SERVER_OPTIONS_INIT;
    const wsecho_callbacks no_callbacks = WSECHO_CALLBACKS_INIT;
    if (options == nullptr) options = &default_options;
    if (callbacks == nullptr) callbacks = &no_callbacks;

    engine::ServerOptions read;
    engine::Status status = read_options(*options, read);
    if (status.ok()) status = check_callbacks(*callbacks);
    if (status.ok())
        *out = std::make_unique<wsecho_server>(std::move(read), known_of(*callbacks), user,
                                               LogTarget{options->log, options->log_user})
                   .release();
    return status;
}

}  // namespace

extern "C" {

int wsecho_server_create(wsecho_server** out, const wsecho_server_options* options,
                         const wsecho_callbacks* callbacks, void* user) {
    return guarded([&] {
        if (out == nullptr) return invalid_argument("out is NULL");
        *out = nullptr;
        return report(make(out, options, callbacks, user));
    });
}

int wsecho_server_start(wsecho_server* server) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        return report(server->server.start());
    });
}

int wsecho_server_port(const wsecho_server* server) {
    return server == nullptr ? -1 : server->server.port();
}

int wsecho_server_stop(wsecho_server* server) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        return report(server->server.stop());
    });
}

int wsecho_server_destroy(wsecho_server* server) {
    return guarded([&] {
        if (server == nullptr) return int{WSECHO_OK};
        const engine::Status stopped = server->server.stop();
        if (!stopped.ok()) return report(stopped);
        const std::unique_ptr<wsecho_server> ended{server};
        return int{WSECHO_OK};
    });
}

int wsecho_broadcast(wsecho_server* server, int type, const void* payload, size_t length,
                     wsecho_connection_id except) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        if (payload == nullptr && length != 0) return invalid_argument("payload is NULL");
        if (type != WSECHO_TEXT && type != WSECHO_BINARY)
            return invalid_argument("type is neither WSECHO_TEXT nor WSECHO_BINARY");
        return report(server->server.broadcast(static_cast<protocol::Opcode>(type),
                                               {static_cast<const std::uint8_t*>(payload), length},
                                               engine::ConnectionId{except}));
    });
}

uint32_t wsecho_server_loops(const wsecho_server* server) {
    return server == nullptr ? 0 : server->server.loop_count();
}

const char* wsecho_server_event_loop(const wsecho_server* server) {
    return server == nullptr ? "" : server->server.event_loop().data();
}
}
