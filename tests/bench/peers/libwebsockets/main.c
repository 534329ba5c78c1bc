/* An echo or broadcast server on plain libwebsockets, to be measured beside wsecho.
 *
 * Choices: what libwebsockets' own examples do. RECEIVE puts a message into the ring of each
 * connection that is to have it and asks for WRITEABLE; WRITEABLE makes one lws_write and asks
 * again while there is more; a ring that runs full stops its peer from being read. A broadcast
 * message is shared between the rings. libuv instead of the default poll(), which looks at
 * every connection in every turn. No extensions, no validity pings: both cost time. */
#include <libwebsockets.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ring_length = 128, ring_high_water = 96, ring_low_water = 32, receive_buffer = 4096 };

/* Followed by LWS_PRE bytes for the frame's head, then by the payload. */
struct message {
    size_t references;
    size_t size;
    bool binary;
};

struct connection {
    struct connection* next;
    struct connection** link; /* what points here */
    struct lws* wsi;
    struct lws_ring* ring; /* of struct message * */
    struct message* partial;
    bool stopped; /* the peer is not read until the ring has room */
};

static struct connection* connections;
static bool broadcasts;

static unsigned char* payload_of(struct message* message) {
    return (unsigned char*)(message + 1) + LWS_PRE;
}

static void release(void* element) {
    struct message* message = *(struct message**)element;
    if (--message->references == 0) free(message);
}

/* Joins the fragments; NULL while more are to come. */
static struct message* take_fragment(struct connection* connection, const void* in, size_t size) {
    struct lws* wsi = connection->wsi;
    const size_t rest = lws_remaining_packet_payload(wsi);
    const size_t before = connection->partial ? connection->partial->size : 0;
    /* With room for the rest of the frame: its other pieces then move nothing. */
    struct message* message =
        realloc(connection->partial, sizeof *message + LWS_PRE + before + size + rest);
    if (!message) abort();
    memcpy(payload_of(message) + before, in, size);
    message->references = 0;
    message->size = before + size;
    message->binary = lws_frame_is_binary(wsi);
    const bool whole = rest == 0 && lws_is_final_fragment(wsi);
    connection->partial = whole ? NULL : message;
    return whole ? message : NULL;
}

static bool queue(struct connection* connection, struct message* message) {
    if (lws_ring_insert(connection->ring, &message, 1) != 1) return false;
    ++message->references;
    lws_callback_on_writable(connection->wsi);
    return true;
}

/* False: somebody's ring is full, and the message would be lost. */
static bool deliver(struct connection* sender, struct message* message) {
    bool fits = true;
    if (!broadcasts) {
        fits = queue(sender, message);
    } else {
        for (struct connection* each = connections; each; each = each->next) {
            fits = queue(each, message) && fits;
        }
    }
    if (message->references == 0) free(message);
    if (lws_ring_get_count_waiting_elements(sender->ring, NULL) >= ring_high_water) {
        sender->stopped = true;
        lws_rx_flow_control(sender->wsi, 0);
    }
    return fits;
}

static int write_one(struct connection* connection) {
    struct message* const* waiting = lws_ring_get_element(connection->ring, NULL);
    if (!waiting) return 0;
    struct message* message = *waiting;
    const enum lws_write_protocol kind = message->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT;
    const int size = (int)message->size;
    if (lws_write(connection->wsi, payload_of(message), message->size, kind) < size) return -1;
    lws_ring_consume(connection->ring, NULL, NULL, 1);
    const size_t left = lws_ring_get_count_waiting_elements(connection->ring, NULL);
    if (left != 0) lws_callback_on_writable(connection->wsi);
    if (connection->stopped && left <= ring_low_water) {
        connection->stopped = false;
        lws_rx_flow_control(connection->wsi, 1);
    }
    return 0;
}

static int established(struct connection* connection, struct lws* wsi) {
    connection->wsi = wsi;
    connection->ring = lws_ring_create(sizeof(struct message*), ring_length, release);
    if (!connection->ring) return -1;
    connection->next = connections;
    connection->link = &connections;
    if (connections) connections->link = &connection->next;
    connections = connection;
    return 0;
}

static void closed(struct connection* connection) {
    if (!connection->ring) return;
    *connection->link = connection->next;
    if (connection->next) connection->next->link = connection->link;
    lws_ring_destroy(connection->ring);
    free(connection->partial);
}

static int callback(struct lws* wsi, enum lws_callback_reasons reason, void* user, void* in,
                    size_t size) {
    struct connection* connection = user;
    switch (reason) {
        case LWS_CALLBACK_ESTABLISHED:
            return established(connection, wsi);
        case LWS_CALLBACK_CLOSED:
            closed(connection);
            return 0;
        case LWS_CALLBACK_RECEIVE: {
            struct message* message = take_fragment(connection, in, size);
            return !message || deliver(connection, message) ? 0 : -1;
        }
        case LWS_CALLBACK_SERVER_WRITEABLE:
            return write_one(connection);
        default:
            return lws_callback_http_dummy(wsi, reason, user, in, size);
    }
}

static void stop(int signal_number) {
    (void)signal_number;
    _exit(0);
}

static void raise_descriptor_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

int main(int count, char** words) {
    int port = 0;
    for (int index = 1; index + 1 < count; index += 2) {
        const char* value = words[index + 1];
        if (strcmp(words[index], "--port") == 0) {
            port = atoi(value);
        } else if (strcmp(words[index], "--mode") == 0 &&
                   (strcmp(value, "echo") == 0 || strcmp(value, "broadcast") == 0)) {
            broadcasts = strcmp(value, "broadcast") == 0;
        } else {
            fprintf(stderr, "libwebsockets: wrong option: %s %s\n", words[index], value);
            return 2;
        }
    }
    raise_descriptor_limit();
    lws_set_log_level(LLL_ERR, NULL);

    static const struct lws_protocols protocols[] = {
        {"peer", callback, sizeof(struct connection), receive_buffer, 0, NULL, 0},
        {NULL, NULL, 0, 0, 0, NULL, 0}};
    static const lws_retry_bo_t no_pings; /* zeros */
    struct lws_context_creation_info info = {0};
    info.port = port;
    info.iface = "127.0.0.1";
    info.protocols = protocols;
    info.retry_and_idle_policy = &no_pings;
    info.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS;
    struct lws_context* context = lws_create_context(&info);
    if (!context) return 1;
    struct lws_vhost* host = lws_create_vhost(context, &info);
    if (!host) return 1;
    signal(SIGTERM, stop);
    printf("listening on 127.0.0.1:%d\n", lws_get_vhost_listen_port(host));
    fflush(stdout);
    while (lws_service(context, 0) >= 0) {
    }
    return 1;
}
