/* An end that loses nothing: at Ctrl-C each peer is told, one after the other over half a second,
 * and may take what waits for it; after five seconds the rest is cut off.
 *
 *   wsecho-drain 9001
 */
#include <stdio.h>
#include <string.h>

#include "host.h"

/* A long answer to a short question: it waits while the peer does not read. */
static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    static char answer[1000000];
    (void)payload;
    (void)length;
    (void)user;
    memset(answer, '.', sizeof answer);
    wsecho_connection_send(server, id, type, answer, sizeof answer);
}

static void on_close(wsecho_server *server, wsecho_connection_id id,
                     const wsecho_close_event *event, void *user) {
    (void)server;
    (void)id;
    (void)user;
    printf("closed with %u after %u ms: %u messages, %u bytes unsent\n", (unsigned)event->code,
           (unsigned)event->age_ms, (unsigned)event->messages_sent, (unsigned)event->bytes_unsent);
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    wsecho_drain_options drain = WSECHO_DRAIN_OPTIONS_INIT;
    wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;
    wsecho_server *server;
    int result;

    callbacks.on_message = on_message;
    callbacks.on_close = on_close;
    server = host_create(argc, argv, &options, &callbacks, NULL);
    if (server == NULL || host_start(server) != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], wsecho_error_detail());
        wsecho_server_destroy(server);
        return 1;
    }
    host_wait();

    drain.deadline_ms = 5000;
    drain.spread_ms = 500;
    drain.code = 1012; /* another one will be there soon */
    drain.reason = "back in a minute";
    result = wsecho_server_drain(server, &drain, &report);
    printf("of %u connections %u answered, %u were cut off\n", (unsigned)report.connections,
           (unsigned)report.answered, (unsigned)report.forced);
    wsecho_server_destroy(server);
    return result == WSECHO_OK ? 0 : 1;
}
