/* Who may take how much: three connections for each address, ten handshakes a second, and no word
 * from a peer is read while its last one is being worked on.
 *
 *   wsecho-limits 9001
 *   The fourth connection from one address gets 429.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

struct work {
    wsecho_server *server;
    wsecho_connection_id id;
    size_t length;
    char text[];
};

/* Slow work belongs on a thread of its own: here, turning a text around. */
static void *work_on(void *given) {
    struct work *work = given;
    size_t i;
    for (i = 0; i < work->length / 2; ++i) {
        const char kept = work->text[i];
        work->text[i] = work->text[work->length - 1 - i];
        work->text[work->length - 1 - i] = kept;
    }
    wsecho_connection_send(work->server, work->id, WSECHO_BINARY, work->text, work->length);
    wsecho_connection_resume_reading(work->server, work->id);
    free(work);
    return NULL;
}

/* Until the answer is sent, what the peer says waits in its own socket. */
static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    pthread_t thread;
    struct work *work = malloc(sizeof *work + length);
    (void)type, (void)user;

    if (work == NULL) return;
    work->server = server;
    work->id = id;
    work->length = length;
    memcpy(work->text, payload, length);
    wsecho_connection_pause_reading(server, id);
    if (pthread_create(&thread, NULL, work_on, work) == 0)
        pthread_detach(thread);
    else
        work_on(work);
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;

    options.max_connections_per_address = 3;
    options.max_handshakes_per_address = 10;
    options.address_prefix_v4 = 32; /* each IPv4 address is a client of its own, */
    options.address_prefix_v6 = 64; /* and each IPv6 network of a usual size */
    callbacks.on_message = on_message;
    return host_run(argc, argv, &options, &callbacks, NULL);
}
