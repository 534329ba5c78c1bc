/*
 * wsecho.h: the C interface of wsecho, an embeddable WebSocket engine.
 *
 * Conventions, for every function unless its comment says otherwise:
 *
 * Threads    Any function may be called from any thread, and from inside any callback. On the
 *            connection's own loop (in its callbacks) a call acts at once; from elsewhere it is
 *            handed to that loop, and acts in the order in which the calling thread made it.
 * Errors     A function that can fail returns an int: WSECHO_OK (0) or a negative WSECHO_ERR_*.
 *            The words for the last failure on the calling thread: wsecho_error_detail().
 * Ownership  Every pointer that is passed in is borrowed for the call and may be freed after it:
 *            texts and payloads are copied where they are needed longer. Exceptions are the user
 *            pointers and the callbacks' functions, which are kept as they are.
 * Ids        A connection is named by an integer. An id that has outlived its connection is
 *            stale: calls with it return WSECHO_ERR_GONE, and it never names another connection.
 * Text       is UTF-8. Lengths are in bytes and do not count a terminating NUL. Times are in
 *            milliseconds unless a name says otherwise.
 */
#ifndef WSECHO_H
#define WSECHO_H

#include <stddef.h>
#include <stdint.h>

#include "wsecho/version.h"

#if defined(__GNUC__)
#define WSECHO_API __attribute__((visibility("default")))
#else
#define WSECHO_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------ version */

/* The version of the library that is linked, as "MAJOR.MINOR.PATCH". Static storage. */
WSECHO_API const char *wsecho_version(void);

/* The binary interface of the library that is linked: WSECHO_ABI_VERSION of its header. */
WSECHO_API uint32_t wsecho_abi_version(void);

/* ------------------------------------------------------------------- errors */

enum wsecho_error {
    WSECHO_OK = 0,

    /* -1 to -99: the call is wrong. */
    WSECHO_ERR_INVALID_ARGUMENT = -1, /* a NULL, a number out of range, a reason too long */
    WSECHO_ERR_INVALID_OPTION = -2,   /* the detail names the field of the options */
    WSECHO_ERR_WRONG_STATE = -3,      /* not in this order: send before start, start twice */
    WSECHO_ERR_IN_CALLBACK = -4,      /* may not be called from a callback of this server */
    WSECHO_ERR_VERSION = -5,          /* a struct of a version this library does not know */

    /* -100 to -199: the system refuses. */
    WSECHO_ERR_ADDRESS_IN_USE = -100,
    WSECHO_ERR_ADDRESS_UNAVAILABLE = -101, /* no such host, address or directory here */
    WSECHO_ERR_PERMISSION = -102,          /* for example a port below 1024 */
    WSECHO_ERR_DESCRIPTOR_LIMIT = -103,    /* the detail names the limit and what is needed */
    WSECHO_ERR_OUT_OF_MEMORY = -104,
    WSECHO_ERR_EVENT_LOOP = -105, /* libwebsockets or libuv makes none */
    WSECHO_ERR_SYSTEM = -106,

    /* -200 to -299: a connection cannot do it. */
    WSECHO_ERR_GONE = -200,         /* there is no such connection, any more or yet */
    WSECHO_ERR_CLOSING = -201,      /* its close has begun: nothing more is sent */
    WSECHO_ERR_BACKPRESSURE = -202, /* its queue is full: nothing of the message was sent */
    WSECHO_ERR_TOO_BIG = -203,      /* a message that max_queued_bytes can never hold */
    WSECHO_ERR_NOT_FOUND = -204,    /* no such header or path, no member of the channel */
    WSECHO_ERR_LIMIT = -205,        /* as many as the options allow are there already */
    WSECHO_ERR_LATE = -206          /* the message's deadline is over: it was not sent */
};

/* A few words for an error number; static storage, never NULL. */
WSECHO_API const char *wsecho_strerror(int error);

/*
 * What exactly was wrong with the last call on this thread that failed; "" before the first.
 * Valid until this thread's next call of this library that fails.
 */
WSECHO_API const char *wsecho_error_detail(void);

/* ------------------------------------------------------------------ options */

typedef struct wsecho_server wsecho_server;

enum wsecho_log_level {
    WSECHO_LOG_ERROR = 0,
    WSECHO_LOG_WARNING = 1,
    WSECHO_LOG_INFO = 2,
    WSECHO_LOG_DEBUG = 3
};

/*
 * Told of events of the server itself, on any thread, possibly on several at once. The text is
 * one line without its end and lives for the call. It may not call into the server.
 */
typedef void (*wsecho_log_callback)(enum wsecho_log_level level, const char *text, void *user);

/*
 * How proxies tell where a connection comes from. Other than trusted proxies are not believed, so
 * a client cannot choose its address by a header of its own.
 */
enum wsecho_proxy_header {
    WSECHO_PROXY_NONE = 0,
    /* X-Forwarded-For: read from its end, as long as what stands there is a trusted proxy. */
    WSECHO_PROXY_X_FORWARDED_FOR = 1,
    /* Forwarded (RFC 7239), by the same rule. */
    WSECHO_PROXY_FORWARDED = 2,
    /* The PROXY protocol (HAProxy's proxy-protocol.txt), version 1 or 2. A trusted proxy that sends
     * no such header first gets 400; all others are served without one. */
    WSECHO_PROXY_PROTOCOL = 3
};

/*
 * What becomes of a message for which max_queued_bytes (or max_queued_bytes_total) leaves no room.
 * docs/backpressure.md tells when to choose which.
 */
enum wsecho_backpressure_policy {
    /* It is not taken: a send returns WSECHO_ERR_BACKPRESSURE, a broadcast or a publish leaves this
     * peer out. Counted as messages_refused. */
    WSECHO_BACKPRESSURE_REFUSE = 0,
    /* Those that have waited longest are dropped until it has room; counted as messages_dropped. A
     * message of which a part is written already is not dropped, nor are up to 64 KiB before the
     * kernel. Messages are then compressed each by itself. */
    WSECHO_BACKPRESSURE_DROP_OLDEST = 1,
    /* It is not taken, and the connection is cut off without a close frame, which the peer would
     * not read: cause WSECHO_CLOSE_SLOW_CONSUMER, code 1006. */
    WSECHO_BACKPRESSURE_CLOSE = 2
};

/* What becomes of a connection that sends more than its rates allow. */
enum wsecho_rate_policy {
    /* Nothing is read from it until it may send again, as by wsecho_connection_pause_reading(): TCP
     * makes it wait. Counted as rate_pauses. */
    WSECHO_RATE_SLOW = 0,
    /* It is closed with 1008, cause WSECHO_CLOSE_LIMIT, and what was too much is not told. Counted
     * as rate_closes. */
    WSECHO_RATE_CLOSE = 1
};

#define WSECHO_SERVER_OPTIONS_VERSION 8u

/*
 * Options of a server. Set them up with WSECHO_SERVER_OPTIONS_INIT or
 * wsecho_server_options_init(), then change what should differ. Fields are only ever added at
 * the end; version and size say which of them the caller knows. No time may exceed 49 days.
 */
