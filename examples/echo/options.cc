#include "options.h"

#include <wsecho/wsecho.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <map>
#include <string>

namespace {

constexpr const char* examples = R"(
Examples:
  wsecho-echo                                  echo on ws://127.0.0.1:9001/, any path
  wsecho-echo --host 0.0.0.0 --threads 0       on every address, one loop for each core
  wsecho-echo --mode broadcast --path /chat    each message goes to everybody at /chat
  wsecho-echo --mode channel --path '/chat/*'  each path below /chat/ is a room of its own
  wsecho-echo --port -1 --unix /run/echo.sock  a Unix socket alone

Where others than this machine can reach it, on an open port, some limits are set by default; each
is named on standard error at the start.

At SIGINT or SIGTERM every peer is told with 1001 and has the time of --drain to read what waits
for it; a second signal cuts that short.

Exit status: 0 after SIGINT or SIGTERM, 1 when the server cannot start, 2 for a wrong command line.)";

constexpr double longest_seconds = 4'000'000;
constexpr double shortest_drain_seconds = 0.001;

void add_limits(CLI::App& app, EchoOptions& options) {
    app.add_option("--max-connections", options.max_connections,
                   "Open connections in total; 0: what the descriptor limit allows")
        ->capture_default_str();
    app.add_option("--max-connections-per-address", options.max_connections_per_address,
                   "Open connections of one client's address; 0: no bound (default: 0; on an open "
                   "port 100)");
    app.add_option("--max-handshakes-per-address", options.max_handshakes_per_address,
                   "Handshakes in a second of one client's address; 0: no bound (default: 0; on "
                   "an open port 20)");
    app.add_option("--max-pending", options.max_pending_handshakes,
                   "Connections without a whole request; 0: as many as connections")
        ->capture_default_str();
    app.add_option("--max-pending-per-address", options.max_pending_per_address,
                   "Those of one client's address, on each loop; 0: no bound of its own")
        ->capture_default_str();
    app.add_option("--max-message", options.max_message, "Bytes of the longest message taken");
    app.add_option("--max-queued", options.max_queued, "Bytes that may wait for one peer");
    app.add_option("--max-queued-total", options.max_queued_total,
                   "Bytes that may wait for all peers; 0: no bound")
        ->capture_default_str();
    app.add_option("--max-receiving-total", options.max_receiving_total,
                   "Bytes of unfinished messages of all peers; 0: a quarter of the memory")
        ->capture_default_str();
    const std::map<std::string, int> policies{{"refuse", WSECHO_BACKPRESSURE_REFUSE},
                                              {"drop-oldest", WSECHO_BACKPRESSURE_DROP_OLDEST},
                                              {"close", WSECHO_BACKPRESSURE_CLOSE}};
    app.add_option("--backpressure", options.backpressure,
                   "What becomes of a message for which there is no room (default: refuse)")
        ->transform(CLI::CheckedTransformer(policies, CLI::ignore_case))
        ->option_text("refuse|drop-oldest|close");
}

void add_rates(CLI::App& app, EchoOptions& options) {
    app.add_option("--max-messages-per-second", options.max_messages_per_second,
                   "Messages, parts of messages and pings of one peer in a second; 0: no bound "
                   "(default: 0; on an open port 1000)");
    app.add_option("--max-bytes-per-second", options.max_bytes_per_second,
                   "Bytes of one peer in a second; 0: no bound (default: 0; on an open port "
                   "10000000)");
    const std::map<std::string, int> policies{{"slow", WSECHO_RATE_SLOW},
                                              {"close", WSECHO_RATE_CLOSE}};
    app.add_option("--rate-policy", options.rate_policy,
                   "Who sends more waits for his turn, or is closed with 1008 (default: slow)")
        ->transform(CLI::CheckedTransformer(policies, CLI::ignore_case))
        ->option_text("slow|close");
}

void add_times(CLI::App& app, EchoOptions& options) {
    const auto seconds = CLI::Range(0.0, longest_seconds);
    app.add_option("--heartbeat-interval", options.heartbeat_interval,
                   "Seconds between pings; 0: none")
        ->check(seconds)
        ->capture_default_str();
    app.add_option("--heartbeat-max-interval", options.heartbeat_max_interval,
                   "Seconds that they may grow to while all are answered; 0: they do not")
        ->check(seconds)
        ->capture_default_str();
    app.add_option("--heartbeat-timeout", options.heartbeat_timeout,
                   "Seconds without an answer that end a connection")
        ->check(seconds)
        ->capture_default_str();
    app.add_option("--heartbeat-misses", options.heartbeat_misses,
                   "That so many times in a row, if not at the first: 1 to 100")
        ->check(CLI::Range(1, 100))
        ->capture_default_str();
    app.add_option("--idle-timeout", options.idle_timeout,
                   "Seconds without a message that end a connection; 0: never (default: 0; on an "
                   "open port 600)")
        ->check(seconds);
    app.add_option("--handshake-timeout", options.handshake_timeout,
                   "Seconds for a request to come whole")
        ->check(seconds)
        ->capture_default_str();
    app.add_option("--close-timeout", options.close_timeout, "Seconds for a peer to answer a close")
        ->check(seconds)
        ->capture_default_str();
    app.add_option("--send-timeout", options.send_timeout,
                   "Seconds without a byte taken of what waits that end a connection; 0: never")
        ->check(seconds)
        ->capture_default_str();
    app.add_option("--drain", options.drain,
                   "Seconds at the end for peers to read and to answer the close")
        ->check(CLI::Range(shortest_drain_seconds, longest_seconds))
        ->capture_default_str();
}

