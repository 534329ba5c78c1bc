/* The same large message for everybody, encoded once: a picture of the state for whoever connects,
 * and for all whenever one asks for it.
 *
 *   wsecho-prepared 9001
 */
#include <string.h>

#include "host.h"

static void on_open(wsecho_server *server, wsecho_connection_id id, void *user) {
    wsecho_connection_send_prepared(server, id, user);
}

static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    (void)id;
    (void)type;
    if (length == 5 && memcmp(payload, "again", 5) == 0) wsecho_broadcast_prepared(server, user, 0);
}

int main(int argc, char **argv) {
    static char state[100000]; /* as if it had taken long to make */
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    wsecho_message *message = NULL;
    int status;

    memset(state, '.', sizeof state);
    if (wsecho_message_prepare(&message, WSECHO_TEXT, state, sizeof state) != WSECHO_OK) return 1;
    callbacks.on_open = on_open;
    callbacks.on_message = on_message;
    status = host_run(argc, argv, &options, &callbacks, message);
    wsecho_message_release(message);
    return status;
}
