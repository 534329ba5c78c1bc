/* A server's life from C: create, start, port, stop, destroy, and starts that fail. */
#include <string.h>
#include <sys/resource.h>

#include "claims.h"
#include "wsecho/wsecho.h"

/* A server on any free port of this machine, or with `options`. */
static wsecho_server* create(const wsecho_server_options* options) {
    wsecho_server* server = NULL;
    claim_equal(WSECHO_OK, wsecho_server_create(&server, options, NULL, NULL), "it is created");
    return server;
}

static wsecho_server_options on_port(int32_t port) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    options.port = port;
    return options;
}

static void a_server_is_created_started_stopped_and_destroyed(void) {
    wsecho_server* server = create(NULL);
    claim_equal(-1, wsecho_server_port(server), "before the start there is no port");
    claim_equal(WSECHO_OK, wsecho_server_start(server), "it starts");
    claim(wsecho_server_port(server) > 0, "port 0 becomes a port of the system's choice");
    claim_equal(WSECHO_OK, wsecho_server_stop(server), "it stops");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "it is destroyed");
}

static void after_the_stop_there_is_no_port(void) {
    wsecho_server* server = create(NULL);
    claim_equal(WSECHO_OK, wsecho_server_start(server), "it starts");
    claim_equal(WSECHO_OK, wsecho_server_stop(server), "it stops");
    claim_equal(-1, wsecho_server_port(server), "after the stop nothing is listened on");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

static void stop_is_idempotent_and_may_come_before_the_start(void) {
    wsecho_server* server = create(NULL);
    claim_equal(WSECHO_OK, wsecho_server_stop(server), "a server that never ran");
    claim_equal(WSECHO_OK, wsecho_server_start(server), "may still be started");
    claim_equal(WSECHO_OK, wsecho_server_stop(server), "once");
    claim_equal(WSECHO_OK, wsecho_server_stop(server), "and again");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

static void a_server_is_started_once(void) {
    wsecho_server* server = create(NULL);
    claim_equal(WSECHO_OK, wsecho_server_start(server), "the first start");
    claim_equal(WSECHO_ERR_WRONG_STATE, wsecho_server_start(server), "a start while it runs");
    claim_equal(WSECHO_OK, wsecho_server_stop(server), "the stop");
    claim_equal(WSECHO_ERR_WRONG_STATE, wsecho_server_start(server), "a start after the stop");
    claim_detail("once", "the detail says why");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

static void destroy_stops_a_server_that_runs_and_frees_its_port(void) {
    wsecho_server* first = create(NULL);
    wsecho_server_options options;
    wsecho_server* second;
    claim_equal(WSECHO_OK, wsecho_server_start(first), "the first starts");
    options = on_port(wsecho_server_port(first));
    claim_equal(WSECHO_OK, wsecho_server_destroy(first), "and is destroyed while it runs");
    second = create(&options);
    claim_equal(WSECHO_OK, wsecho_server_start(second), "its port may be had again");
    claim_equal(options.port, wsecho_server_port(second), "that very port");
    claim_equal(WSECHO_OK, wsecho_server_destroy(second), "the end");
}

static void claim_port_in_use(uint32_t threads) {
    wsecho_server* holder = create(NULL);
    wsecho_server_options options;
    wsecho_server* server;
    claim_equal(WSECHO_OK, wsecho_server_start(holder), "the holder starts");
    options = on_port(wsecho_server_port(holder));
    options.threads = threads;
    server = create(&options);
    claim_equal(WSECHO_ERR_ADDRESS_IN_USE, wsecho_server_start(server), "its port is taken");
    claim_detail("127.0.0.1:", "the detail names the address");
    claim_equal(-1, wsecho_server_port(server), "a failed start has no port");
    claim_equal(WSECHO_OK, wsecho_server_destroy(holder), "the holder leaves");
    claim_equal(WSECHO_OK, wsecho_server_start(server), "and the start is tried again");
    claim_equal(options.port, wsecho_server_port(server), "on that port");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

static void a_port_in_use_is_an_error_until_it_is_free(void) {
    claim_port_in_use(1);
    claim_port_in_use(2);
}

static void a_port_may_be_shared_where_both_ask_for_it(void) {
    wsecho_server_options options = on_port(0);
    wsecho_server *first, *second;
    options.share_port = 1;
    first = create(&options);
    claim_equal(WSECHO_OK, wsecho_server_start(first), "the first starts");
    options.port = wsecho_server_port(first);
    second = create(&options);
    claim_equal(WSECHO_OK, wsecho_server_start(second), "the second shares its port");
    claim_equal(WSECHO_OK, wsecho_server_destroy(first), "the end of one");
    claim_equal(WSECHO_OK, wsecho_server_destroy(second), "the end of the other");
}

static void an_address_that_is_not_of_this_machine_is_unavailable(void) {
    wsecho_server_options options = on_port(0);
    wsecho_server* server;
    options.host = "192.0.2.1"; /* for documentation (RFC 5737): nobody's */
    server = create(&options);
    claim_equal(WSECHO_ERR_ADDRESS_UNAVAILABLE, wsecho_server_start(server), "not ours");
    claim_detail("192.0.2.1", "the detail names it");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

/* The TCP port was bound before the Unix socket failed: nothing of it may stay. */
static void a_start_that_fails_halfway_leaves_no_port(void) {
    wsecho_server_options options = on_port(0);
    wsecho_server* server;
    options.unix_path = "/no/such/directory/socket";
    server = create(&options);
    claim_equal(WSECHO_ERR_ADDRESS_UNAVAILABLE, wsecho_server_start(server), "no such directory");
    claim_detail("/no/such/directory/socket", "the detail names the path");
    claim_equal(-1, wsecho_server_port(server),
                "after a start that failed halfway nothing is listened on");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

/* The soft limit is lowered for the start alone, so that the machine's own does not matter. */
static void a_limit_of_descriptors_that_does_not_suffice_is_told_with_its_numbers(void) {
    wsecho_server_options options = on_port(0);
    wsecho_server* server;
    struct rlimit before, lowered;
    int result;
    options.max_connections = 1000;
    server = create(&options);
    getrlimit(RLIMIT_NOFILE, &before);
    lowered = before;
    lowered.rlim_cur = 500;
    claim_equal(0, setrlimit(RLIMIT_NOFILE, &lowered), "the limit is lowered");
    result = wsecho_server_start(server);
    claim_equal(0, setrlimit(RLIMIT_NOFILE, &before), "and put back");
    claim_equal(WSECHO_ERR_DESCRIPTOR_LIMIT, result, "1,000 connections do not fit");
    claim_detail("max_connections 1000", "the detail says what was asked for");
    claim_detail("soft limit is 500", "and what there is");
    claim_equal(WSECHO_OK, wsecho_server_start(server), "with the limit back they do");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

static void the_host_s_texts_may_go_after_create(void) {
    char host[] = "127.0.0.1";
    wsecho_server_options options = on_port(0);
    wsecho_server* server;
    options.host = host;
    server = create(&options);
    memset(host, 'x', sizeof host - 1);
    memset(&options, 0xAB, sizeof options);
    claim_equal(WSECHO_OK, wsecho_server_start(server), "the options were copied");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

static void count_line(enum wsecho_log_level level, const char* text, void* user) {
    (void)level;
    if (strchr(text, '\n') == NULL) ++*(int*)user;
}

static void the_log_hears_of_start_and_stop_in_lines_without_an_end(void) {
    int lines = 0;
    wsecho_server_options options = on_port(0);
    wsecho_server* server;
    options.log = count_line;
    options.log_user = &lines;
    server = create(&options);
    claim_equal(0, lines, "nothing has happened yet");
    claim_equal(WSECHO_OK, wsecho_server_start(server), "it starts");
    claim_equal(1, lines, "one line");
    claim_equal(WSECHO_OK, wsecho_server_stop(server), "it stops");
    claim_equal(2, lines, "one more");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

static void loops_are_counted_as_asked(void) {
    wsecho_server_options options = on_port(0);
    wsecho_server* server;
    options.threads = 3;
    server = create(&options);
    claim_equal(3, wsecho_server_loops(server), "three loops");
    claim_equal(WSECHO_OK, wsecho_server_start(server), "that start");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "and end");
    options.threads = 0;
    server = create(&options);
    claim(wsecho_server_loops(server) >= 1, "0 is one for each core");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

int main(void) {
    a_server_is_created_started_stopped_and_destroyed();
    after_the_stop_there_is_no_port();
    stop_is_idempotent_and_may_come_before_the_start();
    a_server_is_started_once();
    destroy_stops_a_server_that_runs_and_frees_its_port();
    a_port_in_use_is_an_error_until_it_is_free();
    a_port_may_be_shared_where_both_ask_for_it();
    an_address_that_is_not_of_this_machine_is_unavailable();
    a_start_that_fails_halfway_leaves_no_port();
    a_limit_of_descriptors_that_does_not_suffice_is_told_with_its_numbers();
    the_host_s_texts_may_go_after_create();
    the_log_hears_of_start_and_stop_in_lines_without_an_end();
    loops_are_counted_as_asked();
    return claims_result();
}
