/* The contract of the structs: versions, sizes, defaults, and the field that a refusal names. */
#include <string.h>

#include "claims.h"
#include "wsecho/wsecho.h"

enum { GUARD = 64 };

/* A struct of the caller's with memory behind it that is not the library's to touch. */
typedef struct {
    wsecho_server_options options;
    unsigned char behind[GUARD];
} guarded_options;

typedef struct {
    wsecho_statistics statistics;
    unsigned char behind[GUARD];
} guarded_statistics;

static int all_are(const unsigned char* bytes, size_t size, unsigned char value) {
    size_t i;
    for (i = 0; i < size; ++i)
        if (bytes[i] != value) return 0;
    return 1;
}

static int create(const wsecho_server_options* options, wsecho_server** server) {
    *server = NULL;
    return wsecho_server_create(server, options, NULL, NULL);
}

/* The result of a create with these options; a server that came of it is ended. */
static int created(const wsecho_server_options* options) {
    wsecho_server* server;
    const int result = create(options, &server);
    claim((server != NULL) == (result == WSECHO_OK), "a server comes of a success only");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "what was created is destroyed");
    return result;
}

static void claim_refused_field(const wsecho_server_options* options, const char* field) {
    claim_equal(WSECHO_ERR_INVALID_OPTION, created(options), field);
    claim(strncmp(wsecho_error_detail(), field, strlen(field)) == 0 &&
              wsecho_error_detail()[strlen(field)] == ':',
          "the detail begins with the field's name and a colon");
}

static void init_writes_its_version_and_not_a_byte_beyond(void) {
    guarded_options mine;
    memset(&mine, 0xAB, sizeof mine);
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&mine.options, 1u), "version 1");
    claim_equal(1, mine.options.version, "the version is the one that was asked for");
    claim(mine.options.size <= sizeof mine.options, "its size is no more than this header's");
    claim(all_are((unsigned char*)&mine + mine.options.size, sizeof mine - mine.options.size, 0xAB),
          "beyond the size of the version nothing was written");
}

/* Version 1 is frozen: a later library may know more fields, but must not write them here. */
static void version_1_ends_with_the_log_user(void) {
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 1u), "version 1");
    claim_equal((long long)(offsetof(wsecho_server_options, log_user) + sizeof(void*)),
                options.size, "the size of version 1 never changes");
}

static void version_2_adds_the_event_loop(void) {
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 2u), "version 2");
    claim_equal((long long)(offsetof(wsecho_server_options, event_loop) + sizeof(char*)),
                options.size, "the size of version 2 never changes");
}

static void version_3_adds_the_origins(void) {
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 3u), "version 3");
    claim_equal((long long)(offsetof(wsecho_server_options, origins) + sizeof(char*)), options.size,
                "the size of version 3 never changes");
}

static void version_4_adds_the_bounds_on_channels(void) {
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 4u), "version 4");
    claim_equal((long long)(offsetof(wsecho_server_options, max_subscriptions) + sizeof(uint32_t)),
                options.size, "the size of version 4 never changes");
    claim_equal(1000000, options.max_channels, "channels in total");
    claim_equal(1000, options.max_subscriptions, "channels of one connection");
    options.max_channels = 0;
    claim_refused_field(&options, "max_channels");
    options.max_channels = 1;
    options.max_subscriptions = 0;
    claim_refused_field(&options, "max_subscriptions");
}

static void version_5_adds_the_proxies(void) {
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 5u), "version 5");
    claim_equal((long long)(offsetof(wsecho_server_options, trusted_proxies) + sizeof(char*)),
                options.size, "the size of version 5 never changes");
    options.proxy_header = 4;
    claim_refused_field(&options, "proxy_header");
    options.proxy_header = -1;
    claim_refused_field(&options, "proxy_header");
    options.proxy_header = WSECHO_PROXY_FORWARDED;
    claim_refused_field(&options, "trusted_proxies");
    options.trusted_proxies = "everybody";
    claim_refused_field(&options, "trusted_proxies");
    options.trusted_proxies = "private, 192.0.2.0/24";
    claim_equal(WSECHO_OK, created(&options), "a list of networks");
    options.proxy_header = WSECHO_PROXY_NONE;
    claim_refused_field(&options, "trusted_proxies");
}

