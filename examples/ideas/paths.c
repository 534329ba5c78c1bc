/* Several paths on one server, each with its own callbacks and limits.
 *
 *   wsecho-paths 9001
 *   ws://127.0.0.1:9001/echo        sends back what comes, up to 4 MiB
 *   ws://127.0.0.1:9001/rooms/...   sends it to everybody, up to 200 bytes, for 100 peers
 */
#include <stdio.h>

#include "host.h"

static void echo(wsecho_server *server, wsecho_connection_id id, int type, const void *payload,
                 size_t length, void *user) {
    (void)user;
    wsecho_connection_send(server, id, type, payload, length);
}

static void tell_everybody(wsecho_server *server, wsecho_connection_id id, int type,
                           const void *payload, size_t length, void *user) {
    (void)id;
    (void)user;
    wsecho_broadcast(server, type, payload, length, 0);
}

static int add(wsecho_server *server, const char *path, const wsecho_path_options *options,
               wsecho_message_callback on_message) {
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.on_message = on_message;
    return wsecho_server_add_path(server, path, options, &callbacks, NULL);
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_path_options large = WSECHO_PATH_OPTIONS_INIT;
    wsecho_path_options small = WSECHO_PATH_OPTIONS_INIT;
    wsecho_server *server;

    options.path = "/"; /* without this, the server's own callbacks would have any other path */
    large.max_message_bytes = 4u << 20;
    large.max_queued_bytes = 8u << 20;
    small.max_message_bytes = 200;
    small.max_connections = 100;

    server = host_create(argc, argv, &options, NULL, NULL);
    if (server == NULL || add(server, "/echo", &large, echo) != WSECHO_OK ||
        add(server, "/rooms/*", &small, tell_everybody) != WSECHO_OK || host_start(server) != 0) {
        fprintf(stderr, "paths: %s\n", wsecho_error_detail());
        return 1;
    }
    host_wait();
    wsecho_server_destroy(server);
    return 0;
}