typedef struct wsecho_server_options {
    uint32_t version; /* WSECHO_SERVER_OPTIONS_VERSION */
    uint32_t size;    /* sizeof(wsecho_server_options) */

    /* A name, an IPv4 or an IPv6 address: each address of a name is listened on. "" is every
     * address. Default NULL: "127.0.0.1", this machine only. */
    const char *host;
    /* 0 to 65535; 0: any free port, see wsecho_server_port(). -1: no TCP; without a unix_path the
     * server then listens on nothing, for a host that only dials. Default 0. */
    int32_t port;
    /* Also (or, with port -1, only) listen on this Unix socket. Its file is removed at the stop;
     * one left behind by a server that is gone is replaced. Default NULL: none. */
    const char *unix_path;
    /* The one path that is served beside those of wsecho_server_add_path(), and written as there;
     * others get 404. Default NULL: any. */
    const char *path;
    /* Loop threads, 0 to 256; 0: one for each core. Default 1. */
    uint32_t threads;
    /* Open connections in total, up to 16,777,216; more get 503. It must fit the descriptor
     * limit. Default 0: as many as the limit has room for. */
    uint32_t max_connections;
    /* A longer message closes its connection with 1009; 1 to 1,073,741,824. Default 1 MiB. */
    uint64_t max_message_bytes;
    /* Bytes that may wait for one peer, 256 to 4,294,967,296; a send beyond it returns
     * WSECHO_ERR_BACKPRESSURE. Default 4 MiB. */
    uint64_t max_queued_bytes;
    /* From the accepted connection to its whole request, at least 1; then 408. Default 10,000. */
    uint32_t handshake_timeout_ms;
    /* Without a message from the peer for this long it is closed with 1001. Pings and pongs do
     * not count as messages. Default 0: never. */
    uint32_t idle_timeout_ms;
    /* Each connection is pinged once in this time; 0: never. The pings of all connections are
     * spread evenly over it. Default 30,000. */
    uint32_t heartbeat_interval_ms;
    /* After a ping, this long without a byte from the peer ends the connection with cause
     * heartbeat, unless more misses are allowed; at least 1. Default 20,000. */
    uint32_t heartbeat_timeout_ms;
    /* How long the peer may take to answer a close frame, and stop() for all; at least 1.
     * Default 5,000. */
    uint32_t close_timeout_ms;
    /* Connections that may wait to be accepted; the kernel caps it (net.core.somaxconn).
     * Default 4,096. */
    int32_t backlog;
    /* 1: the TCP port may be shared with other processes of this user (SO_REUSEPORT); the
     * kernel then deals connections out. Default 0: a port in use is an error. */
    int32_t share_port;
    /* Default NULL: nothing is logged. */
    wsecho_log_callback log;
    void *log_user;

    /* --- Added in version 2 --- */

    /* What waits for the sockets: "epoll" (wsecho's own, edge-triggered), "epoll-level" (the same,
     * level-triggered), "poll" (the same on poll(), slower with each connection), "libuv" (the same
     * on libuv, if the library was built with it), or "auto", the best there is. A name that this
     * build lacks is an error that lists those it has.
     * Default NULL: "auto". See wsecho_server_event_loop(). */
    const char *event_loop;

    /* --- Added in version 3 --- */

    /* Which web pages may connect (RFC 6455, section 10.2), by the Origin that their browser sends;
     * others get 403. Elements with spaces or commas between them: "same" (pages of the host that
     * they connect to), an origin ("https://example.com", "http://localhost:3000"), one whose host
     * begins with "*." (all subdomains, but not the domain itself), "null" (pages without an
     * origin, such as files), "*" (any page). Clients that send no Origin, which are not browsers,
     * are never refused by it. Default NULL: "same". */
    const char *origins;

    /* --- Added in version 4 --- */

    /* Channels that there may be at a time, at least 1. Default 1,000,000. */
    uint32_t max_channels;
    /* Channels that one connection may be in at a time, at least 1. Default 1,000. */
    uint32_t max_subscriptions;

    /* --- Added in version 5 --- */

    /* Where proxies stand before the server: how they tell the client's address, and which of them
     * are believed. The address then is that of wsecho_connection_remote_address(). An enum
     * wsecho_proxy_header. Default WSECHO_PROXY_NONE. */
    int32_t proxy_header;
    /* Networks, with spaces or commas between them: "10.0.0.0/8", "2001:db8::/32", "192.0.2.1";
     * "loopback", "private" (loopback and all that is not routed on the Internet), "unix" (peers
     * on the Unix socket). Default NULL: nobody, which is an error with a proxy_header. */
    const char *trusted_proxies;

    /* --- Added in version 6 --- */

    /* 1: messages are compressed with peers that offer permessage-deflate (RFC 7692). What many
     * get is compressed once for all of them. max_message_bytes holds for what a message inflates
     * to, and is checked while it does; one that does not inflate closes its connection with 1007.
     * Default 0: off. */
    int32_t deflate;
    /* How far back either side may refer, as a power of two, 9 to 15. Below 15, a client that does
     * not offer client_max_window_bits goes without compression. Default 15: 32 KiB. */
    int32_t deflate_window_bits;
    /* Smaller messages are sent as they are. Default 1,024. */
    uint64_t deflate_threshold_bytes;
    /* 1: either side may refer to messages before the one in hand, where the peer agrees: small
     * messages that are alike get smaller, but each connection takes memory, with the default
     * window 268 KB from the first message that is compressed for it alone, and 40 KB from the
     * first that is inflated. Default 0: each message stands alone, and connections share what
     * that takes. */
    int32_t deflate_context_takeover;
    /* 1: fastest, to 9: smallest. Default 6. */
    int32_t deflate_level;

    /* Limits of one client's address, as trusted proxies tell it; with one of them, more gets 429
     * (RFC 6585). Not limited are peers of the Unix socket, and trusted proxies themselves. Of IPv4
     * and of IPv6 addresses, so many bits count: those of one network are one client. 1 to 32,
     * default 32; 1 to 128, default 64. */
    uint32_t address_prefix_v4;
    uint32_t address_prefix_v6;
    /* Connections of one client. They are counted from their acceptance: with one more, its oldest
     * one without a request gets 429 and is closed. A request gets 429 where so many are open.
     * Default 0: no bound of its own. */
    uint32_t max_connections_per_address;
    /* Handshakes of one client in a second, refused ones included, and as many at once. Default 0:
     * no bound. */
    uint32_t max_handshakes_per_address;

    /* --- Added in version 7 --- */

    /* An enum wsecho_backpressure_policy, of every connection; a path or a connection may have
     * another. Default WSECHO_BACKPRESSURE_REFUSE. */
    int32_t backpressure_policy;
    /* The watermark callback is told when so many bytes wait for a peer, up to max_queued_bytes.
     * Default 0: never. */
    uint64_t high_watermark_bytes;
    /* Then it is told again when no more than this wait, up to high_watermark_bytes. Default 0:
     * when all has left. */
    uint64_t low_watermark_bytes;
    /* Bytes that may wait for all peers together; each loop has its even part of it. Beyond it
     * those for whom the most waits give way: their oldest messages are dropped where that is the
     * policy, else they are cut off with cause slow consumer. A peer for whom nothing waits is
     * never refused by it. 0: no bound. Default 1 GiB. */
    uint64_t max_queued_bytes_total;
    /* 0: heartbeat_interval_ms is fixed. Else each connection's interval goes from that up to this,
     * as wsecho_heartbeat tells. Default 0. */
    uint32_t heartbeat_max_interval_ms;
    /* heartbeat_timeout_ms may pass so many times in a row until the connection ends, 1 to 100;
     * after one that is not the last the next ping is sent at once. Default 1. */
    uint32_t heartbeat_misses;
    /* What one connection may send in a second, and as much at once. Each frame counts as a
     * message, since it costs as much: each part of a message that comes in parts, each ping and
     * pong, but not the close. Default 0: no bound. */
    uint32_t max_messages_per_second;
    /* An enum wsecho_rate_policy, of both bounds. Default WSECHO_RATE_SLOW. */
    int32_t rate_policy;
    /* As they come from the socket, frame headers included, up to 10,000,000,000. What has been
     * read is dealt with, 512 KiB in a row at the most: what is too much of it is a debt, which
     * takes its time. So with WSECHO_RATE_CLOSE this bound should not be below the largest message.
     * What a compressed message inflates to beyond its size counts, too. Default 0: no bound. */
    uint64_t max_bytes_per_second;

    /* --- Added in version 8 --- */

    /* A peer that takes nothing of what waits for it, not a byte for this long, is cut off with
     * cause slow consumer, whatever else is heard of it. 0: never. Default 30,000. */
    uint32_t send_timeout_ms;
    /* Bytes of unfinished messages (what compressed ones have inflated to) and of messages that
     * wait to be read, of all peers together; each loop has its even part of it. Beyond it, the
     * connection that holds the most is closed with 1008 and cause memory. Default 0: a quarter of
     * the memory that the process may have, but at least max_message_bytes for each loop. */
    uint64_t max_receiving_bytes_total;
    /* Accepted connections whose request is not whole, and refused ones that have not closed yet;
     * up to 16,777,216. They do not count as connections. When there is one more, the oldest of
     * the client that has most of them gets 503 and is closed, so that silent connections never
     * keep out a client that asks. Each loop has its part of it. Default 0: as many as
     * max_connections, and at least 32 on each loop. */
    uint32_t max_pending_handshakes;
    /* The same of one client, on each loop; then its oldest one gets 429 and is closed. Default 0:
     * no bound of its own, since a client that has many gives way first. */
    uint32_t max_pending_handshakes_per_address;
    /* By which hosts web pages may connect that only "same" of `origins` lets in; others get 421.
     * It protects from DNS rebinding: a page of evil.example whose name was made to resolve to this
     * server's address comes with an Origin and a Host that agree, and only the name in Host tells
     * that nobody calls this server so. Elements with spaces or commas between them, without a
     * port: a name ("example.com"), one that begins with "*." (all subdomains, but not the domain
     * itself), an address ("192.0.2.1", "[2001:db8::1]"), "*" (any host). Pages that `origins`
     * names may connect by any host, and so may clients that send no Origin, which are not
     * browsers: rebinding is done to browsers, and others may write into Host what they like.
     *
     * Default NULL: a connection that comes from this machine by its loopback address (127.0.0.0/8,
     * ::1) has to be for localhost, a name below it, any address, or the option `host`; all others
     * may be for any host, since a server cannot know its public names, and what is on the Internet
     * can be reached by such pages anyway. What came through a trusted proxy is not local, where
     * that told of its client. So the list is needed behind a proxy on this machine that passes on
     * the Host and has no `proxy_header`, and it protects servers in a private network. */
    const char *allowed_hosts;
} wsecho_server_options;

#define WSECHO_SERVER_OPTIONS_INIT                                                              \
    {                                                                                           \
        WSECHO_SERVER_OPTIONS_VERSION, (uint32_t)sizeof(wsecho_server_options), NULL, 0, NULL,  \
            NULL, 1u, 0u, 1048576u, 4194304u, 10000u, 0u, 30000u, 20000u, 5000u, 4096, 0, NULL, \
            NULL, NULL, NULL, 1000000u, 1000u, 0, NULL, 0, 15, 1024u, 0, 6, 32u, 64u, 0u, 0u,   \
            WSECHO_BACKPRESSURE_REFUSE, 0u, 0u, 1073741824u, 0u, 1u, 0u, WSECHO_RATE_SLOW, 0u,  \
            30000u, 0u, 0u, 0u, NULL                                                            \
    }

/*
 * Fills in the defaults of the given version, and no byte beyond its size. Use the macro below.
 * Errors: WSECHO_ERR_INVALID_ARGUMENT (options is NULL), WSECHO_ERR_VERSION.
 */
WSECHO_API int wsecho_server_options_init_version(wsecho_server_options *options, uint32_t version);
#define wsecho_server_options_init(options) \
    wsecho_server_options_init_version((options), WSECHO_SERVER_OPTIONS_VERSION)

/* ---------------------------------------------------------------- callbacks */

/* Names a connection; 0 names none. */
typedef uint64_t wsecho_connection_id;

enum wsecho_message_type { WSECHO_TEXT = 1, WSECHO_BINARY = 2 };

