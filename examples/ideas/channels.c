/* Chat rooms: who connects to /rooms/NAME hears what is said there, and may say something.
 *
 *   wsecho-channels 9001
 *   python3 -m websockets ws://127.0.0.1:9001/rooms/kitchen
 */
#include <stdio.h>
#include <string.h>

#include "host.h"

/* The room of a connection is the path that it asked for. */
static int room_of(wsecho_server *server, wsecho_connection_id id, char *room, size_t size) {
    size_t length;
    return wsecho_connection_uri(server, id, room, size, &length) == WSECHO_OK && length < size;
}

static void on_open(wsecho_server *server, wsecho_connection_id id, void *user) {
    char room[256];
    char welcome[100];
    (void)user;
    if (!room_of(server, id, room, sizeof room) ||
        wsecho_subscribe(server, id, room) != WSECHO_OK) {
        wsecho_connection_close(server, id, 1008, "no such room", strlen("no such room"));
        return;
    }
    snprintf(welcome, sizeof welcome, "%u in this room",
             (unsigned)wsecho_channel_size(server, room));
    wsecho_connection_send(server, id, WSECHO_TEXT, welcome, strlen(welcome));
}

/* To everybody else in the room; who has no room for it (a slow reader) goes without. */
static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    char room[256];
    (void)user;
    if (room_of(server, id, room, sizeof room))
        wsecho_publish(server, room, type, payload, length, id, NULL);
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;

    options.path = "/rooms/*";
    options.max_channels = 1000; /* a peer that invents rooms is told no */
    callbacks.on_open = on_open;
    callbacks.on_message = on_message;
    return host_run(argc, argv, &options, &callbacks, NULL);
}
