/* Structs of older headers are shorter: what lies behind them is neither read nor written. */
#include <string.h>

#include "claims.h"
#include "wsecho/wsecho.h"

static void callbacks_of_version_1_have_no_handshake_callback(void) {
    wsecho_callbacks callbacks;
    wsecho_server* server;
    memset(&callbacks, 0, sizeof callbacks);
    memset(&callbacks.on_handshake, 0xAB, sizeof callbacks.on_handshake);
    callbacks.version = 1;
    callbacks.size = offsetof(wsecho_callbacks, on_handshake);
    claim_equal(WSECHO_OK, wsecho_server_create(&server, NULL, &callbacks, NULL), "makes a server");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "and its end");
}

static void callbacks_of_version_2_have_no_pass_callbacks(void) {
    wsecho_callbacks callbacks;
    wsecho_server* server;
    memset(&callbacks, 0, sizeof callbacks);
    memset(&callbacks.on_pass_begin, 0xAB, sizeof callbacks.on_pass_begin);
    callbacks.version = 2;
    callbacks.size = offsetof(wsecho_callbacks, on_pass_begin);
    claim_equal(WSECHO_OK, wsecho_server_create(&server, NULL, &callbacks, NULL), "makes a server");
    claim_equal(WSECHO_OK, wsecho_server_add_path(server, "/a", NULL, &callbacks, NULL),
                "and a path");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "and its end");
}

static void callbacks_of_version_3_have_no_watermark_callback(void) {
    wsecho_callbacks callbacks;
    wsecho_server* server;
    memset(&callbacks, 0, sizeof callbacks);
    memset(&callbacks.on_watermark, 0xAB, sizeof callbacks.on_watermark);
    callbacks.version = 3;
    callbacks.size = offsetof(wsecho_callbacks, on_watermark);
    claim_equal(WSECHO_OK, wsecho_server_create(&server, NULL, &callbacks, NULL), "makes a server");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "and its end");
}

static void path_options_of_version_1_end_with_the_close_timeout(void) {
    wsecho_path_options options = WSECHO_PATH_OPTIONS_INIT;
    wsecho_server* server;
    claim_equal(WSECHO_OK, wsecho_server_create(&server, NULL, NULL, NULL), "a server");
    memset(&options.backpressure_policy, 0xAB,
           sizeof options - offsetof(wsecho_path_options, backpressure_policy));
    options.version = 1;
    options.size = offsetof(wsecho_path_options, backpressure_policy);
    claim_equal(WSECHO_OK, wsecho_server_add_path(server, "/a", &options, NULL, NULL), "a path");
    options.size -= 1;
    claim_equal(WSECHO_ERR_INVALID_OPTION,
                wsecho_server_add_path(server, "/b", &options, NULL, NULL), "a smaller struct");
    options.version = WSECHO_PATH_OPTIONS_VERSION + 1;
    claim_equal(WSECHO_ERR_VERSION, wsecho_server_add_path(server, "/b", &options, NULL, NULL),
                "a version that is not known");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

int main(void) {
    callbacks_of_version_1_have_no_handshake_callback();
    callbacks_of_version_2_have_no_pass_callbacks();
    callbacks_of_version_3_have_no_watermark_callback();
    path_options_of_version_1_end_with_the_close_timeout();
    return claims_result();
}
