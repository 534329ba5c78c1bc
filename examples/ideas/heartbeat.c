/* A heartbeat that finds out how seldom it may beat: from one ping a second to one a minute, as
 * long as they are answered; three misses in a row are the end. Each peer is told what its answers
 * took.
 *
 *   wsecho-heartbeat 9001
 *   A peer that sends a number is pinged once in so many milliseconds, "as all" ends that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static void on_heartbeat(wsecho_server *server, wsecho_connection_id id, uint64_t round_trip_ns,
                         void *user) {
    char text[32];
    const int length = snprintf(text, sizeof text, "%lu us", (unsigned long)(round_trip_ns / 1000));
    (void)user;
    wsecho_connection_send(server, id, WSECHO_TEXT, text, (size_t)length);
}

/* A heartbeat of its own, which stands against that of all. */
static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    wsecho_heartbeat heartbeat = WSECHO_HEARTBEAT_INIT;
    char text[16] = "";
    const char *answer;
    int result;
    (void)type, (void)user;

    if (length < sizeof text) memcpy(text, payload, length);
    heartbeat.interval_ms = (uint32_t)strtoul(text, NULL, 10);
    result = wsecho_connection_set_heartbeat(server, id,
                                             strcmp(text, "as all") == 0 ? NULL : &heartbeat);
    answer = result == WSECHO_OK ? "ok" : wsecho_error_detail();
    wsecho_connection_send(server, id, WSECHO_TEXT, answer, strlen(answer));
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;

    options.heartbeat_interval_ms = 1000;
    options.heartbeat_max_interval_ms = 60000;
    options.heartbeat_timeout_ms = 5000;
    options.heartbeat_misses = 3;
    callbacks.on_heartbeat = on_heartbeat;
    callbacks.on_message = on_message;
    return host_run(argc, argv, &options, &callbacks, NULL);
}
