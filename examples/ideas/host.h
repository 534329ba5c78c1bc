/* What every host here needs and none is about: makes a server on the port that the first argument
 * names, says where it listens, and waits for Ctrl-C. In one piece: ../echo-host/c/echo.c. */
#ifndef WSECHO_EXAMPLES_HOST_H
#define WSECHO_EXAMPLES_HOST_H

#include <wsecho/wsecho.h>

/* Port 9001, if there is no argument. NULL where it fails. */
wsecho_server *host_create(int argc, char **argv, wsecho_server_options *options,
                           const wsecho_callbacks *callbacks, void *user);

/* 0, or -1. */
int host_start(wsecho_server *server);

/* All of it, for a host that does nothing in between; the exit status of the process. */
int host_run(int argc, char **argv, wsecho_server_options *options,
             const wsecho_callbacks *callbacks, void *user);

/* Returns after SIGINT or SIGTERM, which nobody gets from host_create() on but this. */
void host_wait(void);

/* Readable from then on, for a host that waits for other things, too; instead of host_wait(). */
int host_end_descriptor(void);

#endif
