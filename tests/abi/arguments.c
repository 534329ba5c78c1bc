/* NULLs, numbers out of range, and ids that name nothing: an error each, never a crash. */
#include <string.h>

#include "claims.h"
#include "wsecho/wsecho.h"

/* 0 names none; the others are of a loop, a slot or a generation that never was. */
static const wsecho_connection_id nobody[] = {
    0u, 1u, (wsecho_connection_id)1 << 32, (wsecho_connection_id)7 << 24, UINT64_MAX,
};
enum { NOBODIES = sizeof nobody / sizeof nobody[0] };

static void without_a_server_every_call_is_refused(void) {
    char buffer[8];
    wsecho_statistics statistics;
    memset(&statistics, 0, sizeof statistics);
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_server_create(NULL, NULL, NULL, NULL),
                "create");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_server_start(NULL), "start");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_server_stop(NULL), "stop");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_server_drain(NULL, NULL, NULL), "drain");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_send(NULL, 1, WSECHO_TEXT, "", 0),
                "send");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_ping(NULL, 1), "ping");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_set_heartbeat(NULL, 1, NULL),
                "set_heartbeat");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_server_set_heartbeat(NULL, NULL, NULL),
                "set_heartbeat of a path");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_pause_reading(NULL, 1), "pause");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_resume_reading(NULL, 1), "resume");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_close(NULL, 1, 1000, NULL, 0),
                "close");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_broadcast(NULL, WSECHO_TEXT, "", 0, 0),
                "broadcast");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT,
                wsecho_connection_remote_address(NULL, 1, buffer, sizeof buffer, NULL), "address");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT,
                wsecho_connection_uri(NULL, 1, buffer, sizeof buffer, NULL), "uri");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT,
                wsecho_connection_query(NULL, 1, buffer, sizeof buffer, NULL), "query");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT,
                wsecho_connection_header(NULL, 1, "Host", buffer, sizeof buffer, NULL), "header");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_set_user(NULL, 1, NULL), "set_user");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT,
                wsecho_server_statistics(NULL, WSECHO_ALL_LOOPS, &statistics), "statistics");
}

static void without_a_server_what_cannot_fail_answers_nothing(void) {
    claim_equal(WSECHO_OK, wsecho_server_destroy(NULL), "destroying nothing is allowed");
    claim_equal(-1, wsecho_server_port(NULL), "no port");
    claim_equal(0, wsecho_server_loops(NULL), "no loops");
    claim(wsecho_connection_user(NULL, 1) == NULL, "no user pointer");
    claim_equal(0, (long long)wsecho_connection_queued_bytes(NULL, 1), "nothing queued");
    claim_equal(WSECHO_STATE_GONE, wsecho_connection_get_state(NULL, 1), "gone");
}

static void an_id_of_nobody_is_gone(wsecho_server* server) {
    char buffer[8];
    size_t length = 77;
    int i;
    for (i = 0; i < NOBODIES; ++i) {
        const wsecho_connection_id id = nobody[i];
        claim_equal(WSECHO_ERR_GONE, wsecho_connection_send(server, id, WSECHO_TEXT, "x", 1),
                    "send");
        claim_equal(WSECHO_ERR_GONE, wsecho_connection_ping(server, id), "ping");
        claim_equal(WSECHO_ERR_GONE, wsecho_connection_set_heartbeat(server, id, NULL),
                    "set_heartbeat");
        claim_equal(WSECHO_ERR_GONE, wsecho_connection_pause_reading(server, id), "pause");
        claim_equal(WSECHO_ERR_GONE, wsecho_connection_resume_reading(server, id), "resume");
        claim_equal(WSECHO_ERR_GONE, wsecho_connection_close(server, id, 1000, "bye", 3), "close");
        claim_equal(WSECHO_ERR_GONE, wsecho_connection_set_user(server, id, buffer), "set_user");
        claim_equal(WSECHO_ERR_GONE,
                    wsecho_connection_remote_address(server, id, buffer, sizeof buffer, &length),
                    "address");
        claim_equal(WSECHO_ERR_GONE,
                    wsecho_connection_uri(server, id, buffer, sizeof buffer, &length), "uri");
        claim_equal(WSECHO_ERR_GONE,
                    wsecho_connection_query(server, id, buffer, sizeof buffer, &length), "query");
        claim_equal(WSECHO_ERR_GONE,
                    wsecho_connection_header(server, id, "Host", buffer, sizeof buffer, &length),
                    "header");
        claim(wsecho_connection_user(server, id) == NULL, "no user pointer");
        claim_equal(0, (long long)wsecho_connection_queued_bytes(server, id), "nothing queued");
        claim_equal(WSECHO_STATE_GONE, wsecho_connection_get_state(server, id), "state");
    }
    claim_equal(77, (long long)length, "and no length was written");
}

