/* What every host here needs and none is about: starts a server, says where it listens, and waits
 * for Ctrl-C. The whole of it in one piece is ../echo-host/c/echo.c. */
#ifndef WSECHO_EXAMPLES_HOST_H
#define WSECHO_EXAMPLES_HOST_H

#include <wsecho/wsecho.h>

/* A server with these callbacks, on the port that the first argument names (default 9001); NULL
 * after a word on standard error. */
wsecho_server *host_start(int argc, char **argv, wsecho_server_options *options,
                          const wsecho_callbacks *callbacks, void *user);

/* Returns after SIGINT or SIGTERM, which nobody gets from host_start() on but this. */
void host_wait(void);

#endif