enum wsecho_close_cause {
    WSECHO_CLOSE_PEER = 0,          /* the peer sent a close frame */
    WSECHO_CLOSE_LOCAL = 1,         /* wsecho_connection_close(), or a callback that threw */
    WSECHO_CLOSE_HEARTBEAT = 2,     /* no answer to a ping */
    WSECHO_CLOSE_IDLE = 3,          /* no message for idle_timeout_ms */
    WSECHO_CLOSE_TOO_BIG = 4,       /* a message over max_message_bytes */
    WSECHO_CLOSE_SLOW_CONSUMER = 5, /* its queue stayed full */
    WSECHO_CLOSE_PROTOCOL = 6,      /* the peer broke RFC 6455 */
    WSECHO_CLOSE_TLS = 7,           /* the TLS session failed */
    WSECHO_CLOSE_TCP = 8,           /* the TCP connection broke, without a close frame */
    WSECHO_CLOSE_LIMIT = 9,         /* a limit of the server */
    WSECHO_CLOSE_DRAIN = 10,        /* the server stopped, or was drained */
    WSECHO_CLOSE_MEMORY = 11        /* it held the most of what ran out: of
                                     * max_receiving_bytes_total, or of the process's memory */
};
#define WSECHO_CLOSE_CAUSES 12

enum wsecho_initiator { WSECHO_INITIATOR_LOCAL = 0, WSECHO_INITIATOR_PEER = 1 };

typedef struct wsecho_close_event {
    /* The code of the close frame that began the close, whoever sent it; 1005: it had none;
     * 1006: there was no close frame (RFC 6455, section 7.4.1). */
    uint16_t code;
    enum wsecho_close_cause cause;
    enum wsecho_initiator initiator;
    /* The frame's reason: UTF-8 without a terminating NUL, up to 123 bytes, for the call only. */
    const char *reason;
    size_t reason_length;

    /* --- Added with version 6 of the server's options: older libraries do not have them --- */

    uint64_t age_ms; /* since the open callback */
    /* These four as in wsecho_statistics, of this connection. What was sent is what the kernel
     * took: whether the peer has read it is not known, unless it answered the close. */
    uint64_t messages_received;
    uint64_t messages_sent;
    uint64_t bytes_received;
    uint64_t bytes_sent;
    uint64_t bytes_unsent;  /* waited for this peer when it ended, frame headers included */
    uint64_t round_trip_ns; /* smoothed, as in wsecho_round_trips; 0: no ping was answered */
} wsecho_close_event;

/*
 * Each runs on the thread of the connection's loop, one at a time for a loop, never two for one
 * connection. While it runs its loop serves nobody else: long work belongs on a thread of yours.
 * Inside one every function may be called, but for stop, drain and destroy, which return
 * WSECHO_ERR_IN_CALLBACK. `user` is what was given with the callbacks.
 *
 * A C++ exception that leaves a callback is stopped: its connection is closed with 1011, and the
 * statistics count it as a callback failure.
 */

/* A name and a value, each with a terminating NUL. */
typedef struct wsecho_header {
    const char *name;
    const char *value;
} wsecho_header;

/* What a peer asks for. All of it lives for the call only; every text ends with a NUL. */
typedef struct wsecho_handshake {
    const char *method;           /* "GET" */
    const char *uri;              /* the path, without the query */
    const char *query;            /* what stood behind the question mark; "" if nothing did */
    const char *remote_address;   /* as wsecho_connection_remote_address() gives it */
    const wsecho_header *headers; /* in their order, without the white space around the values */
    size_t header_count;
    const char *const *subprotocols; /* those offered, the most wanted first */
    size_t subprotocol_count;
} wsecho_handshake;

/*
 * A peer asks to be let in; the request is right and its origin allowed. Answer it with
 * wsecho_handshake_accept() or wsecho_handshake_reject(): in this call, or later from any thread.
 * A peer that has no answer when handshake_timeout_ms is over, counted from its connecting, gets
 * 503. Until then the id may be asked about (address, headers), but not be sent to. Without this
 * callback every handshake is accepted.
 *
 * A C++ exception that leaves it before an answer is 500 for the peer; an answer given before
 * stands.
 */
typedef void (*wsecho_handshake_callback)(wsecho_server *server, wsecho_connection_id id,
                                          const wsecho_handshake *handshake, void *user);

/* The handshake is done: the id may be used from here on. */
typedef void (*wsecho_open_callback)(wsecho_server *server, wsecho_connection_id id, void *user);

/* A whole message, WSECHO_TEXT or WSECHO_BINARY; text has been checked to be UTF-8. The payload
 * lives for the call only. */
typedef void (*wsecho_message_callback)(wsecho_server *server, wsecho_connection_id id, int type,
                                        const void *payload, size_t length, void *user);

/* Comes once for each open callback, and is the last of its connection. The id may still be
 * asked about (address, headers, user pointer) but not be sent to; after the call it is stale. */
typedef void (*wsecho_close_callback)(wsecho_server *server, wsecho_connection_id id,
                                      const wsecho_close_event *event, void *user);

/* A ping was answered after this round trip, in nanoseconds. */
typedef void (*wsecho_heartbeat_callback)(wsecho_server *server, wsecho_connection_id id,
                                          uint64_t round_trip_ns, void *user);

/*
 * So many bytes wait for a peer that its queue has reached high_watermark_bytes (`is_high` is 1),
 * or has fallen to low_watermark_bytes again (0): a time to stop sending to it, and to go on. They
 * come in turn, the high one first, when the loop has written what it could; what has passed until
 * then is not told.
 */
typedef void (*wsecho_watermark_callback)(wsecho_server *server, wsecho_connection_id id,
                                          int is_high, uint64_t queued_bytes, void *user);

/*
 * Around the callbacks of a loop that come in a row, so that a host can take a lock of its own (an
 * interpreter's, say) once for all of them: the one before the first of them, the other when the
 * loop has nothing more to tell for now, before it waits. `loop` is 0 to wsecho_server_loops() - 1.
 * Both come on the loop's thread, always in turn, and never around nothing. Calls of other threads
 * do not wait for either. A C++ exception that leaves one is ignored.
 */
typedef void (*wsecho_pass_callback)(wsecho_server *server, uint32_t loop, void *user);

#define WSECHO_CALLBACKS_VERSION 4u

/* NULL for a callback that is not wanted. */
typedef struct wsecho_callbacks {
    uint32_t version; /* WSECHO_CALLBACKS_VERSION */
    uint32_t size;    /* sizeof(wsecho_callbacks) */
    wsecho_open_callback on_open;
    wsecho_message_callback on_message;
    wsecho_close_callback on_close;
    wsecho_heartbeat_callback on_heartbeat;
    /* --- Added in version 2 --- */
    wsecho_handshake_callback on_handshake;
    /* --- Added in version 3: of the server, so NULL in those of a path --- */
    wsecho_pass_callback on_pass_begin;
    wsecho_pass_callback on_pass_end;
    /* --- Added in version 4 --- */
    wsecho_watermark_callback on_watermark;
} wsecho_callbacks;

#define WSECHO_CALLBACKS_INIT                                                                 \
    {                                                                                         \
        WSECHO_CALLBACKS_VERSION, (uint32_t)sizeof(wsecho_callbacks), NULL, NULL, NULL, NULL, \
            NULL, NULL, NULL, NULL                                                            \
    }

/* ------------------------------------------------------------------- server */

/*
 * Makes a server that does not listen yet. Options and callbacks are copied. End it with
 * wsecho_server_destroy().
 *
 * out        where the server goes; NULL on failure
 * options    NULL: the defaults
 * callbacks  NULL: none
 * user       given to each callback
 *
 * Errors: WSECHO_ERR_INVALID_ARGUMENT (out is NULL), WSECHO_ERR_INVALID_OPTION (the detail names
 * the field), WSECHO_ERR_VERSION, WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_server_create(wsecho_server **out, const wsecho_server_options *options,
                                    const wsecho_callbacks *callbacks, void *user);

/* In the options of a path: as the server's option of the same name. */
#define WSECHO_AS_SERVER UINT64_MAX

#define WSECHO_PATH_OPTIONS_VERSION 3u

/*
 * What holds for the connections that come by one path. Set it up with WSECHO_PATH_OPTIONS_INIT.
 * Units and ranges are those of the server's options; the default of each is the server's.
 */
typedef struct wsecho_path_options {
    uint32_t version;    /* WSECHO_PATH_OPTIONS_VERSION */
    uint32_t size;       /* sizeof(wsecho_path_options) */
    const char *origins; /* NULL: as the server's */
    /* More of this path get 503; 0, the default: the server's bound for all paths alone. */
    uint32_t max_connections;
    uint64_t max_message_bytes;
    uint64_t max_queued_bytes;
    uint64_t idle_timeout_ms;
    uint64_t heartbeat_interval_ms;
    uint64_t heartbeat_timeout_ms;
    uint64_t close_timeout_ms;

    /* --- Added in version 2 --- */

    uint64_t backpressure_policy;
    uint64_t high_watermark_bytes;
    uint64_t low_watermark_bytes;
    uint64_t heartbeat_max_interval_ms;
    uint64_t heartbeat_misses;
    uint64_t max_messages_per_second;
    uint64_t rate_policy;
    uint64_t max_bytes_per_second;
    /* --- Added in version 3 --- */
    uint64_t send_timeout_ms;
} wsecho_path_options;

#define WSECHO_PATH_OPTIONS_INIT                                                     \
    {                                                                                \
        WSECHO_PATH_OPTIONS_VERSION, (uint32_t)sizeof(wsecho_path_options), NULL, 0, \
            WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER,  \
            WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER,  \
            WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER,  \
            WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER                     \
    }

