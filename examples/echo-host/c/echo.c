/* The shortest useful host: every message goes back to who sent it. Ctrl-C ends it. An argument
   is the port, 0 for any. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <wsecho/wsecho.h>

static void on_message(wsecho_server *server, wsecho_connection_id id, int type,
                       const void *payload, size_t length, void *user) {
    (void)user;
    wsecho_connection_send(server, id, type, payload, length);
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    wsecho_server *server = NULL;
    sigset_t signals;
    int signal_number;

    options.port = argc > 1 ? (int32_t)strtol(argv[1], NULL, 10) : 9001;
    callbacks.on_message = on_message;

    /* Blocked here and in the server's threads, so that sigwait() below gets them. */
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);

    if (wsecho_server_create(&server, &options, &callbacks, NULL) != WSECHO_OK ||
        wsecho_server_start(server) != WSECHO_OK) {
        fprintf(stderr, "echo: %s\n", wsecho_error_detail());
        wsecho_server_destroy(server);
        return 1;
    }
    printf("listening on ws://127.0.0.1:%d/\n", wsecho_server_port(server));
    fflush(stdout);
    sigwait(&signals, &signal_number);
    wsecho_server_destroy(server);
    return 0;
}
