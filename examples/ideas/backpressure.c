/* A ticker: whoever keeps up gets each price, whoever does not gets the newest of each symbol. No
 * peer makes the host's memory grow, and the host is told who is slow.
 *
 *   wsecho-backpressure 9001
 *   A message with a number in it has the prices change so often.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"

enum { SYMBOLS = 10, CHART = 8192 };

/* A price, with a chart of some length behind it. Of those of one symbol that wait for a peer, a
 * newer one replaces the older; after a minute none is worth sending. */
static void publish_price(wsecho_server *server, unsigned long price) {
    wsecho_message_terms terms = WSECHO_MESSAGE_TERMS_INIT;
    wsecho_message *message;
    const unsigned long symbol = price % SYMBOLS;
    char text[CHART];
    const int length = snprintf(text, sizeof text, "{\"symbol\":%lu,\"price\":%lu}", symbol, price);

    memset(text + length, ' ', sizeof text - (size_t)length);
    terms.key = symbol + 1;
    terms.lifetime_ms = 60000;
    if (wsecho_message_prepare_with(&message, WSECHO_TEXT, text, sizeof text, &terms) != WSECHO_OK)
        return;
    wsecho_broadcast_prepared(server, message, 0);
    wsecho_message_release(message);
}

static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    unsigned long *price = user;
    char text[16] = {0};
    unsigned long changes;
    (void)id, (void)type;

    memcpy(text, payload, length < sizeof text ? length : sizeof text - 1);
    for (changes = strtoul(text, NULL, 10); changes > 0; --changes)
        publish_price(server, ++*price);
}

static void on_watermark(wsecho_server *server, wsecho_connection_id id, int is_high,
                         uint64_t queued_bytes, void *user) {
    (void)server, (void)user;
    printf("%016" PRIx64 " %s: %" PRIu64 " bytes wait\n", id,
           is_high ? "is slow" : "keeps up again", queued_bytes);
    fflush(stdout);
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    unsigned long price = 0;

    options.max_queued_bytes = 1024 * 1024;
    options.max_queued_bytes_total = 64 * 1024 * 1024;
    options.high_watermark_bytes = 64 * 1024;
    options.backpressure_policy = WSECHO_BACKPRESSURE_DROP_OLDEST;
    callbacks.on_message = on_message;
    callbacks.on_watermark = on_watermark;
    return host_run(argc, argv, &options, &callbacks, &price);
}