/*
 * Serves a path with callbacks and limits of its own, beside the one of the server's options (which
 * is any other path, if it is NULL). Before the start. Ids, channels and wsecho_broadcast() are of
 * the server: they do not tell paths apart.
 *
 * path       begins with '/', as it stands in the request, without a query. "/chat" is that path;
 *            "/rooms/" with an asterisk behind it is whatever begins so. Where several fit, the
 *            longest has it.
 * options    NULL: as the server's
 * callbacks  NULL: none
 * user       given to each of these callbacks
 *
 * Errors: WSECHO_ERR_INVALID_ARGUMENT (server or path is NULL; path is none, or is there already),
 * WSECHO_ERR_INVALID_OPTION (the detail names the field), WSECHO_ERR_VERSION,
 * WSECHO_ERR_WRONG_STATE (the server was started), WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_server_add_path(wsecho_server *server, const char *path,
                                      const wsecho_path_options *options,
                                      const wsecho_callbacks *callbacks, void *user);

/*
 * Listens and starts the loop threads; returns when connections are accepted. A server is
 * started once. Loop threads block every signal; the process ignores SIGPIPE from here on, which
 * is libwebsockets' doing.
 *
 * Errors: WSECHO_ERR_ADDRESS_IN_USE, WSECHO_ERR_ADDRESS_UNAVAILABLE, WSECHO_ERR_PERMISSION,
 * WSECHO_ERR_DESCRIPTOR_LIMIT (the limit has no room for max_connections), WSECHO_ERR_EVENT_LOOP
 * (the detail names the missing package), WSECHO_ERR_WRONG_STATE (started before),
 * WSECHO_ERR_SYSTEM, WSECHO_ERR_OUT_OF_MEMORY. After a failure nothing is left behind, and
 * start may be tried again.
 */
WSECHO_API int wsecho_server_start(wsecho_server *server);

/* The TCP port that is listened on; -1 while there is none. */
WSECHO_API int wsecho_server_port(const wsecho_server *server);

/*
 * Stops accepting, sends every peer a close frame (1001), waits up to close_timeout_ms for the
 * answers, and ends the threads; every close callback has returned when it does. Stopping a
 * server that does not run does nothing. Where it is drained by another thread, see there.
 *
 * Errors: WSECHO_ERR_IN_CALLBACK.
 */
WSECHO_API int wsecho_server_stop(wsecho_server *server);

#define WSECHO_DRAIN_OPTIONS_VERSION 1u

/* Set it up with WSECHO_DRAIN_OPTIONS_INIT. */
typedef struct wsecho_drain_options {
    uint32_t version; /* WSECHO_DRAIN_OPTIONS_VERSION */
    uint32_t size;    /* sizeof(wsecho_drain_options) */
    /* From the call until the connections that are left are cut off; at least 1. Default 30,000. */
    uint32_t deadline_ms;
    /* The close frames are spread evenly over this time, so that peers that connect again elsewhere
     * do not all come at once; less than deadline_ms. Default 0: all at once. */
    uint32_t spread_ms;
    /* Of the close frames: 1001, "going away" (RFC 6455, section 7.4.1), or 1012, "service restart"
     * (the registry at IANA). 0: nobody is told, who does not leave by himself is cut off at the
     * deadline. Default 1001. */
    uint32_t code;
    /* UTF-8, up to 123 bytes. Default NULL: "server stops". */
    const char *reason;
} wsecho_drain_options;

#define WSECHO_DRAIN_OPTIONS_INIT                                                                \
    {                                                                                            \
        WSECHO_DRAIN_OPTIONS_VERSION, (uint32_t)sizeof(wsecho_drain_options), 30000u, 0u, 1001u, \
            NULL                                                                                 \
    }

#define WSECHO_DRAIN_REPORT_VERSION 1u

/* Set it up with WSECHO_DRAIN_REPORT_INIT. How many of the connections ended which way: the four in
 * the middle add up to the first. */
typedef struct wsecho_drain_report {
    uint32_t version;      /* WSECHO_DRAIN_REPORT_VERSION */
    uint32_t size;         /* sizeof(wsecho_drain_report) */
    uint64_t connections;  /* open at the begin */
    uint64_t answered;     /* by a close frame, and all that was sent to them had left */
    uint64_t left;         /* before they were told, or were closing at the begin */
    uint64_t broken;       /* told, and gone without an answer */
    uint64_t forced;       /* cut off, at the deadline or by a stop */
    uint64_t bytes_unsent; /* waited for those that were cut off, frame headers included */
} wsecho_drain_report;

#define WSECHO_DRAIN_REPORT_INIT \
    { WSECHO_DRAIN_REPORT_VERSION, (uint32_t)sizeof(wsecho_drain_report), 0, 0, 0, 0, 0, 0 }

/*
 * A stop with time: the listening sockets are closed, handshakes that are not over get 503; peers
 * are told with a close frame behind all that was sent to them, and have until the deadline to read
 * it and to answer (close_timeout_ms does not count); who is left then is cut off. Until a peer is
 * told it is served as ever, and sends to it work. Returns when all is over: the server is then
 * stopped, and every close callback has returned (cause WSECHO_CLOSE_DRAIN where it was told or cut
 * off).
 *
 * wsecho_server_stop() or wsecho_server_destroy() on another thread cuts it short: who was not told
 * is, nobody is waited for, and both calls return. So wsecho_server_destroy() may be called while
 * this call waits, but not before it.
 *
 * options  NULL: the defaults
 * report   filled in where all went well; NULL: not wanted
 *
 * Errors: WSECHO_ERR_IN_CALLBACK, WSECHO_ERR_WRONG_STATE (the server does not run, or is stopped or
 * drained already), WSECHO_ERR_INVALID_OPTION (the detail names the field),
 * WSECHO_ERR_INVALID_ARGUMENT (server is NULL), WSECHO_ERR_VERSION, WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_server_drain(wsecho_server *server, const wsecho_drain_options *options,
                                   wsecho_drain_report *report);

/*
 * Stops the server if it runs, and frees it. NULL is allowed. No other thread may be in, or
 * make, a call with this server, but wait in wsecho_server_drain().
 *
 * Errors: WSECHO_ERR_IN_CALLBACK: nothing was done.
 */
WSECHO_API int wsecho_server_destroy(wsecho_server *server);

/* --------------------------------------------------------------- handshakes */

#define WSECHO_ACCEPTANCE_VERSION 1u

/* Set it up with WSECHO_ACCEPTANCE_INIT. All of it is copied. */
typedef struct wsecho_acceptance {
    uint32_t version; /* WSECHO_ACCEPTANCE_VERSION */
    uint32_t size;    /* sizeof(wsecho_acceptance) */
    /* One of those offered, written as there; NULL or "": none. */
    const char *subprotocol;
    /* More headers for the answer, 64 KiB at the most; not Upgrade, Connection, Content-Length,
     * Transfer-Encoding, nor Sec-WebSocket-*. */
    const wsecho_header *headers;
    size_t header_count;
    /* The connection's user pointer from its open callback on. */
    void *connection_user;
} wsecho_acceptance;

#define WSECHO_ACCEPTANCE_INIT \
    { WSECHO_ACCEPTANCE_VERSION, (uint32_t)sizeof(wsecho_acceptance), NULL, NULL, 0, NULL }

#define WSECHO_REJECTION_VERSION 1u

/* Set it up with WSECHO_REJECTION_INIT. All of it is copied. */
typedef struct wsecho_rejection {
    uint32_t version; /* WSECHO_REJECTION_VERSION */
    uint32_t size;    /* sizeof(wsecho_rejection) */
    /* An HTTP status, 300 to 599, but 304, which has no body. Default 403. */
    uint32_t status;
    /* Not Connection, Content-Length or Transfer-Encoding. Without a Content-Type the body is
     * plain text in UTF-8. Headers and body have 64 KiB together at the most. */
    const wsecho_header *headers;
    size_t header_count;
    const void *body;
    size_t body_length;
} wsecho_rejection;

#define WSECHO_REJECTION_INIT \
    { WSECHO_REJECTION_VERSION, (uint32_t)sizeof(wsecho_rejection), 403u, NULL, 0, NULL, 0 }

/*
 * Lets a peer in of which the handshake callback told. Given in that callback, it is carried out
 * when the callback has returned. After WSECHO_OK the open and the close callback come in any
 * case, one behind the other where the peer has left meanwhile. Messages can be sent from the open
 * callback on; before, they are WSECHO_ERR_GONE.
 *
 * acceptance  NULL: no subprotocol, no more headers, no user pointer
 *
 * Errors: WSECHO_ERR_GONE (the peer has left), WSECHO_ERR_WRONG_STATE (it is answered already, or
 * its time is over), WSECHO_ERR_INVALID_ARGUMENT (the detail says what: a subprotocol that was not
 * offered, a header that is none or is the server's), WSECHO_ERR_VERSION,
 * WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_handshake_accept(wsecho_server *server, wsecho_connection_id id,
                                       const wsecho_acceptance *acceptance);

/*
 * Turns a peer away of which the handshake callback told, with an HTTP answer. It has
 * close_timeout_ms to read it. No other callback comes for it.
 *
 * rejection  NULL: 403, without a body
 *
 * Errors: as of wsecho_handshake_accept().
 */
WSECHO_API int wsecho_handshake_reject(wsecho_server *server, wsecho_connection_id id,
                                       const wsecho_rejection *rejection);

/* --------------------------------------------------------------- connections */

/*
 * Sends a message. It is copied, or written, before the call returns. In a callback it may leave
 * only when the callback has returned: one that waits there for the peer's reaction waits in vain.
 * Text is not checked to be UTF-8: peers close on a text that is not.
 *
 * type  WSECHO_TEXT or WSECHO_BINARY
 *
 * Errors: WSECHO_ERR_GONE, WSECHO_ERR_CLOSING, WSECHO_ERR_BACKPRESSURE (the bytes that wait and
 * this frame exceed max_queued_bytes, or max_queued_bytes_total, and the policy does not make room;
 * of another thread where the oldest would be dropped: twice max_queued_bytes), WSECHO_ERR_TOO_BIG,
 * WSECHO_ERR_INVALID_ARGUMENT, WSECHO_ERR_OUT_OF_MEMORY. Sent from another thread, a message whose
 * connection ends before its turn is counted as refused in the statistics.
 */