void add_compression(CLI::App& app, EchoOptions& options) {
    auto* const deflate = app.add_flag("--deflate", options.deflate,
                                       "Compress with peers that offer permessage-deflate");
    app.add_option("--deflate-threshold", options.deflate_threshold,
                   "Bytes below which a message goes as it is")
        ->needs(deflate)
        ->capture_default_str();
    app.add_option("--deflate-window-bits", options.deflate_window_bits,
                   "How far back either side may refer, as a power of two: 9 to 15")
        ->needs(deflate)
        ->check(CLI::Range(9, 15))
        ->capture_default_str();
    app.add_flag("--deflate-takeover", options.deflate_takeover,
                 "Either side may refer to messages before the one in hand")
        ->needs(deflate);
}

}  // namespace

EchoOptions parse_options(int argc, char** argv) {
    EchoOptions options;
    CLI::App app{"A WebSocket echo server on wsecho.", "wsecho-echo"};
    app.footer(examples);
    app.failure_message([](const CLI::App* /*app*/, const CLI::Error& error) {
        return std::string{"wsecho-echo: "} + error.what() + "; see wsecho-echo --help\n";
    });
    app.set_version_flag("--version", std::string{"wsecho-echo "} + wsecho_version());

    std::string mode = "echo";
    app.add_option("--mode", mode,
                   "echo: to the sender; broadcast: to everybody, the sender too; channel: to all "
                   "who asked for the same path")
        ->check(CLI::IsMember({"echo", "broadcast", "channel"}))
        ->capture_default_str();
    app.add_option("--host", options.host, "Name or address to listen on; '' is every address")
        ->capture_default_str();
    app.add_option("--port", options.port, "0: any free port; -1: no TCP")->capture_default_str();
    app.add_option("--path", options.path, "The one path served (default: any)");
    app.add_option("--origins", options.origins,
                   "Web pages that may connect: same, null, *, https://example.com, "
                   "https://*.example.com; with commas between them")
        ->capture_default_str();
    app.add_option("--allowed-hosts", options.allowed_hosts,
                   "Hosts by which pages of the same host may connect: example.com, "
                   "*.example.com, 192.0.2.1, *; with commas between them (default: localhost and "
                   "addresses for connections from this machine, any for others)");
    app.add_option("--unix", options.unix_path, "Listen on this Unix socket too");
    const std::map<std::string, int> headers{{"x-forwarded-for", WSECHO_PROXY_X_FORWARDED_FOR},
                                             {"forwarded", WSECHO_PROXY_FORWARDED},
                                             {"proxy", WSECHO_PROXY_PROTOCOL}};
    auto* const header = app.add_option("--proxy-header", options.proxy_header,
                                        "How trusted proxies tell the client's address")
                             ->transform(CLI::CheckedTransformer(headers, CLI::ignore_case))
                             ->option_text("x-forwarded-for|forwarded|proxy");
    app.add_option("--trusted-proxies", options.trusted_proxies,
                   "Networks, loopback, private, unix; with commas between them")
        ->needs(header);
    app.add_option("--threads", options.threads, "Loop threads; 0: one for each core")
        ->capture_default_str();
    app.add_option("--event-loop", options.event_loop,
                   "What waits for the sockets: auto, epoll, epoll-level, poll or libuv")
        ->capture_default_str();
    add_limits(app, options);
    add_rates(app, options);
    add_times(app, options);
    add_compression(app, options);
    app.add_flag("--share-port", options.share_port, "Share the port with other processes");
    app.add_flag("--stats", options.stats, "Print the statistics as JSON at the end");
    app.add_flag("--verbose", options.verbose, "Log to standard error");

    app.final_callback([&options] {  // an echo host that nobody can reach
        if (options.port == -1 && options.unix_path.empty())
            throw CLI::ValidationError{"--port", "is -1, and there is no --unix to listen on"};
    });

    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        std::exit(app.exit(error) == 0 ? 0 : 2);  // NOLINT(concurrency-mt-unsafe): no thread yet
    }
    if (mode == "broadcast") options.mode = EchoOptions::Mode::broadcast;
    if (mode == "channel") options.mode = EchoOptions::Mode::channel;
    return options;
}
