/* The public header by itself, as strict C99, C++11 and C++20 see it, with each of its macros
 * used once: a macro that does not compile would otherwise wait for its first user. */
#include "wsecho/wsecho.h"

wsecho_server_options header_options = WSECHO_SERVER_OPTIONS_INIT;
wsecho_callbacks header_callbacks = WSECHO_CALLBACKS_INIT;
uint32_t header_numbers[] = {
    WSECHO_VERSION_MAJOR,
    WSECHO_VERSION_MINOR,
    WSECHO_VERSION_PATCH,
    WSECHO_ABI_VERSION,
    WSECHO_CALLBACKS_VERSION,
    WSECHO_CLOSE_CAUSES,
    WSECHO_SERVER_OPTIONS_VERSION,
    WSECHO_STATISTICS_VERSION,
    WSECHO_REFUSALS,
    WSECHO_ALL_LOOPS,
};

int header_init(void);
int header_init(void) {
    return wsecho_server_options_init(&header_options);
}