static void version_6_adds_compression(void) {
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 6u), "version 6");
    claim_equal(
        (long long)(offsetof(wsecho_server_options, max_handshakes_per_address) + sizeof(uint32_t)),
        options.size, "the size of version 6 never changes");
    claim_equal(0, options.deflate, "off");
    claim_equal(1024, (long long)options.deflate_threshold_bytes,
                "smaller messages go as they are");
    claim_equal(15, options.deflate_window_bits, "the largest window");
    claim_equal(0, options.deflate_context_takeover, "each message stands alone");
    claim_equal(6, options.deflate_level, "zlib's own level");
    options.deflate_window_bits = 8;
    claim_refused_field(&options, "deflate_window_bits");
    options.deflate_window_bits = 16;
    claim_refused_field(&options, "deflate_window_bits");
    options.deflate_window_bits = 9;
    options.deflate_level = 0;
    claim_refused_field(&options, "deflate_level");
    options.deflate_level = 10;
    claim_refused_field(&options, "deflate_level");
    options.deflate_level = 9;
    options.deflate = 1;
    options.deflate_context_takeover = 1;
    claim_equal(WSECHO_OK, created(&options), "all of it");
}

static void version_7_adds_backpressure(void) {
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 7u), "version 7");
    claim_equal(WSECHO_BACKPRESSURE_REFUSE, options.backpressure_policy, "refuse");
    claim_equal(0, (long long)options.high_watermark_bytes, "not told");
    claim_equal(0, (long long)options.low_watermark_bytes, "when all has left");
    claim_equal(1024 * 1024 * 1024, (long long)options.max_queued_bytes_total, "1 GiB");
    options.backpressure_policy = -1;
    claim_refused_field(&options, "backpressure_policy");
    options.backpressure_policy = 3;
    claim_refused_field(&options, "backpressure_policy");
    options.backpressure_policy = 256;
    claim_refused_field(&options, "backpressure_policy");
    options.backpressure_policy = WSECHO_BACKPRESSURE_CLOSE;
    options.high_watermark_bytes = options.max_queued_bytes + 1;
    claim_refused_field(&options, "high_watermark_bytes");
    options.high_watermark_bytes = options.max_queued_bytes;
    options.low_watermark_bytes = options.max_queued_bytes + 1;
    claim_refused_field(&options, "low_watermark_bytes");
    options.low_watermark_bytes = options.max_queued_bytes;
    options.max_queued_bytes_total = 0;
    claim_equal(WSECHO_OK, created(&options), "all of it");
}

static void version_7_adds_how_heartbeats_adapt_and_rates(void) {
    const wsecho_server_options defaults = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 7u), "version 7");
    claim_equal(
        (long long)(offsetof(wsecho_server_options, max_bytes_per_second) + sizeof(uint64_t)),
        options.size, "the size of version 7 never changes");
    claim_equal(0, options.heartbeat_max_interval_ms, "a fixed interval");
    claim_equal(1, options.heartbeat_misses, "the first miss is the end");
    claim_equal(0, options.max_messages_per_second, "no bound");
    claim_equal(WSECHO_RATE_SLOW, options.rate_policy, "slow");
    claim_equal(0, (long long)options.max_bytes_per_second, "no bound");
    options.heartbeat_max_interval_ms = options.heartbeat_interval_ms - 1;
    claim_refused_field(&options, "heartbeat_max_interval_ms");
    options = defaults, options.heartbeat_misses = 0;
    claim_refused_field(&options, "heartbeat_misses");
    options = defaults, options.heartbeat_misses = 101;
    claim_refused_field(&options, "heartbeat_misses");
    options = defaults, options.rate_policy = 2;
    claim_refused_field(&options, "rate_policy");
    options = defaults, options.rate_policy = -1;
    claim_refused_field(&options, "rate_policy");
    options = defaults, options.max_bytes_per_second = 10000000001u;
    claim_refused_field(&options, "max_bytes_per_second");
    options.max_bytes_per_second = 10000000000u;
    options.max_messages_per_second = UINT32_MAX;
    options.rate_policy = WSECHO_RATE_CLOSE;
    options.heartbeat_max_interval_ms = options.heartbeat_interval_ms;
    options.heartbeat_misses = 100;
    claim_equal(WSECHO_OK, created(&options), "all of it");
}

