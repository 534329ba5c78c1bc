// A server's functions: convert, call, return.
#include <memory>

#include "failure.h"
#include "handle.h"
#include "message.h"
#include "options.h"

using namespace wsecho;
using namespace wsecho::capi;

namespace {

engine::Status make(wsecho_server** out, const wsecho_server_options* options,
                    const wsecho_callbacks* callbacks, void* user) {
    const wsecho_server_options default_options = WSECHO_SERVER_OPTIONS_INIT;
    if (options == nullptr) options = &default_options;

    engine::ServerOptions read;
    engine::Status status = read_options(*options, read);
    wsecho_callbacks known = WSECHO_CALLBACKS_INIT;
    if (status.ok()) status = read_callbacks(callbacks, known);
    if (status.ok())
        *out = std::make_unique<wsecho_server>(std::move(read), known, user,
                                               LogTarget{options->log, options->log_user})
                   .release();
    return status;
}

engine::Status add_path(wsecho_server& server, const char* path, const wsecho_path_options* options,
                        const wsecho_callbacks* callbacks, void* user) {
    const wsecho_path_options as_server = WSECHO_PATH_OPTIONS_INIT;
    engine::PathOptions read = server.server.path_defaults();
    engine::Status status = read_path_options(options == nullptr ? as_server : *options, read);
    wsecho_callbacks known = WSECHO_CALLBACKS_INIT;
    if (status.ok()) status = read_callbacks(callbacks, known);
    if (!status.ok()) return status;
    if (known.on_pass_begin != nullptr || known.on_pass_end != nullptr)
        return {engine::ErrorCode::invalid_option,
                "callbacks: on_pass_begin and on_pass_end are the server's, not a path's"};
    auto observer = std::make_unique<CallbackObserver>(&server, known, user, server.passes,
                                                       server.observer.log_target());
    const std::scoped_lock lock{server.path_observers_mutex};
    server.path_observers.reserve(server.path_observers.size() + 1);
    status = server.server.add_path(path, read, *observer);
    if (status.ok()) server.path_observers.push_back(std::move(observer));
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

int wsecho_server_add_path(wsecho_server* server, const char* path,
                           const wsecho_path_options* options, const wsecho_callbacks* callbacks,
                           void* user) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        if (path == nullptr) return invalid_argument("path is NULL");
        return report(add_path(*server, path, options, callbacks, user));
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
        const GivenMessage message{type, payload, length};
        if (const char* const problem = message.problem()) return invalid_argument(problem);
        return report(server->server.broadcast(message.opcode(), message.bytes(),
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
