// wsecho-echo: the full echo host. It sees the C header and nothing else of the project.
#include <fmt/core.h>
#include <sys/resource.h>
#include <wsecho/wsecho.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <memory>

#include "complain.h"
#include "crowd.h"
#include "drain.h"
#include "open_port.h"
#include "options.h"
#include "statistics.h"

namespace {

struct ServerDeleter {
    void operator()(wsecho_server* server) const { wsecho_server_destroy(server); }
};
using Server = std::unique_ptr<wsecho_server, ServerDeleter>;

// 10,000 connections do not fit the usual soft limit of 1,024; the hard one is ours to use. Not
// beyond a million: the kernel's tables for descriptors grow with it.
void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, 1048576));
    setrlimit(RLIMIT_NOFILE, &limit);
}

// The channel of a connection is the path that it asked for.
struct ChannelName {
    ChannelName(wsecho_server* server, wsecho_connection_id id) {
        std::size_t length = 0;
        is_one =
            wsecho_connection_uri(server, id, text.data(), text.size(), &length) == WSECHO_OK &&
            length < text.size();
    }
    std::array<char, 256> text{};
    bool is_one = false;
};

struct Host {
    EchoOptions options;
    Crowd crowd;
};

void on_open(wsecho_server* server, wsecho_connection_id id, void* user) {
    auto& host = *static_cast<Host*>(user);
    host.crowd.one_came();
    if (host.options.mode != EchoOptions::Mode::channel) return;
    const ChannelName name{server, id};
    if (!name.is_one || wsecho_subscribe(server, id, name.text.data()) != WSECHO_OK)
        wsecho_connection_close(server, id, 1008, "no such channel", 15);
}

void on_message(wsecho_server* server, wsecho_connection_id id, int type, const void* payload,
                size_t length, void* user) {
    const EchoOptions& options = static_cast<const Host*>(user)->options;
    if (options.mode == EchoOptions::Mode::broadcast) {
        wsecho_broadcast(server, type, payload, length, 0);
        return;
    }
    if (options.mode == EchoOptions::Mode::channel) {
        const ChannelName name{server, id};
        wsecho_publish(server, name.text.data(), type, payload, length, 0, nullptr);
        return;
    }
    // A peer that sends but does not read would have echoes lost without a word: it is told.
    if (wsecho_connection_send(server, id, type, payload, length) == WSECHO_ERR_BACKPRESSURE)
        wsecho_connection_close(server, id, 1013, "reads too slowly", 16);
}

void on_close(wsecho_server* /*server*/, wsecho_connection_id /*id*/,
              const wsecho_close_event* /*event*/, void* user) {
    static_cast<Host*>(user)->crowd.one_left();
}

void on_log(wsecho_log_level level, const char* text, void* user) {
    const auto& options = *static_cast<const EchoOptions*>(user);
    if (options.verbose || level <= WSECHO_LOG_WARNING) complain("{}", text);
}

std::uint32_t milliseconds(double seconds) {
    return static_cast<std::uint32_t>(seconds * 1000);
}