static void version_8_adds_pending_handshakes(void) {
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 8u), "version 8");
    claim_equal(0, options.max_pending_handshakes, "as many as connections");
    claim_equal(0, options.max_pending_handshakes_per_address, "no bound of its own");
    options.max_pending_handshakes = 16777217u;
    claim_refused_field(&options, "max_pending_handshakes");
    options.max_pending_handshakes = 16777216u;
    options.max_pending_handshakes_per_address = UINT32_MAX;
    claim_equal(WSECHO_OK, created(&options), "all of it");
}

static void version_8_adds_hosts_by_which_pages_may_connect(void) {
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 8u), "version 8");
    claim_equal((long long)(offsetof(wsecho_server_options, allowed_hosts) + sizeof(char*)),
                options.size, "the size of version 8 never changes");
    claim(options.allowed_hosts == NULL, "the default is no list");
    options.allowed_hosts = "";
    claim_refused_field(&options, "allowed_hosts");
    options.allowed_hosts = "http://example.com";
    claim_refused_field(&options, "allowed_hosts");
    options.allowed_hosts = "example.com:80";
    claim_refused_field(&options, "allowed_hosts");
    options.allowed_hosts = "example.com, *.example.org 192.0.2.1 [2001:db8::1]";
    claim_equal(WSECHO_OK, created(&options), "names, a wildcard and addresses");
    options.allowed_hosts = "*";
    claim_equal(WSECHO_OK, created(&options), "any");
}

static void a_program_of_version_1_gets_the_best_event_loop(void) {
    wsecho_server_options options;
    wsecho_server* server;
    memset(&options, 0xAB, sizeof options); /* behind version 1 lies what is not ours */
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 1u), "version 1");
    claim_equal(WSECHO_OK, create(&options, &server), "makes a server");
    claim(strcmp(wsecho_server_event_loop(server), "epoll") == 0, "that waits with epoll");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "and its end");
}

static void claim_chosen(const char* name, const char* chosen) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_server* server;
    options.event_loop = name;
    claim_equal(WSECHO_OK, create(&options, &server), "makes a server");
    claim(strcmp(wsecho_server_event_loop(server), chosen) == 0, chosen);
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "and its end");
}

static void each_event_loop_is_chosen_by_its_name(void) {
    static const char* const names[][2] = {{NULL, "epoll"},
                                           {"auto", "epoll"},
                                           {"epoll", "epoll"},
                                           {"epoll-level", "epoll-level"},
                                           {"poll", "poll"}};
    size_t i;
    for (i = 0; i < sizeof names / sizeof names[0]; ++i)
        claim_chosen(names[i][0], names[i][1]);
    if (strstr(WSECHO_EVENT_LOOPS, "libuv") != NULL) claim_chosen("libuv", "libuv");
    claim(strcmp(wsecho_server_event_loop(NULL), "") == 0, "no server waits with nothing");
}

static void an_event_loop_that_is_not_there_is_refused_with_those_that_are(void) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    options.event_loop = "kqueue";
    claim_refused_field(&options, "event_loop");
    claim(strstr(wsecho_error_detail(), "auto, " WSECHO_EVENT_LOOPS) != NULL, "by name");
    options.event_loop = "";
    claim_refused_field(&options, "event_loop");
}