WSECHO_API int wsecho_connection_send(wsecho_server *server, wsecho_connection_id id, int type,
                                      const void *payload, size_t length);

/*
 * Changes what becomes of messages to this peer for which there is no room; from then on.
 *
 * policy  an enum wsecho_backpressure_policy
 *
 * Errors: WSECHO_ERR_GONE, WSECHO_ERR_CLOSING, WSECHO_ERR_INVALID_ARGUMENT.
 */
WSECHO_API int wsecho_connection_set_backpressure_policy(wsecho_server *server,
                                                         wsecho_connection_id id, int policy);

/*
 * Pings the peer now, outside the interval; the answer comes to the heartbeat callback, and its
 * absence for heartbeat_timeout_ms ends the connection.
 *
 * Errors: WSECHO_ERR_GONE, WSECHO_ERR_CLOSING, WSECHO_ERR_BACKPRESSURE (too much of other threads
 * waits for the loop).
 */
WSECHO_API int wsecho_connection_ping(wsecho_server *server, wsecho_connection_id id);

#define WSECHO_HEARTBEAT_VERSION 1u

/*
 * How peers are pinged. Set it up with WSECHO_HEARTBEAT_INIT. The fields are those of the server's
 * options that begin with "heartbeat_": units, ranges and defaults are theirs.
 */
typedef struct wsecho_heartbeat {
    uint32_t version; /* WSECHO_HEARTBEAT_VERSION */
    uint32_t size;    /* sizeof(wsecho_heartbeat) */
    /* From one ping to the next; 0: none are sent. Default 30,000. */
    uint32_t interval_ms;
    /* 0: the interval is fixed. Else it goes from interval_ms up to this: it grows by half with
     * each ping that is answered in time, and halves with each that is not, so that each connection
     * finds what the paths and NATs between it and its peer bear. Up to a tenth more or less of it
     * is random. Default 0. */
    uint32_t max_interval_ms;
    /* Without a byte from the peer for this long after a ping, it is missed; at least 1.
     * Default 20,000. */
    uint32_t timeout_ms;
    /* So many times in a row, then the connection ends with cause heartbeat, 1 to 100; until then
     * the next ping is sent at once. Default 1. */
    uint32_t misses;
} wsecho_heartbeat;

#define WSECHO_HEARTBEAT_INIT \
    { WSECHO_HEARTBEAT_VERSION, (uint32_t)sizeof(wsecho_heartbeat), 30000u, 0u, 20000u, 1u }

/*
 * Gives a connection a heartbeat of its own, whatever its path's is or becomes. It holds at once:
 * the next ping comes within the new interval, and an answer that is awaited already is missed
 * after the new timeout.
 *
 * heartbeat  NULL: its path's again
 *
 * Errors: WSECHO_ERR_GONE, WSECHO_ERR_CLOSING, WSECHO_ERR_INVALID_OPTION (the detail names the
 * field), WSECHO_ERR_VERSION, WSECHO_ERR_INVALID_ARGUMENT, WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_connection_set_heartbeat(wsecho_server *server, wsecho_connection_id id,
                                               const wsecho_heartbeat *heartbeat);

/*
 * Changes the heartbeat of a path: of the connections that come by it, and of those that it has
 * already, but for those with one of their own. Their next pings are spread evenly over the new
 * interval. Each loop looks through its open connections once for it: it is meant for what changes
 * seldom.
 *
 * path       as it was given to wsecho_server_add_path(); NULL: the one of the server's options
 * heartbeat  NULL: as the path had it at the start
 *
 * Errors: WSECHO_ERR_NOT_FOUND (there is no such path), WSECHO_ERR_WRONG_STATE (the server does not
 * run), WSECHO_ERR_INVALID_OPTION (the detail names the field), WSECHO_ERR_VERSION,
 * WSECHO_ERR_INVALID_ARGUMENT (server is NULL), WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_server_set_heartbeat(wsecho_server *server, const char *path,
                                           const wsecho_heartbeat *heartbeat);

#define WSECHO_ROUND_TRIPS_VERSION 1u

/* Of the answers to a connection's pings: the heartbeat's, and wsecho_connection_ping()'s. */
typedef struct wsecho_round_trips {
    uint32_t version;      /* set to WSECHO_ROUND_TRIPS_VERSION before the call */
    uint32_t size;         /* set to sizeof(wsecho_round_trips) before the call */
    uint64_t last_ns;      /* to the microsecond, nine minutes at the most, as all of them */
    uint64_t smoothed_ns;  /* RFC 6298, section 2: 7/8 of itself and 1/8 of each answer */
    uint64_t variation_ns; /* RFC 6298, section 2: how far answers are from it on average */
    uint64_t minimum_ns;
} wsecho_round_trips;

/*
 * Errors: WSECHO_ERR_NOT_FOUND (no ping was answered yet), WSECHO_ERR_GONE, WSECHO_ERR_VERSION,
 * WSECHO_ERR_INVALID_ARGUMENT.
 */
WSECHO_API int wsecho_connection_round_trips(wsecho_server *server, wsecho_connection_id id,
                                             wsecho_round_trips *out);

/*
 * Nothing more is read from the peer until wsecho_connection_resume_reading(): the kernel's room
 * fills up, and then TCP makes the peer wait. In a callback of the connection's loop it holds from
 * the next message on; from elsewhere messages may come until the loop has read it. What was read
 * from the socket already, up to 512 KiB, is kept. Sending goes on. That it is paused already is no
 * error.
 *
 * Meanwhile the peer's pongs and its close are not read either. So it is not pinged, neither
 * heartbeat_timeout_ms nor idle_timeout_ms counts (both begin anew at the resuming), a ping of
 * wsecho_connection_ping() has its answer after it, and that the peer has left may be noticed only
 * then. A close from this side, or the server's stop, resumes. A pause by WSECHO_RATE_SLOW is like
 * this one, but neither ends the other.
 *
 * Errors: WSECHO_ERR_GONE, WSECHO_ERR_CLOSING, WSECHO_ERR_INVALID_ARGUMENT,
 * WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_connection_pause_reading(wsecho_server *server, wsecho_connection_id id);

/*
 * Goes on reading where it was paused: messages that waited come in their order, never from inside
 * this call. That it is not paused is no error.
 *
 * Errors: as of wsecho_connection_pause_reading().
 */
WSECHO_API int wsecho_connection_resume_reading(wsecho_server *server, wsecho_connection_id id);

/*
 * Begins a close: what was sent before goes out first. The close callback comes when the peer
 * has answered, or after close_timeout_ms.
 *
 * code    1000 to 1003, 1007 to 1014, or 3000 to 4999 (RFC 6455, section 7.4)
 * reason  UTF-8, up to 123 bytes; may be NULL with length 0
 *
 * Errors: WSECHO_ERR_GONE, WSECHO_ERR_CLOSING, WSECHO_ERR_INVALID_ARGUMENT.
 */
WSECHO_API int wsecho_connection_close(wsecho_server *server, wsecho_connection_id id,
                                       uint16_t code, const char *reason, size_t length);

/*
 * These copy a text about the connection into `buffer`, with a terminating NUL, cut to `size`
 * bytes. `length`, if not NULL, gets the whole length without the NUL: a length of `size` or
 * more means that it was cut. `buffer` may be NULL with size 0 to ask for the length.
 *
 * Errors: WSECHO_ERR_GONE, WSECHO_ERR_INVALID_ARGUMENT; the header: WSECHO_ERR_NOT_FOUND.
 */
/* "192.0.2.1:4711", "[2001:db8::1]:4711", or "unix"; behind a trusted proxy as it tells it, which
 * may be without a port */
WSECHO_API int wsecho_connection_remote_address(wsecho_server *server, wsecho_connection_id id,
                                                char *buffer, size_t size, size_t *length);
/* the path that was asked for (by whichever side), without the query */
WSECHO_API int wsecho_connection_uri(wsecho_server *server, wsecho_connection_id id, char *buffer,
                                     size_t size, size_t *length);
/* what stood behind the question mark, as it was sent; "" if nothing did */
WSECHO_API int wsecho_connection_query(wsecho_server *server, wsecho_connection_id id, char *buffer,
                                       size_t size, size_t *length);
/* the first value of a header of the peer's request, or, where a dialer made the connection, of its
 * answer; its name may be written in any case */
WSECHO_API int wsecho_connection_header(wsecho_server *server, wsecho_connection_id id,
                                        const char *name, char *buffer, size_t size,
                                        size_t *length);

/* A pointer of yours for each connection; NULL until it is set. Errors: WSECHO_ERR_GONE. */
WSECHO_API int wsecho_connection_set_user(wsecho_server *server, wsecho_connection_id id,
                                          void *pointer);
/* NULL also for a stale id. */
WSECHO_API void *wsecho_connection_user(wsecho_server *server, wsecho_connection_id id);

/* Bytes that wait for this peer, frame headers included; 0 for a stale id. */
WSECHO_API uint64_t wsecho_connection_queued_bytes(wsecho_server *server, wsecho_connection_id id);

enum wsecho_connection_state {
    WSECHO_STATE_GONE = 0, /* a stale id, or none */
    WSECHO_STATE_OPEN = 2,
    WSECHO_STATE_CLOSING = 3, /* a close frame was sent or received */
    WSECHO_STATE_CLOSED = 4,  /* seen in the close callback only */
    WSECHO_STATE_ASKING = 5   /* its handshake waits for your answer */
};
/* Never fails: what is not there is WSECHO_STATE_GONE. */
WSECHO_API enum wsecho_connection_state wsecho_connection_get_state(wsecho_server *server,
                                                                    wsecho_connection_id id);

