#include "host.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>

static void block_signals(sigset_t *signals) {
    sigemptyset(signals);
    sigaddset(signals, SIGINT);
    sigaddset(signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
}

wsecho_server *host_create(int argc, char **argv, wsecho_server_options *options,
                           const wsecho_callbacks *callbacks, void *user) {
    wsecho_server *server = NULL;
    sigset_t signals;

    block_signals(&signals); /* in the threads to come, too: host_wait() gets them */
    options->port = argc > 1 ? (int32_t)strtol(argv[1], NULL, 10) : 9001;
    wsecho_server_create(&server, options, callbacks, user);
    return server;
}

int host_start(wsecho_server *server) {
    if (wsecho_server_start(server) != WSECHO_OK) return -1;
    printf("listening on 127.0.0.1:%d\n", wsecho_server_port(server));
    fflush(stdout);
    return 0;
}

void host_wait(void) {
    sigset_t signals;
    int signal_number;

    block_signals(&signals);
    sigwait(&signals, &signal_number);
}

int host_end_descriptor(void) {
    sigset_t signals;

    block_signals(&signals);
    return signalfd(-1, &signals, SFD_CLOEXEC);
}

int host_run(int argc, char **argv, wsecho_server_options *options,
             const wsecho_callbacks *callbacks, void *user) {
    wsecho_server *server = host_create(argc, argv, options, callbacks, user);
    if (server == NULL || host_start(server) != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], wsecho_error_detail());
        wsecho_server_destroy(server);
        return 1;
    }
    host_wait();
    wsecho_server_destroy(server);
    return 0;
}