static void init_and_the_initializer_give_the_same_defaults(void) {
    const wsecho_server_options expected = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init(&options), "the macro names the version");
    claim_equal(expected.version, options.version, "version");
    claim_equal(expected.size, options.size, "size");
    claim(options.host == NULL && options.unix_path == NULL && options.path == NULL, "texts");
    claim_equal(expected.port, options.port, "port");
    claim_equal(expected.threads, options.threads, "threads");
    claim_equal(expected.max_connections, options.max_connections, "max_connections");
    claim_equal((long long)expected.max_message_bytes, (long long)options.max_message_bytes,
                "max_message_bytes");
    claim_equal((long long)expected.max_queued_bytes, (long long)options.max_queued_bytes,
                "max_queued_bytes");
    claim_equal(expected.handshake_timeout_ms, options.handshake_timeout_ms, "handshake");
    claim_equal(expected.idle_timeout_ms, options.idle_timeout_ms, "idle");
    claim_equal(expected.heartbeat_interval_ms, options.heartbeat_interval_ms, "interval");
    claim_equal(expected.heartbeat_timeout_ms, options.heartbeat_timeout_ms, "timeout");
    claim_equal(expected.close_timeout_ms, options.close_timeout_ms, "close");
    claim_equal(expected.backlog, options.backlog, "backlog");
    claim_equal(expected.share_port, options.share_port, "share_port");
    claim(options.log == NULL && options.log_user == NULL, "log");
    claim(options.event_loop == NULL, "event_loop");
}

static void the_defaults_are_those_of_the_header_s_words(void) {
    const wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    claim_equal(0, options.port, "any free port");
    claim_equal(1, options.threads, "one loop");
    claim_equal(1024 * 1024, (long long)options.max_message_bytes, "1 MiB");
    claim_equal(4 * 1024 * 1024, (long long)options.max_queued_bytes, "4 MiB");
    claim_equal(10000, options.handshake_timeout_ms, "ten seconds");
    claim_equal(0, options.idle_timeout_ms, "never");
    claim_equal(30000, options.heartbeat_interval_ms, "thirty seconds");
    claim_equal(20000, options.heartbeat_timeout_ms, "twenty seconds");
    claim_equal(5000, options.close_timeout_ms, "five seconds");
    claim_equal(4096, options.backlog, "4,096");
    claim_equal(0, options.share_port, "not shared");
    claim_equal(WSECHO_OK, created(&options), "and they make a server");
}

static void version_8_adds_bounds_on_slow_readers_and_unfinished_messages(void) {
    wsecho_server_options options;
    claim_equal(WSECHO_OK, wsecho_server_options_init_version(&options, 8u), "version 8");
    claim_equal(30000, options.send_timeout_ms, "thirty seconds");
    claim_equal(0, (long long)options.max_receiving_bytes_total, "as the machine has it");
    options.send_timeout_ms = UINT32_MAX;
    claim_refused_field(&options, "send_timeout_ms");
    options.send_timeout_ms = 0;
    options.max_receiving_bytes_total = 1;
    claim_equal(WSECHO_OK, created(&options), "all of it");
}

static void an_unknown_version_is_refused_and_nothing_written(void) {
    const uint32_t unknown[] = {0u, WSECHO_SERVER_OPTIONS_VERSION + 1u, UINT32_MAX};
    size_t i;
    for (i = 0; i < sizeof unknown / sizeof unknown[0]; ++i) {
        guarded_options mine;
        wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
        memset(&mine, 0xAB, sizeof mine);
        claim_equal(WSECHO_ERR_VERSION,
                    wsecho_server_options_init_version(&mine.options, unknown[i]), "init");
        claim(all_are((unsigned char*)&mine, sizeof mine, 0xAB), "not a byte was written");
        options.version = unknown[i];
        claim_equal(WSECHO_ERR_VERSION, created(&options), "create");
    }
}

static void a_size_below_its_version_is_refused_and_one_above_is_not(void) {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    const uint32_t whole = options.size;
    options.size = whole - 1;
    claim_refused_field(&options, "size");
    options.size = 0;
    claim_refused_field(&options, "size");
    options.size = whole + 128;
    claim_equal(WSECHO_OK, created(&options), "a newer header's struct may be longer");
}