/*
 * Sends a message to every open connection on every loop; it is encoded once and shared. Where a
 * queue is full, its backpressure policy holds.
 *
 * type    WSECHO_TEXT or WSECHO_BINARY
 * except  a connection to leave out, or 0
 *
 * Errors: WSECHO_ERR_WRONG_STATE (not running), WSECHO_ERR_TOO_BIG (over the max_queued_bytes
 * of every path, or 64 MiB), WSECHO_ERR_BACKPRESSURE (64 MiB of broadcasts of other threads wait
 * for a loop already: that loop was passed over), WSECHO_ERR_INVALID_ARGUMENT,
 * WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_broadcast(wsecho_server *server, int type, const void *payload, size_t length,
                                wsecho_connection_id except);

/* ----------------------------------------------------------------- channels */

/*
 * A channel is a named set of connections, on all loops, to which messages are published. It is
 * there while it has members or a history, and costs nothing without. Names have 1 to 255 bytes,
 * without control characters, and end with a NUL; a channel by another
 * name is never there.
 *
 * Who is in it is judged when a message is published: a member that joined before gets it, one that
 * left before does not, whatever thread either was done on. All members see the messages of a
 * channel in one order; those that one thread publishes, to whatever channels, in the order of its
 * calls. Published in a callback, a message may come behind what is sent or broadcast there after
 * it, where other threads publish to its channel at the same time. Where a member's queue is full,
 * its backpressure policy holds.
 */

/*
 * Makes a connection a member; it is one until wsecho_unsubscribe() or behind its close callback.
 * That it is one already is no error.
 *
 * Errors: WSECHO_ERR_GONE, WSECHO_ERR_CLOSING, WSECHO_ERR_LIMIT (by max_channels or
 * max_subscriptions), WSECHO_ERR_INVALID_ARGUMENT (the name), WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_subscribe(wsecho_server *server, wsecho_connection_id id,
                                const char *channel);

/*
 * Errors: WSECHO_ERR_NOT_FOUND (it is no member), WSECHO_ERR_GONE, WSECHO_ERR_INVALID_ARGUMENT,
 * WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_unsubscribe(wsecho_server *server, wsecho_connection_id id,
                                  const char *channel);

/*
 * Sends a message to every member of a channel; encoded once. To publish to nobody is no error.
 *
 * type    WSECHO_TEXT or WSECHO_BINARY
 * except  one connection to leave out; 0: none
 * number  where the message's number in its channel goes: the first is 1, each that follows is one
 *         more. They may begin anew once the last member has left, unless it has a history. 0 where
 *         nobody is there. NULL: not wanted
 *
 * Errors: WSECHO_ERR_WRONG_STATE (the server does not run), WSECHO_ERR_TOO_BIG (over
 * max_queued_bytes of every path, or 64 MiB), WSECHO_ERR_BACKPRESSURE (64 MiB wait for a loop
 * already: its members do not get this one, others do), WSECHO_ERR_INVALID_ARGUMENT,
 * WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_publish(wsecho_server *server, const char *channel, int type,
                              const void *payload, size_t length, wsecho_connection_id except,
                              uint64_t *number);

/* How many members a channel has; 0 for one that is not there. Never fails. */
WSECHO_API uint64_t wsecho_channel_size(const wsecho_server *server, const char *channel);

/*
 * The channels that a connection is in, by name, with a newline behind each. Buffer and length are
 * those of wsecho_connection_uri(), as are the errors.
 */
WSECHO_API int wsecho_connection_channels(wsecho_server *server, wsecho_connection_id id,
                                          char *buffer, size_t size, size_t *length);

/* -------------------------------------------------------- missed messages */

/*
 * A channel may keep what was published last, so that a peer that comes back can be given what it
 * missed. It tells the last number that it has, and the epoch that the number is of: the channel's,
 * or of one of the same name before it (before a restart of the server, say).
 */

#define WSECHO_HISTORY_VERSION 1u

/* How much is kept: as far as all three bounds hold. Set it up with WSECHO_HISTORY_INIT. */
typedef struct wsecho_history {
    uint32_t version;      /* WSECHO_HISTORY_VERSION */
    uint32_t size;         /* sizeof(wsecho_history) */
    uint32_t max_messages; /* 1 to 1,000,000. Default 1,000 */
    uint32_t max_age_ms;   /* at least 1. Default 60,000 */
    uint64_t max_bytes;    /* of frames, 1 to 4,294,967,296. Default 1 MiB */
} wsecho_history;

#define WSECHO_HISTORY_INIT \
    { WSECHO_HISTORY_VERSION, (uint32_t)sizeof(wsecho_history), 1000u, 60000u, 1048576u }

/*
 * Keeps a channel's messages from now on, and the channel with its numbers, members or not. With
 * the bounds that hold already it does nothing, so that it may be called for each who subscribes;
 * with others, what was kept so far is forgotten; so it is by a message larger than max_bytes,
 * which is not kept. Memory: a message's frame, shared with those that it waits for, and about 150
 * bytes; of what is too old, when the channel is next used.
 *
 * history  NULL: nothing is kept any more, and a channel without members is given up
 *
 * Errors: WSECHO_ERR_INVALID_ARGUMENT (the name), WSECHO_ERR_INVALID_OPTION (the detail names the
 * field), WSECHO_ERR_LIMIT (by max_channels), WSECHO_ERR_VERSION, WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_channel_set_history(wsecho_server *server, const char *channel,
                                          const wsecho_history *history);

#define WSECHO_MISSED_VERSION 1u

/* What a peer had missed when it joined a channel. */
typedef struct wsecho_missed {
    uint32_t version; /* set to WSECHO_MISSED_VERSION before the call */
    uint32_t size;    /* set to sizeof(wsecho_missed) before the call */
    uint64_t epoch;   /* of the channel's numbers; never 0 */
    uint64_t newest;  /* the last number so far: what comes next has the one behind it */
    uint64_t first;   /* of those that are sent now, up to the newest; none: newest + 1 */
    /* 1: nothing is missing between the number given and the first. 0: some is not kept any more,
     * or was not, or the number is of another epoch. */
    int32_t is_complete;
} wsecho_missed;

/*
 * As wsecho_subscribe(); but first the connection gets what was published after a number and is
 * kept, in its order. What max_queued_bytes has no room for is left out and counted, as always.
 *
 * epoch   as an earlier call gave it; 0: not known, the number is taken for one of this epoch
 * after   the last number that the peer has; 0: none
 * missed  NULL: not wanted
 *
 * Errors: as of wsecho_subscribe(); WSECHO_ERR_WRONG_STATE (it is a member already),
 * WSECHO_ERR_BACKPRESSURE (too much waits for its loop), WSECHO_ERR_VERSION.
 */
WSECHO_API int wsecho_subscribe_after(wsecho_server *server, wsecho_connection_id id,
                                      const char *channel, uint64_t epoch, uint64_t after,
                                      wsecho_missed *missed);

/*
 * As wsecho_publish(), with the message's own number written into it, so that peers know it: over
 * 20 bytes of a text, in decimal behind spaces (as JSON has it), or over 8 bytes of a binary
 * message, in network order. The caller's payload stays as it is.
 *
 * number_at  where in the payload, in bytes from its begin
 *
 * Errors: as of wsecho_publish(); WSECHO_ERR_INVALID_ARGUMENT also where the number has no room.
 */
WSECHO_API int wsecho_publish_numbered(wsecho_server *server, const char *channel, int type,
                                       const void *payload, size_t length, size_t number_at,
                                       wsecho_connection_id except, uint64_t *number);

/* -------------------------------------------------------- prepared messages */

/* A message that was encoded once, to be sent to many. It may be used with any server. */
typedef struct wsecho_message wsecho_message;

/*
 * Makes one; the payload is copied. End it with wsecho_message_release(): what of it still waits
 * for peers stays until it has left.
 *
 * Errors: WSECHO_ERR_INVALID_ARGUMENT (*out is NULL then), WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_message_prepare(wsecho_message **out, int type, const void *payload,
                                      size_t length);

#define WSECHO_MESSAGE_TERMS_VERSION 1u

/* What holds for a message while it waits for a peer. Set it up with WSECHO_MESSAGE_TERMS_INIT. */
typedef struct wsecho_message_terms {
    uint32_t version; /* WSECHO_MESSAGE_TERMS_VERSION */
    uint32_t size;    /* sizeof(wsecho_message_terms) */
    /* Where a message with this key waits for the peer already, it is replaced: the new one takes
     * its place among those that wait, before others that were sent since. Counted as
     * messages_replaced. One key for each value of which only the newest counts, say a price.
     * Default 0: none. */
    uint64_t key;
    /* From the call that is given these terms, at least 1: if it has not been written to the socket
     * until then, it is not sent, and counted as messages_late. Default 0: no end. */
    uint32_t lifetime_ms;
} wsecho_message_terms;

#define WSECHO_MESSAGE_TERMS_INIT \
    { WSECHO_MESSAGE_TERMS_VERSION, (uint32_t)sizeof(wsecho_message_terms), 0, 0u }

/*
 * As wsecho_message_prepare(), with terms. They hold for each peer by itself, whether it is sent,
 * broadcast or published to them, and whatever their backpressure policy is.
 *
 * terms  NULL: none
 *
 * Errors: as of wsecho_message_prepare(); WSECHO_ERR_VERSION, WSECHO_ERR_INVALID_OPTION (the size).
 */
WSECHO_API int wsecho_message_prepare_with(wsecho_message **out, int type, const void *payload,
                                           size_t length, const wsecho_message_terms *terms);

/*
 * As wsecho_connection_send(), with terms.
 *
 * terms   NULL: none
 * queued  where goes whether it waits: 0, the kernel has it; 1, it waits for the peer to read, for
 *         the callback's return or for the connection's loop. NULL: not wanted
 *
 * Errors: as of wsecho_connection_send() and wsecho_message_prepare_with().
 */
