/* Ten messages a second and no more: who sends more waits for his turn; at /strict it is the end of
 * him. At Ctrl-C it tells how often that was.
 *
 *   wsecho-rates 9001
 */
#include <stdio.h>

#include "host.h"

static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    (void)user;
    wsecho_connection_send(server, id, type, payload, length);
}

static void print_counts(const wsecho_server *server) {
    wsecho_statistics statistics;
    statistics.version = WSECHO_STATISTICS_VERSION;
    statistics.size = sizeof statistics;
    if (wsecho_server_statistics(server, WSECHO_ALL_LOOPS, &statistics) == WSECHO_OK)
        printf("waits: %lu, closed: %lu\n", (unsigned long)statistics.rate_pauses,
               (unsigned long)statistics.rate_closes);
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_path_options strict = WSECHO_PATH_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    wsecho_server *server;

    options.max_messages_per_second = 10;
    options.max_bytes_per_second = 1000000;
    options.rate_policy = WSECHO_RATE_SLOW;
    strict.rate_policy = WSECHO_RATE_CLOSE; /* of the same ten */
    callbacks.on_message = on_message;
    server = host_create(argc, argv, &options, &callbacks, NULL);
    if (server == NULL ||
        wsecho_server_add_path(server, "/strict", &strict, &callbacks, NULL) != WSECHO_OK ||
        host_start(server) != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], wsecho_error_detail());
        wsecho_server_destroy(server);
        return 1;
    }
    host_wait();
    wsecho_server_stop(server);
    print_counts(server);
    wsecho_server_destroy(server);
    return 0;
}