static void a_dialer_s_options_have_a_version(void) {
    wsecho_dialer_options options = WSECHO_DIALER_OPTIONS_INIT;
    wsecho_server* server;
    wsecho_dialer* dialer = NULL;
    claim_equal(1, options.version, "the first");
    claim_equal((long long)(offsetof(wsecho_dialer_options, send_timeout_ms) + sizeof(uint64_t)),
                options.size, "its size never changes");
    claim_equal(1, options.connections, "one connection");
    claim_equal(1, options.tls_verify, "certificates are looked at");
    claim(options.tls_ca_file == NULL && options.proxy == NULL, "as the system has it");
    claim(options.close_timeout_ms == WSECHO_AS_SERVER, "limits are the server's");
    claim(options.send_timeout_ms == WSECHO_AS_SERVER, "to the last");

    claim_equal(WSECHO_OK, create(NULL, &server), "a server");
    options.urls = "ws://localhost";
    options.size += 64;
    claim_equal(WSECHO_OK, wsecho_dialer_create(&dialer, server, &options, NULL, NULL, NULL),
                "a newer header's struct may be longer");
    claim_equal(WSECHO_OK, wsecho_dialer_destroy(dialer), "and ends");
    options.version = 2;
    claim_equal(WSECHO_ERR_VERSION,
                wsecho_dialer_create(&dialer, server, &options, NULL, NULL, NULL), "not known");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

static void each_field_out_of_range_is_named(void) {
    const wsecho_server_options defaults = WSECHO_SERVER_OPTIONS_INIT;
    wsecho_server_options options = defaults;
    options.port = 65536;
    claim_refused_field(&options, "port");
    options.port = -2;
    claim_refused_field(&options, "port");
    options.port = -1;
    claim_equal(WSECHO_OK, created(&options), "a host that only dials listens on nothing");
    options = defaults, options.path = "no-slash";
    claim_refused_field(&options, "path");
    options = defaults, options.threads = 257;
    claim_refused_field(&options, "threads");
    options = defaults, options.max_connections = 16777217;
    claim_refused_field(&options, "max_connections");
    options = defaults, options.max_message_bytes = 0;
    claim_refused_field(&options, "max_message_bytes");
    options = defaults, options.max_queued_bytes = 255;
    claim_refused_field(&options, "max_queued_bytes");
    options = defaults, options.handshake_timeout_ms = 0;
    claim_refused_field(&options, "handshake_timeout_ms");
    options = defaults, options.heartbeat_timeout_ms = 0;
    claim_refused_field(&options, "heartbeat_timeout_ms");
    options = defaults, options.close_timeout_ms = 0;
    claim_refused_field(&options, "close_timeout_ms");
    options = defaults, options.backlog = 0;
    claim_refused_field(&options, "backlog");
    options = defaults, options.address_prefix_v4 = 0;
    claim_refused_field(&options, "address_prefix_v4");
    options = defaults, options.address_prefix_v4 = 33;
    claim_refused_field(&options, "address_prefix_v4");
    options = defaults, options.address_prefix_v6 = 0;
    claim_refused_field(&options, "address_prefix_v6");
    options = defaults, options.address_prefix_v6 = 129;
    claim_refused_field(&options, "address_prefix_v6");
}

static void callbacks_are_versioned_like_options(void) {
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    wsecho_server* server;
    claim_equal(WSECHO_OK, wsecho_server_create(&server, NULL, &callbacks, NULL), "the defaults");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "and their end");
    callbacks.size -= 1;
    claim_equal(WSECHO_ERR_INVALID_OPTION, wsecho_server_create(&server, NULL, &callbacks, NULL),
                "a struct that is too small");
    claim(server == NULL, "makes no server");
    callbacks.size += 1;
    callbacks.version = 99;
    claim_equal(WSECHO_ERR_VERSION, wsecho_server_create(&server, NULL, &callbacks, NULL),
                "a version that is not known");
    claim(server == NULL, "makes no server");
}