WSECHO_API int wsecho_connection_send_with(wsecho_server *server, wsecho_connection_id id, int type,
                                           const void *payload, size_t length,
                                           const wsecho_message_terms *terms, int *queued);

/* NULL is allowed. No other thread may be in, or make, a call with this message. */
WSECHO_API void wsecho_message_release(wsecho_message *message);

/*
 * As wsecho_connection_send(); nothing is copied but what is small enough to leave beside others.
 *
 * Errors: as of wsecho_connection_send(); WSECHO_ERR_LATE (by its terms).
 */
WSECHO_API int wsecho_connection_send_prepared(wsecho_server *server, wsecho_connection_id id,
                                               const wsecho_message *message);
/* As wsecho_broadcast(), with its errors. */
WSECHO_API int wsecho_broadcast_prepared(wsecho_server *server, const wsecho_message *message,
                                         wsecho_connection_id except);
/* As wsecho_publish(), with its errors. */
WSECHO_API int wsecho_publish_prepared(wsecho_server *server, const char *channel,
                                       const wsecho_message *message, wsecho_connection_id except,
                                       uint64_t *number);

/* -------------------------------------------------------------- event queues */

/*
 * Instead of by callbacks a host may learn of events in batches, on a thread of its own: a binding
 * then crosses into its language once for many. What there is no callback for goes to the server's
 * queue, if it has one: with no callbacks at all, all of it. The order of a connection's events is
 * kept. Handshakes are told by their callback alone.
 */
typedef struct wsecho_event_queue wsecho_event_queue;

enum wsecho_event_type {
    WSECHO_EVENT_OPEN = 1,
    WSECHO_EVENT_MESSAGE = 2,
    WSECHO_EVENT_CLOSE = 3,
    WSECHO_EVENT_HEARTBEAT = 4,
    WSECHO_EVENT_WATERMARK = 5 /* only where high_watermark_bytes is given */
};

/* All of it lives until the next take. What is not of the event's type is 0. */
typedef struct wsecho_event {
    int32_t type;         /* an enum wsecho_event_type */
    int32_t message_type; /* WSECHO_TEXT or WSECHO_BINARY; of a watermark 1: high, 0: low */
    wsecho_connection_id id;
    void *user;             /* of the callbacks that it would go to: of its server or path */
    void *connection_user;  /* as it was when the event happened */
    const void *payload;    /* of a message; text has been checked to be UTF-8 */
    size_t length;          /* of the payload */
    uint64_t round_trip_ns; /* of a heartbeat */
    /* Of a close; of a watermark its bytes_unsent, which wait for the peer. It is the last field:
     * what that struct gets at its end, this one gets, too. */
    wsecho_close_event close;
} wsecho_event;

/*
 * Makes a queue, for one server or for several. End it with wsecho_event_queue_destroy().
 *
 * max_bytes  1 to 4,294,967,296. Where more than this waits (payloads, and about 64 bytes for each
 *            event), whoever sends is not read from until half of it has been taken, so that TCP
 *            makes it wait: by wsecho_connection_pause_reading(), which such a host leaves alone.
 *            What a loop reads in one pass may come on top.
 *
 * Errors: WSECHO_ERR_INVALID_ARGUMENT, WSECHO_ERR_DESCRIPTOR_LIMIT, WSECHO_ERR_SYSTEM,
 * WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_event_queue_create(wsecho_event_queue **out, uint64_t max_bytes);

/* NULL is allowed. No other thread may be in, or make, a call with this queue; its servers may go
 * on, and what they tell is lost then. */
WSECHO_API void wsecho_event_queue_destroy(wsecho_event_queue *queue);

/* For poll() and the like: readable while events wait. It is the queue's, not to be read or closed.
 * -1 for NULL. */
WSECHO_API int wsecho_event_queue_descriptor(const wsecho_event_queue *queue);

/*
 * Takes the events that wait, up to a number, in the order in which loops told them; it does not
 * wait for any. One thread at a time.
 *
 * events      where they go
 * event_size  sizeof(wsecho_event)
 * most        how many have room there
 * count       where their number goes; 0: nothing waits
 *
 * Errors: WSECHO_ERR_INVALID_ARGUMENT, WSECHO_ERR_VERSION (event_size is too small).
 */
WSECHO_API int wsecho_event_queue_take(wsecho_event_queue *queue, wsecho_event *events,
                                       size_t event_size, size_t most, size_t *count);

/*
 * Has a server tell a queue what it has no callback for, on all its paths. Before the start, once.
 *
 * Errors: WSECHO_ERR_INVALID_ARGUMENT, WSECHO_ERR_WRONG_STATE (it was started, or has one),
 * WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_server_use_queue(wsecho_server *server, wsecho_event_queue *queue);

/* ------------------------------------------------------------------ dialers */

/*
 * The client side: a dialer connects to a WebSocket server, and connects again when that ends. Its
 * connections live on the loops of a wsecho_server (which need not listen: port -1), are named by
 * ids like all others, and whatever takes an id takes theirs: send, close, ping, pause, channels,
 * broadcasts. They count among the server's connections, in max_connections and the statistics.
 * Their frames are masked, with a key from the kernel's random numbers for each (RFC 6455, section
 * 5.3), so what goes to many is encoded anew for each of them. They do not compress.
 */
typedef struct wsecho_dialer wsecho_dialer;

/* Of each of a dialer's connections:
 *
 *   Idle -> Connecting -> Connected -> Disconnected -> Connecting -> ...
 *
 * Connecting may be followed by Disconnected, and all of them by Idle, when it is stopped. */
enum wsecho_dialer_state {
    WSECHO_DIALER_IDLE = 0,       /* not started, or stopped */
    WSECHO_DIALER_CONNECTING = 1, /* from the look-up of the name to the answer's end */
    WSECHO_DIALER_CONNECTED = 2,
    WSECHO_DIALER_DISCONNECTED = 3 /* waiting for the next attempt, if it has not given up */
};

/* Why an attempt failed. Permanent ones rule their endpoint out until wsecho_dialer_start(). */
enum wsecho_dial_failure {
    WSECHO_DIAL_OK = 0,
    WSECHO_DIAL_RESOLVE = 1,     /* the name has no address */
    WSECHO_DIAL_CONNECT = 2,     /* TCP: refused, unreachable */
    WSECHO_DIAL_TIMEOUT = 3,     /* connect_timeout_ms is over */
    WSECHO_DIAL_PROXY = 4,       /* it made no tunnel; permanent as WSECHO_DIAL_STATUS is */
    WSECHO_DIAL_TLS = 5,         /* the TLS handshake failed */
    WSECHO_DIAL_CERTIFICATE = 6, /* not to be trusted, or for another host: permanent */
    /* An HTTP status other than 101. Permanent: 300 to 499 (401, 403, 404, also redirections, which
     * are not followed), but 408, 421, 425 and 429. */
    WSECHO_DIAL_STATUS = 7,
    WSECHO_DIAL_ANSWER = 8, /* the answer breaks RFC 6455, or did not come whole */
    WSECHO_DIAL_LOST = 9,   /* the connection was there, and ended */
    WSECHO_DIAL_LIMIT = 10  /* the server has max_connections, or no descriptor is left */
};

/* A change of one connection's state. Texts end with a NUL and live for the call only. Fields may
 * be added at the end. */
typedef struct wsecho_dialer_event {
    enum wsecho_dialer_state state; /* that it is in now */
    uint32_t index;                 /* which of the dialer's connections, from 0 */
    /* Connected: its id. Disconnected: of the connection that was lost, stale now; else 0. */
    wsecho_connection_id connection;
    const char *url; /* of the endpoint in hand, or of the next; without its credentials */
    /* Of Disconnected: */
    enum wsecho_dial_failure failure;
    uint32_t http_status;     /* of the answer; 0: there was none */
    const char *detail;       /* in words: "127.0.0.1:9: Connection refused" */
    uint64_t failed_attempts; /* in a row */
    int32_t has_given_up;     /* 1: it will not try again by itself */
    uint64_t wait_ms;         /* until the next attempt */
} wsecho_dialer_event;

/*
 * On the connection's loop, in turn with its other callbacks: Connected comes before its open
 * callback, Disconnected and Idle behind its close callback. A C++ exception that leaves it is
 * counted as a callback failure.
 */
typedef void (*wsecho_dialer_callback)(wsecho_dialer *dialer, const wsecho_dialer_event *event,
                                       void *user);

#define WSECHO_DIALER_OPTIONS_VERSION 1u

