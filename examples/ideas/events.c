/* One thread for everything: events in batches, waited for with poll().
 *
 *   wsecho-events 9001
 *   Echoes, and says at the end of each connection how many messages it has sent.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "host.h"

static void handle(wsecho_server *server, const wsecho_event *event) {
    switch (event->type) {
        case WSECHO_EVENT_MESSAGE:
            /* A peer that does not read its echoes is told so. */
            if (wsecho_connection_send(server, event->id, event->message_type, event->payload,
                                       event->length) == WSECHO_ERR_BACKPRESSURE)
                wsecho_connection_close(server, event->id, 1013, "reads too slowly",
                                        strlen("reads too slowly"));
            break;
        case WSECHO_EVENT_CLOSE:
            printf("closed: %u messages\n", (unsigned)event->close.messages_received);
            fflush(stdout);
            break;
        default:
            break;
    }
}

static void handle_all(wsecho_server *server, wsecho_event_queue *queue) {
    wsecho_event events[64];
    size_t count;
    size_t i;

    do {
        wsecho_event_queue_take(queue, events, sizeof events[0], 64, &count);
        for (i = 0; i < count; ++i)
            handle(server, &events[i]);
    } while (count > 0);
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks none = WSECHO_CALLBACKS_INIT;
    wsecho_event_queue *queue = NULL;
    wsecho_server *server = host_create(argc, argv, &options, &none, NULL);
    struct pollfd waits[2];

    if (server == NULL || wsecho_event_queue_create(&queue, 64 * 1024 * 1024) != WSECHO_OK ||
        wsecho_server_use_queue(server, queue) != WSECHO_OK || host_start(server) != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], wsecho_error_detail());
        return 1;
    }
    waits[0].fd = wsecho_event_queue_descriptor(queue);
    waits[1].fd = host_end_descriptor();
    waits[0].events = waits[1].events = POLLIN;
    while (waits[1].revents == 0) {
        poll(waits, 2, -1);
        handle_all(server, queue);
    }
    wsecho_server_stop(server);
    handle_all(server, queue); /* what the end has told */
    wsecho_server_destroy(server);
    wsecho_event_queue_destroy(queue);
    return 0;
}
