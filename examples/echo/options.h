// The command line of wsecho-echo.
#pragma once

#include <wsecho/wsecho.h>

#include <cstdint>
#include <optional>
#include <string>

struct EchoOptions {
    enum class Mode { echo, broadcast, channel };

    Mode mode = Mode::echo;
    std::string host = "127.0.0.1";
    int port = 9001;
    std::string path;
    std::string origins = "same";
    std::string allowed_hosts;
    std::string unix_path;
    int proxy_header = 0;
    std::string trusted_proxies;
    std::uint32_t threads = 1;
    std::uint32_t max_connections = 0;
    // Without a value: open_port.h decides.
    std::optional<std::uint32_t> max_connections_per_address;
    std::optional<std::uint32_t> max_handshakes_per_address;
    std::uint32_t max_pending_handshakes = 0;
    std::uint32_t max_pending_per_address = 0;
    std::uint64_t max_message = 0;
    std::uint64_t max_queued = 0;
    std::uint64_t max_queued_total = std::uint64_t{1} << 30U;
    std::uint64_t max_receiving_total = 0;
    int backpressure = WSECHO_BACKPRESSURE_REFUSE;
    std::optional<std::uint32_t> max_messages_per_second;
    std::optional<std::uint64_t> max_bytes_per_second;
    int rate_policy = WSECHO_RATE_SLOW;
    std::uint32_t heartbeat_misses = 1;
    double heartbeat_interval = 30;
    double heartbeat_max_interval = 0;
    double heartbeat_timeout = 20;
    std::optional<double> idle_timeout;
    double handshake_timeout = 10;
    double close_timeout = 5;
    double send_timeout = 30;
    bool deflate = false;
    bool deflate_takeover = false;
    int deflate_window_bits = 15;
    std::uint64_t deflate_threshold = 1024;
    double drain = 5;
    std::string event_loop = "auto";
    bool share_port = false;
    bool verbose = false;
    bool stats = false;
};

// Exits with 0 after --help or --version, with 2 where the line makes no sense.
EchoOptions parse_options(int argc, char** argv);
