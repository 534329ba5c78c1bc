/* The client side: connects to the first endpoint that is there, subscribes, and says each line
 * that it reads; when the connection ends it makes another, and subscribes again.
 *
 *   wsecho-dialer "ws://127.0.0.1:9001/ ws://127.0.0.1:9002/" < words
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <wsecho/wsecho.h>

typedef struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int is_connected;
    int has_given_up;
} condition;

static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    (void)server;
    (void)id;
    (void)type;
    (void)user;
    printf("%.*s\n", (int)length, (const char *)payload);
    fflush(stdout);
}

/* Comes with each change; the one before the open callback is the right place to say that it is
 * there. */
static void on_state(wsecho_dialer *dialer, const wsecho_dialer_event *event, void *user) {
    condition *now = user;
    (void)dialer;
    if (event->state == WSECHO_DIALER_CONNECTED) fprintf(stderr, "connected to %s\n", event->url);
    if (event->state == WSECHO_DIALER_DISCONNECTED)
        fprintf(stderr, "%s: %s\n", event->has_given_up ? "given up" : "trying again",
                event->detail);
    pthread_mutex_lock(&now->mutex);
    now->is_connected = event->state == WSECHO_DIALER_CONNECTED;
    now->has_given_up = event->has_given_up;
    pthread_cond_signal(&now->changed);
    pthread_mutex_unlock(&now->mutex);
}

/* Returns 0 where there will be no connection any more. */
static int await_connection(condition *now) {
    int is_connected;
    pthread_mutex_lock(&now->mutex);
    while (!now->is_connected && !now->has_given_up)
        pthread_cond_wait(&now->changed, &now->mutex);
    is_connected = now->is_connected;
    pthread_mutex_unlock(&now->mutex);
    return is_connected;
}

static void say_each_line(wsecho_server *server, wsecho_dialer *dialer, condition *now) {
    char line[1000];
    while (await_connection(now) && fgets(line, sizeof line, stdin) != NULL) {
        const size_t length = strcspn(line, "\n");
        while (await_connection(now) &&
               wsecho_connection_send(server, wsecho_dialer_connection(dialer, 0), WSECHO_TEXT,
                                      line, length) == WSECHO_ERR_GONE) {
        }
    }
}

int main(int argc, char **argv) {
    static const char subscription[] = "subscribe";
    wsecho_server_options host = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_dialer_options options = WSECHO_DIALER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    condition now = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0};
    wsecho_server *server = NULL;
    wsecho_dialer *dialer = NULL;
    int status;

    host.port = -1; /* its loops are wanted, no listener */
    options.urls = argc > 1 ? argv[1] : "ws://127.0.0.1:9001/";
    options.retry_first_ms = 100;
    callbacks.on_message = on_message;
    if (wsecho_server_create(&server, &host, NULL, NULL) != WSECHO_OK ||
        wsecho_server_start(server) != WSECHO_OK ||
        wsecho_dialer_create(&dialer, server, &options, &callbacks, on_state, &now) != WSECHO_OK ||
        wsecho_dialer_remember(dialer, "all", WSECHO_TEXT, subscription, strlen(subscription)) !=
            WSECHO_OK ||
        wsecho_dialer_start(dialer) != WSECHO_OK) {
        fprintf(stderr, "%s: %s\n", argv[0], wsecho_error_detail());
        wsecho_server_destroy(server);
        return 1;
    }
    say_each_line(server, dialer, &now);
    status = await_connection(&now) ? 0 : 1;
    wsecho_dialer_destroy(dialer); /* what was said leaves before the close */
    wsecho_server_destroy(server);
    return status;
}
