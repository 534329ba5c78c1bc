/* Where a client really is, behind a proxy on this machine that writes X-Forwarded-For.
 *
 *   wsecho-proxies 9001
 *   A client on this machine that sends "X-Forwarded-For: 203.0.113.9" is told 203.0.113.9.
 */
#include <string.h>

#include "host.h"

static void on_open(wsecho_server *server, wsecho_connection_id id, void *user) {
    char address[64];
    (void)user;
    if (wsecho_connection_remote_address(server, id, address, sizeof address, NULL) == WSECHO_OK)
        wsecho_connection_send(server, id, WSECHO_TEXT, address, strlen(address));
}

int main(int argc, char **argv) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;

    options.proxy_header = WSECHO_PROXY_X_FORWARDED_FOR;
    options.trusted_proxies = "loopback"; /* nobody else chooses an address by a header */
    callbacks.on_open = on_open;
    return host_run(argc, argv, &options, &callbacks, NULL);
}