wsecho_server_options to_c(EchoOptions& options) {
    wsecho_server_options result = WSECHO_SERVER_OPTIONS_INIT;
    result.host = options.host.c_str();
    result.port = options.port;
    result.unix_path = options.unix_path.empty() ? nullptr : options.unix_path.c_str();
    result.path = options.path.empty() ? nullptr : options.path.c_str();
    result.origins = options.origins.c_str();
    if (!options.allowed_hosts.empty()) result.allowed_hosts = options.allowed_hosts.c_str();
    result.proxy_header = options.proxy_header;
    result.deflate = options.deflate ? 1 : 0;
    result.deflate_threshold_bytes = options.deflate_threshold;
    result.deflate_window_bits = options.deflate_window_bits;
    result.deflate_context_takeover = options.deflate_takeover ? 1 : 0;
    if (!options.trusted_proxies.empty()) result.trusted_proxies = options.trusted_proxies.c_str();
    result.threads = options.threads;
    result.max_connections = options.max_connections;
    result.max_connections_per_address = options.max_connections_per_address.value_or(0);
    result.max_handshakes_per_address = options.max_handshakes_per_address.value_or(0);
    result.max_pending_handshakes = options.max_pending_handshakes;
    result.max_pending_handshakes_per_address = options.max_pending_per_address;
    if (options.max_message != 0) result.max_message_bytes = options.max_message;
    // An echo must fit the queue that it waits in.
    result.max_queued_bytes = std::max(result.max_queued_bytes, 2 * result.max_message_bytes);
    if (options.max_queued != 0) result.max_queued_bytes = options.max_queued;
    result.max_queued_bytes_total = options.max_queued_total;
    result.backpressure_policy = options.backpressure;
    result.handshake_timeout_ms = milliseconds(options.handshake_timeout);
    result.idle_timeout_ms = milliseconds(options.idle_timeout.value_or(0));
    result.heartbeat_interval_ms = milliseconds(options.heartbeat_interval);
    result.heartbeat_max_interval_ms = milliseconds(options.heartbeat_max_interval);
    result.heartbeat_timeout_ms = milliseconds(options.heartbeat_timeout);
    result.heartbeat_misses = options.heartbeat_misses;
    result.max_messages_per_second = options.max_messages_per_second.value_or(0);
    result.max_bytes_per_second = options.max_bytes_per_second.value_or(0);
    result.rate_policy = options.rate_policy;
    result.send_timeout_ms = milliseconds(options.send_timeout);
    result.max_receiving_bytes_total = options.max_receiving_total;
    result.close_timeout_ms = milliseconds(options.close_timeout);
    result.share_port = options.share_port ? 1 : 0;
    result.event_loop = options.event_loop.c_str();
    result.log = on_log;
    result.log_user = &options;
    return result;
}

void print_address(const EchoOptions& options, const wsecho_server* server) {
    const bool bare_ipv6 =
        options.host.find(':') != std::string::npos && options.host.front() != '[';
    const std::string host = bare_ipv6 ? "[" + options.host + "]" : options.host;
    if (options.port >= 0)
        fmt::print("listening on {}:{}\n", host.empty() ? "*" : host, wsecho_server_port(server));
    else
        fmt::print("listening on {}\n", options.unix_path);
    std::fflush(stdout);
}

int serve(Host& host, const sigset_t& end_signals) {
    EchoOptions& options = host.options;
    const auto limits = limit_open_port(options);
    const wsecho_server_options server_options = to_c(options);
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.on_open = on_open;
    callbacks.on_message = on_message;
    callbacks.on_close = on_close;

    wsecho_server* made = nullptr;
    const int created = wsecho_server_create(&made, &server_options, &callbacks, &host);
    const Server server{made};
    if (created != WSECHO_OK || wsecho_server_start(made) != WSECHO_OK) {
        complain("{}", wsecho_error_detail());
        return created == WSECHO_ERR_INVALID_OPTION ? 2 : 1;
    }
    for (const std::string& line : limits)
        complain("{}", line);
    print_address(options, made);

    int signal_number = 0;
    sigwait(&end_signals, &signal_number);
    drain(made, options, end_signals);
    if (options.stats) fmt::print("{}\n", statistics_json(made));
    return 0;
}

}  // namespace

int main(int argc, char** argv) try {
    Host host{parse_options(argc, argv), {}};
    raise_descriptor_limit();

    // Blocked before the first thread, so that sigwait() gets them and nobody is interrupted.
    sigset_t end_signals;
    sigemptyset(&end_signals);
    sigaddset(&end_signals, SIGINT);
    sigaddset(&end_signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &end_signals, nullptr);
    return serve(host, end_signals);
} catch (const std::exception& error) {
    complain("{}", error.what());
    return 1;
}