static void a_wrong_message_is_refused_before_its_peer_is_looked_for(wsecho_server* server) {
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT,
                wsecho_connection_send(server, 0, WSECHO_TEXT, NULL, 1), "a payload of NULL");
    claim_detail("payload", "which is named");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_send(server, 0, 0, "x", 1),
                "type 0");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_send(server, 0, 3, "x", 1),
                "type 3");
    claim_detail("type", "which is named");
    claim_equal(WSECHO_ERR_GONE, wsecho_connection_send(server, 0, WSECHO_BINARY, NULL, 0),
                "an empty message has no payload");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_broadcast(server, WSECHO_TEXT, NULL, 1, 0),
                "a broadcast of NULL");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_broadcast(server, 9, "x", 1, 0), "of type 9");
}

static void a_wrong_close_is_refused(wsecho_server* server) {
    static const uint16_t codes[] = {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65535};
    char reason[124];
    size_t i;
    memset(reason, 'x', sizeof reason);
    for (i = 0; i < sizeof codes / sizeof codes[0]; ++i)
        claim_equal(WSECHO_ERR_INVALID_ARGUMENT,
                    wsecho_connection_close(server, 0, codes[i], NULL, 0), "a code not to be sent");
    claim_detail("code", "which is named");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT,
                wsecho_connection_close(server, 0, 1000, reason, sizeof reason), "124 bytes");
    claim_detail("123", "the bound is told");
    claim_equal(WSECHO_ERR_GONE,
                wsecho_connection_close(server, 0, 1000, reason, sizeof reason - 1), "123 bytes");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_close(server, 0, 1000, NULL, 1),
                "a reason of NULL");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_close(server, 0, 1000, "\xFF", 1),
                "a reason that is not UTF-8");
}

static void a_buffer_of_null_has_size_0(wsecho_server* server) {
    char buffer[8];
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_connection_uri(server, 0, NULL, 1, NULL),
                "a buffer of NULL");
    claim_equal(WSECHO_ERR_GONE, wsecho_connection_uri(server, 0, NULL, 0, NULL),
                "but with size 0 it is the id that is wrong");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT,
                wsecho_connection_header(server, 0, NULL, buffer, sizeof buffer, NULL),
                "a header without a name");
}

static void statistics_are_of_a_loop_that_is_there(wsecho_server* server) {
    wsecho_statistics statistics;
    memset(&statistics, 0, sizeof statistics);
    statistics.version = WSECHO_STATISTICS_VERSION;
    statistics.size = sizeof statistics;
    claim_equal(WSECHO_OK, wsecho_server_statistics(server, 0, &statistics), "the first");
    claim_equal(WSECHO_OK, wsecho_server_statistics(server, 1, &statistics), "the last");
    claim_equal(WSECHO_OK, wsecho_server_statistics(server, WSECHO_ALL_LOOPS, &statistics), "all");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_server_statistics(server, 2, &statistics),
                "one too far");
    claim_equal(WSECHO_ERR_INVALID_ARGUMENT, wsecho_server_statistics(server, 0, NULL), "nowhere");
}

static void a_message_over_the_queue_s_bound_is_too_big_to_broadcast(wsecho_server* server) {
    static const char payload[512] = "";
    claim_equal(WSECHO_OK, wsecho_broadcast(server, WSECHO_BINARY, payload, 252, 0),
                "header and payload fill the bound of 256 bytes");
    claim_equal(WSECHO_ERR_TOO_BIG, wsecho_broadcast(server, WSECHO_BINARY, payload, 253, 0),
                "a byte more exceeds it");
}

/* Everything that holds for a server in any state. */
static void claim_arguments_are_checked(wsecho_server* server) {
    an_id_of_nobody_is_gone(server);
    a_wrong_message_is_refused_before_its_peer_is_looked_for(server);
    a_wrong_close_is_refused(server);
    a_buffer_of_null_has_size_0(server);
    statistics_are_of_a_loop_that_is_there(server);
}

int main(void) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_server* server = NULL;
    without_a_server_every_call_is_refused();
    without_a_server_what_cannot_fail_answers_nothing();

    options.threads = 2;
    options.max_queued_bytes = 256;
    claim_equal(WSECHO_OK, wsecho_server_create(&server, &options, NULL, NULL), "a server");
    claim_equal(WSECHO_ERR_WRONG_STATE, wsecho_broadcast(server, WSECHO_TEXT, "x", 1, 0),
                "a broadcast before the start");
    claim_arguments_are_checked(server);

    claim_equal(WSECHO_OK, wsecho_server_start(server), "started");
    a_message_over_the_queue_s_bound_is_too_big_to_broadcast(server);
    claim_arguments_are_checked(server);

    claim_equal(WSECHO_OK, wsecho_server_stop(server), "stopped");
    claim_equal(WSECHO_ERR_WRONG_STATE, wsecho_broadcast(server, WSECHO_TEXT, "x", 1, 0),
                "a broadcast after the stop");
    claim_arguments_are_checked(server);
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
    return claims_result();
}
