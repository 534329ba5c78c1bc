/* Messages are compressed for those who offer permessage-deflate, as browsers do.
 *
 *   wsecho-deflate 9001
 *   Each client is sent 100,000 bytes of text. Whatever it then says, it is told how many bytes
 * have left this server so far: a few hundred, or over 100,000 for a client that does not compress.
 */
#include <stdio.h>
#include <string.h>

#include "host.h"

enum { TEXT_SIZE = 100000 };

static void on_open(wsecho_server *server, wsecho_connection_id id, void *user) {
    wsecho_connection_send(server, id, WSECHO_TEXT, user, TEXT_SIZE);
}

static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    wsecho_statistics statistics = {.version = WSECHO_STATISTICS_VERSION,
                                    .size = sizeof(wsecho_statistics)};
    char told[32];
    (void)type;
    (void)payload;
    (void)length;
    (void)user;
    if (wsecho_server_statistics(server, WSECHO_ALL_LOOPS, &statistics) != WSECHO_OK) return;
    snprintf(told, sizeof told, "%llu", (unsigned long long)statistics.bytes_sent);
    wsecho_connection_send(server, id, WSECHO_TEXT, told, strlen(told));
}

int main(int argc, char **argv) {
    static char text[TEXT_SIZE];
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    size_t i;

    for (i = 0; i < TEXT_SIZE; ++i)
        text[i] = "all work and no play "[i % 21];
    options.deflate = 1; /* messages under 1,024 bytes still go as they are */
    callbacks.on_open = on_open;
    callbacks.on_message = on_message;
    return host_run(argc, argv, &options, &callbacks, text);
}