static void statistics_are_versioned_and_no_byte_beyond_is_written(void) {
    guarded_statistics mine;
    wsecho_server* server;
    claim_equal(WSECHO_OK, wsecho_server_create(&server, NULL, NULL, NULL), "a server");
    memset(&mine, 0xAB, sizeof mine);
    mine.statistics.version = 0;
    mine.statistics.size = sizeof mine.statistics;
    claim_equal(WSECHO_ERR_VERSION,
                wsecho_server_statistics(server, WSECHO_ALL_LOOPS, &mine.statistics), "version 0");
    mine.statistics.version = WSECHO_STATISTICS_VERSION;
    mine.statistics.size = sizeof mine.statistics - 1;
    claim_equal(WSECHO_ERR_VERSION,
                wsecho_server_statistics(server, WSECHO_ALL_LOOPS, &mine.statistics), "too small");
    claim(all_are((unsigned char*)&mine.statistics.connections,
                  sizeof mine - offsetof(wsecho_statistics, connections), 0xAB),
          "a refusal writes nothing");
    mine.statistics.size = sizeof mine;
    claim_equal(WSECHO_OK, wsecho_server_statistics(server, WSECHO_ALL_LOOPS, &mine.statistics),
                "a newer header's struct may be longer");
    claim_equal(sizeof mine, mine.statistics.size, "its size is left to the caller");
    claim_equal(0, (long long)mine.statistics.connections, "nothing is open");
    claim_equal(0, (long long)mine.statistics.rate_closes, "up to the last");
    claim(all_are(mine.behind, sizeof mine.behind, 0xAB), "and nothing beyond is written");
    claim_equal(WSECHO_OK, wsecho_server_destroy(server), "the end");
}

static void the_heartbeat_s_defaults_are_those_of_the_header_s_words(void) {
    const wsecho_heartbeat heartbeat = WSECHO_HEARTBEAT_INIT;
    claim_equal(1, heartbeat.version, "version 1");
    claim_equal((long long)(offsetof(wsecho_heartbeat, misses) + sizeof(uint32_t)), heartbeat.size,
                "whose size never changes");
    claim_equal(30000, heartbeat.interval_ms, "thirty seconds");
    claim_equal(0, heartbeat.max_interval_ms, "a fixed interval");
    claim_equal(20000, heartbeat.timeout_ms, "twenty seconds");
    claim_equal(1, heartbeat.misses, "the first miss is the end");
}

static void the_drain_s_defaults_are_those_of_the_header_s_words(void) {
    const wsecho_drain_options options = WSECHO_DRAIN_OPTIONS_INIT;
    const wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;
    claim_equal(1, options.version, "version 1");
    claim_equal((long long)(offsetof(wsecho_drain_options, reason) + sizeof(char*)), options.size,
                "whose size never changes");
    claim_equal(30000, options.deadline_ms, "thirty seconds");
    claim_equal(0, options.spread_ms, "all at once");
    claim_equal(1001, options.code, "going away");
    claim(options.reason == NULL, "the library's words");
    claim_equal(1, report.version, "version 1 of the report");
    claim_equal((long long)(offsetof(wsecho_drain_report, bytes_unsent) + sizeof(uint64_t)),
                report.size, "whose size never changes");
}

int main(void) {
    init_writes_its_version_and_not_a_byte_beyond();
    version_1_ends_with_the_log_user();
    version_2_adds_the_event_loop();
    version_3_adds_the_origins();
    version_4_adds_the_bounds_on_channels();
    version_5_adds_the_proxies();
    version_6_adds_compression();
    version_7_adds_backpressure();
    version_7_adds_how_heartbeats_adapt_and_rates();
    version_8_adds_bounds_on_slow_readers_and_unfinished_messages();
    version_8_adds_pending_handshakes();
    version_8_adds_hosts_by_which_pages_may_connect();
    a_program_of_version_1_gets_the_best_event_loop();
    each_event_loop_is_chosen_by_its_name();
    an_event_loop_that_is_not_there_is_refused_with_those_that_are();
    init_and_the_initializer_give_the_same_defaults();
    the_defaults_are_those_of_the_header_s_words();
    an_unknown_version_is_refused_and_nothing_written();
    a_size_below_its_version_is_refused_and_one_above_is_not();
    a_dialer_s_options_have_a_version();
    each_field_out_of_range_is_named();
    callbacks_are_versioned_like_options();
    statistics_are_versioned_and_no_byte_beyond_is_written();
    the_heartbeat_s_defaults_are_those_of_the_header_s_words();
    the_drain_s_defaults_are_those_of_the_header_s_words();
    return claims_result();
}
