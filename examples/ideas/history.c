/* A feed that loses nothing: who was away gets what was published meanwhile.
 *
 *   wsecho-history 9001
 *   python3 -m websockets 'ws://127.0.0.1:9001/'
 *   > hello                                               < {"number":                   1}
 *   python3 -m websockets 'ws://127.0.0.1:9001/?EPOCH-1'  what came after number 1
 *
 * The first message of each connection tells the epoch. The others carry their numbers.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

static const char *const feed = "feed";

/* Kept for ten minutes, 10,000 messages at the most. */
static void keep(wsecho_server *server) {
    wsecho_history history = WSECHO_HISTORY_INIT;
    history.max_messages = 10000;
    history.max_age_ms = 10 * 60 * 1000;
    history.max_bytes = 16 * 1024 * 1024;
    wsecho_channel_set_history(server, feed, &history);
}

static void on_open(wsecho_server *server, wsecho_connection_id id, void *user) {
    char query[100];
    char words[150];
    char *end = query;
    uint64_t epoch = 0;
    uint64_t after = 0;
    wsecho_missed missed = {WSECHO_MISSED_VERSION, sizeof missed, 0, 0, 0, 0};
    (void)user;

    keep(server); /* once made, this does nothing */
    if (wsecho_connection_query(server, id, query, sizeof query, NULL) == WSECHO_OK) {
        epoch = strtoull(query, &end, 10);
        if (*end == '-') after = strtoull(end + 1, NULL, 10);
    }
    if (wsecho_subscribe_after(server, id, feed, epoch, after, &missed) != WSECHO_OK) {
        wsecho_connection_close(server, id, 1011, NULL, 0);
        return;
    }
    snprintf(words, sizeof words,
             "{\"epoch\":\"%" PRIu64 "\",\"newest\":%" PRIu64 ",\"complete\":%s}", missed.epoch,
             missed.newest, missed.is_complete ? "true" : "false");
    wsecho_connection_send(server, id, WSECHO_TEXT, words, strlen(words));
}

/* Whatever a peer says, it counts for the feed: the number is written over the dashes. */
static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    static const char item[] = "{\"number\":--------------------}";
    (void)id, (void)type, (void)payload, (void)length, (void)user;
    wsecho_publish_numbered(server, feed, WSECHO_TEXT, item, strlen(item),
                            (size_t)(strchr(item, '-') - item), 0, NULL);
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;

    callbacks.on_open = on_open;
    callbacks.on_message = on_message;
    return host_run(argc, argv, &options, &callbacks, NULL);
}