/* Set it up with WSECHO_DIALER_OPTIONS_INIT; urls is needed. All of it is copied. */
typedef struct wsecho_dialer_options {
    uint32_t version; /* WSECHO_DIALER_OPTIONS_VERSION */
    uint32_t size;    /* sizeof(wsecho_dialer_options) */
    /* One or more endpoints, with spaces between them: "wss://a.example/chat ws://10.0.0.2:9001".
     * Each attempt goes to the next, without a pause; behind the last there is one. After a
     * connection that was lost it begins with the first again. "ws://user:password@..." is sent as
     * an Authorization header (RFC 7617), percent-decoded. */
    const char *urls;
    /* To be offered, the most wanted first, with spaces or commas between them; which one was
     * taken: wsecho_connection_header(), "Sec-WebSocket-Protocol". Default NULL: none. */
    const char *subprotocols;
    /* More headers for the request, 64 KiB at the most; not Host, Upgrade, Connection,
     * Content-Length, Transfer-Encoding, nor Sec-WebSocket-*. */
    const wsecho_header *headers;
    size_t header_count;
    /* An HTTP proxy, to be asked for a tunnel (CONNECT): "http://user:password@proxy:3128".
     * Default NULL: none; the environment is not looked at. */
    const char *proxy;
    /* For all of an attempt, from the look-up of the name on; at least 1. Default 10,000. */
    uint32_t connect_timeout_ms;
    /* The wait is a random part (full jitter) of a time that begins with the first and doubles with
     * each that follows, up to the maximum. It begins anew after a connection that has lasted for
     * longer than that time. At least 1; the first no longer than the maximum. Default 500, 30,000.
     */
    uint32_t retry_first_ms;
    uint32_t retry_max_ms;
    /* Attempts in a row that may fail; then it gives up. Default 0: any number. */
    uint32_t max_attempts;
    /* How many connections it keeps, 1 to 65,536, each by itself: on the server's loops in turn,
     * and each beginning with another endpoint in turn. Default 1. */
    uint32_t connections;
    /* Of wss: endpoints, with TLS 1.2 or 1.3. 0: whatever certificate they show is taken, so that
     * anybody on the way can read and change all: for tests. Default 1: it has to be for the host
     * in the URL, and made by whom is trusted. */
    int32_t tls_verify;
    /* Whom to trust: a file of certificates in PEM. Default NULL: whom the system trusts. */
    const char *tls_ca_file;
    /* As in wsecho_path_options, but that the rates are 0 by default, not the server's: those are
     * against clients. */
    uint64_t max_message_bytes;
    uint64_t max_queued_bytes;
    uint64_t idle_timeout_ms;
    uint64_t heartbeat_interval_ms;
    uint64_t heartbeat_timeout_ms;
    uint64_t close_timeout_ms;
    uint64_t backpressure_policy;
    uint64_t high_watermark_bytes;
    uint64_t low_watermark_bytes;
    uint64_t heartbeat_max_interval_ms;
    uint64_t heartbeat_misses;
    uint64_t max_messages_per_second;
    uint64_t rate_policy;
    uint64_t max_bytes_per_second;
    uint64_t send_timeout_ms;
} wsecho_dialer_options;

#define WSECHO_DIALER_OPTIONS_INIT                                                                \
    {                                                                                             \
        WSECHO_DIALER_OPTIONS_VERSION, (uint32_t)sizeof(wsecho_dialer_options), NULL, NULL, NULL, \
            0, NULL, 10000u, 500u, 30000u, 0u, 1u, 1, NULL, WSECHO_AS_SERVER, WSECHO_AS_SERVER,   \
            WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER,               \
            WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER,               \
            WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER, WSECHO_AS_SERVER,               \
            WSECHO_AS_SERVER                                                                      \
    }

/*
 * Makes a dialer, which is Idle. End it with wsecho_dialer_destroy() before its server; those that
 * are left then end with the server, and their handles with them.
 *
 * callbacks  of its connections; without on_handshake and the hooks around passes. NULL: none, they
 *            go to the server's event queue, if it has one
 * on_state   NULL: not wanted
 * user       given to each of these callbacks
 *
 * Errors: WSECHO_ERR_INVALID_ARGUMENT (out, server or options is NULL; *out is NULL then),
 * WSECHO_ERR_INVALID_OPTION (the detail names the field), WSECHO_ERR_VERSION,
 * WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_dialer_create(wsecho_dialer **out, wsecho_server *server,
                                    const wsecho_dialer_options *options,
                                    const wsecho_callbacks *callbacks,
                                    wsecho_dialer_callback on_state, void *user);

/*
 * Begins to connect; returns at once. Connections that are at work go on; those that have given up
 * begin anew, with every endpoint.
 *
 * Errors: WSECHO_ERR_WRONG_STATE (the server does not run), WSECHO_ERR_INVALID_ARGUMENT,
 * WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_dialer_start(wsecho_dialer *dialer);

/*
 * Closes its connections with 1001, breaks attempts off, and tries no more; returns at once. Each
 * is Idle when it is over. It may be started again. One connection alone is not ended by
 * wsecho_connection_close() for good: it is made again.
 *
 * Errors: WSECHO_ERR_INVALID_ARGUMENT, WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_dialer_stop(wsecho_dialer *dialer);

/*
 * As wsecho_dialer_stop(), and waits until it is over, close_timeout_ms at the most; then frees it.
 * No callback comes any more when it returns. NULL is allowed. No other thread may be in, or make,
 * a call with this dialer.
 *
 * Errors: WSECHO_ERR_IN_CALLBACK: nothing was done.
 */
WSECHO_API int wsecho_dialer_destroy(wsecho_dialer *dialer);

/* Of several connections the one that is farthest: Connected, if any is. Idle for NULL. Changes
 * come with the callback: right after a start it may be Idle still. */
WSECHO_API enum wsecho_dialer_state wsecho_dialer_get_state(const wsecho_dialer *dialer);

/* The id of one of its connections, 0 to `connections` - 1; 0 while it is not Connected. */
WSECHO_API wsecho_connection_id wsecho_dialer_connection(const wsecho_dialer *dialer,
                                                         uint32_t index);

/*
 * Keeps a message to be sent on each connection as soon as it is there, before anything else: a
 * subscription, say, that the other side forgets with the connection. They go out in the order in
 * which their keys came. On connections that are there already it is not sent.
 *
 * key  1 to 255 bytes, ending with a NUL. The message that was kept under it is replaced, in its
 *      place
 *
 * Errors: WSECHO_ERR_LIMIT (10,000 are kept, or all together exceed max_queued_bytes),
 * WSECHO_ERR_TOO_BIG (alone it does), WSECHO_ERR_INVALID_ARGUMENT, WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_dialer_remember(wsecho_dialer *dialer, const char *key, int type,
                                      const void *payload, size_t length);

/*
 * Errors: WSECHO_ERR_NOT_FOUND (nothing is kept under the key), WSECHO_ERR_INVALID_ARGUMENT,
 * WSECHO_ERR_OUT_OF_MEMORY.
 */
WSECHO_API int wsecho_dialer_forget(wsecho_dialer *dialer, const char *key);

/* --------------------------------------------------------------- statistics */

/* Why handshakes were refused: the index into `refusals`. */
enum wsecho_refusal {
    WSECHO_REFUSED_BAD_REQUEST = 0, /* 400 */
    WSECHO_REFUSED_NOT_FOUND = 1,   /* 404 */
    WSECHO_REFUSED_METHOD = 2,      /* 405 */
    WSECHO_REFUSED_TIMEOUT = 3,     /* 408, or 503 where the handshake callback gave no answer */
    WSECHO_REFUSED_UPGRADE_REQUIRED = 4, /* 426 */
    WSECHO_REFUSED_TOO_LARGE = 5,        /* 431 */
    WSECHO_REFUSED_LIMIT = 6,            /* 503: too many, open or pending, or the server stops */
    WSECHO_REFUSED_DISCONNECTED = 7,     /* the peer left before it was answered */
    WSECHO_REFUSED_ORIGIN = 8,           /* 403, by the option origins */
    WSECHO_REFUSED_REJECTED = 9,         /* by wsecho_handshake_reject(), or its failure: 500 */
    WSECHO_REFUSED_ADDRESS = 10,         /* 429: too much of one address */
    WSECHO_REFUSED_HOST = 11             /* 421, by the option allowed_hosts */
};
#define WSECHO_REFUSALS 12

/* Room in the tables of wsecho_statistics, so that a new cause or refusal moves nothing. */
#define WSECHO_TABLE_ROOM 32

#define WSECHO_STATISTICS_VERSION 1u

typedef struct wsecho_statistics {
    uint32_t version;           /* set to WSECHO_STATISTICS_VERSION before the call */
    uint32_t size;              /* set to sizeof(wsecho_statistics) before the call */
    uint64_t connections;       /* open now */
    uint64_t connections_total; /* ever opened */
    uint64_t messages_received;
    uint64_t messages_sent;  /* accepted to be sent; a broadcast counts once for each peer */
    uint64_t bytes_received; /* from the sockets, handshakes and frame headers included */
    uint64_t bytes_sent;
    uint64_t bytes_queued;              /* waiting now */
    uint64_t messages_refused;          /* by a full queue, or unsent when their connection ended */
    uint64_t callback_failures;         /* exceptions that left a callback */
    uint64_t closes[WSECHO_TABLE_ROOM]; /* by enum wsecho_close_cause; the others are 0 */
    uint64_t refusals[WSECHO_TABLE_ROOM]; /* by enum wsecho_refusal; the others are 0 */

    /* The messages of these three are among messages_sent, but for a late one that was late before
     * it had to wait. */
    uint64_t messages_dropped;  /* by WSECHO_BACKPRESSURE_DROP_OLDEST */
    uint64_t messages_replaced; /* by a newer one with their key */
    uint64_t messages_late;     /* their lifetime was over before they left */
    uint64_t high_watermarks;   /* times that the watermark callback was told of a high one */
    uint64_t rate_pauses;       /* times that a connection was not read from for its rates */
    uint64_t rate_closes;       /* connections that were closed for them */
} wsecho_statistics;

#define WSECHO_ALL_LOOPS UINT32_MAX

/* How many loops the server has. */
WSECHO_API uint32_t wsecho_server_loops(const wsecho_server *server);

/* What they wait with: the name of an event loop, "auto" resolved. Static storage; "" for NULL. */
WSECHO_API const char *wsecho_server_event_loop(const wsecho_server *server);

/*
 * A snapshot of one loop (0 to wsecho_server_loops() - 1) or of all. Each number is exact; they
 * are read one after the other while the loops go on. Still answered after stop.
 *
 * Errors: WSECHO_ERR_INVALID_ARGUMENT (a NULL, or no such loop), WSECHO_ERR_VERSION.
 */
WSECHO_API int wsecho_server_statistics(const wsecho_server *server, uint32_t loop,
                                        wsecho_statistics *out);

#ifdef __cplusplus
}
#endif

#endif /* WSECHO_H */
