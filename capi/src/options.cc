#include "options.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "failure.h"
#include "header_fields.h"
#include "protocol/list.h"
#include "protocol/url.h"

namespace wsecho::capi {

namespace {

// The size of each version's struct. A version is never taken away, and its size never changes.
constexpr std::size_t size_of_version(std::uint32_t version) {
    switch (version) {
        case 1:
            return offsetof(wsecho_server_options, log_user) + sizeof(void*);
        case 2:
            return offsetof(wsecho_server_options, event_loop) + sizeof(const char*);
        case 3:
            return offsetof(wsecho_server_options, origins) + sizeof(const char*);
        case 4:
            return offsetof(wsecho_server_options, max_subscriptions) + sizeof(std::uint32_t);
        case 5:
            return offsetof(wsecho_server_options, trusted_proxies) + sizeof(const char*);
        case 6:
            return offsetof(wsecho_server_options, max_handshakes_per_address) +
                   sizeof(std::uint32_t);
        case 7:
            return offsetof(wsecho_server_options, max_bytes_per_second) + sizeof(std::uint64_t);
        case 8:
            return offsetof(wsecho_server_options, allowed_hosts) + sizeof(const char*);
        default:
            return 0;
    }
}

engine::Status read_origins(const char* given, protocol::OriginPolicy& origins) {
    if (given == nullptr) return {};
    auto parsed = protocol::OriginPolicy::parse(given);
    if (!parsed)
        return {engine::ErrorCode::invalid_option,
                "origins: must be made of 'same', 'null', '*' and origins such as "
                "'https://example.com' or 'https://*.example.com'"};
    origins = std::move(*parsed);
    return {};
}

engine::Status read_hosts(const char* given, protocol::HostPolicy& hosts) {
    if (given == nullptr) return {};
    auto parsed = protocol::HostPolicy::parse(given);
    if (!parsed)
        return {engine::ErrorCode::invalid_option,
                "allowed_hosts: must be made of '*', names and addresses such as 'example.com', "
                "'*.example.com', '192.0.2.1' or '[2001:db8::1]', without ports"};
    hosts = std::move(*parsed);
    return {};
}

engine::Status read_proxies(const wsecho_server_options& given, engine::ProxyOptions& proxies) {
    using engine::ErrorCode;
    if (given.proxy_header < WSECHO_PROXY_NONE || given.proxy_header > WSECHO_PROXY_PROTOCOL)
        return {ErrorCode::invalid_option, "proxy_header: must be one of wsecho_proxy_header"};
    proxies.header = static_cast<engine::ProxyHeader>(given.proxy_header);
    const bool is_wanted = proxies.header != engine::ProxyHeader::none;
    if (is_wanted != (given.trusted_proxies != nullptr))
        return {ErrorCode::invalid_option,
                "trusted_proxies: goes together with proxy_header, neither means anything alone"};
    if (!is_wanted) return {};
    auto trusted = protocol::NetworkList::parse(given.trusted_proxies);
    if (!trusted)
        return {ErrorCode::invalid_option,
                "trusted_proxies: must be made of networks such as '10.0.0.0/8', 'loopback', "
                "'private' and 'unix'"};
    proxies.trusted = std::move(*trusted);
    return {};
}

void read_deflate(const wsecho_server_options& given, engine::DeflateOptions& deflate) {
    deflate.is_enabled = given.deflate != 0;
    deflate.threshold = given.deflate_threshold_bytes;
    deflate.window_bits = given.deflate_window_bits;
    deflate.takes_over = given.deflate_context_takeover != 0;
    deflate.level = given.deflate_level;
}

constexpr std::size_t size_of_path_version(std::uint32_t version) {
    switch (version) {
        case 1:
            return offsetof(wsecho_path_options, close_timeout_ms) + sizeof(std::uint64_t);
        case 2:
            return offsetof(wsecho_path_options, max_bytes_per_second) + sizeof(std::uint64_t);
        case 3:
            return offsetof(wsecho_path_options, send_timeout_ms) + sizeof(std::uint64_t);
        default:
            return 0;
    }
}

engine::Status read_policy(std::int64_t given, engine::BackpressurePolicy& policy) {
    if (!is_policy(given))
        return {engine::ErrorCode::invalid_option,
                "backpressure_policy: must be one of wsecho_backpressure_policy"};
    policy = static_cast<engine::BackpressurePolicy>(given);
    return {};
}

engine::Status read_backpressure(const wsecho_server_options& given,
                                 engine::ServerOptions& options) {
    options.limits.high_watermark = given.high_watermark_bytes;
    options.limits.low_watermark = given.low_watermark_bytes;
    options.max_queued_bytes_total = given.max_queued_bytes_total;
    return read_policy(given.backpressure_policy, options.limits.backpressure);
}

engine::Status read_rate_policy(std::int64_t given, engine::RatePolicy& policy) {
    if (given != WSECHO_RATE_SLOW && given != WSECHO_RATE_CLOSE)
        return {engine::ErrorCode::invalid_option,
                "rate_policy: must be one of wsecho_rate_policy"};
    policy = static_cast<engine::RatePolicy>(given);
    return {};
}

engine::Status read_rates(const wsecho_server_options& given, engine::RateOptions& rates) {
    rates.messages = given.max_messages_per_second;
    rates.bytes = given.max_bytes_per_second;
    return read_rate_policy(given.rate_policy, rates.policy);
}

template <class Value>
void read_if_given(std::uint64_t given, Value& value) {
    if (given != WSECHO_AS_SERVER) value = static_cast<Value>(given);
}

// Whatever does not fit is too much in any case.
void read_if_given(std::uint64_t given, std::uint32_t& value) {
    constexpr std::uint64_t too_much = UINT32_MAX;
    if (given != WSECHO_AS_SERVER) value = static_cast<std::uint32_t>(std::min(given, too_much));
}

// Whatever does not fit a duration is too long in any case.
void read_if_given(std::uint64_t given_ms, runtime::Duration& value) {
    constexpr std::uint64_t too_long = UINT32_MAX;
    if (given_ms != WSECHO_AS_SERVER)
        value = std::chrono::milliseconds{std::min(given_ms, too_long)};
}

template <class Given>
engine::Status read_rates_if_given(const Given& given, engine::RateOptions& rates) {
    read_if_given(given.max_messages_per_second, rates.messages);
    read_if_given(given.max_bytes_per_second, rates.bytes);
    if (given.rate_policy == WSECHO_AS_SERVER) return {};
    return read_rate_policy(static_cast<std::int64_t>(given.rate_policy), rates.policy);
}

// The fields that options of a path and of a dialer have in common.
template <class Given>
void read_limits(const Given& given, engine::ConnectionLimits& limits) {
    read_if_given(given.max_message_bytes, limits.max_message_bytes);
    read_if_given(given.max_queued_bytes, limits.max_queued_bytes);
    read_if_given(given.idle_timeout_ms, limits.idle_timeout);
    read_if_given(given.heartbeat_interval_ms, limits.heartbeat.interval);
    read_if_given(given.heartbeat_timeout_ms, limits.heartbeat.timeout);
    read_if_given(given.close_timeout_ms, limits.close_timeout);
}

// The same; since version 2 of a path's.
template <class Given>
engine::Status read_more_limits(const Given& given, engine::ConnectionLimits& limits) {
    read_if_given(given.high_watermark_bytes, limits.high_watermark);
    read_if_given(given.low_watermark_bytes, limits.low_watermark);
    if (given.backpressure_policy != WSECHO_AS_SERVER)
        if (auto status = read_policy(static_cast<std::int64_t>(given.backpressure_policy),
                                      limits.backpressure);
            !status.ok())
            return status;
    read_if_given(given.heartbeat_max_interval_ms, limits.heartbeat.max_interval);
    read_if_given(given.heartbeat_misses, limits.heartbeat.misses);
    return read_rates_if_given(given, limits.rates);
}

std::string text_or(const char* given, const char* otherwise) {
    return given == nullptr ? otherwise : given;
}

engine::Status read_urls(const wsecho_dialer_options& given, engine::DialerOptions& options) {
    using engine::ErrorCode;
    bool are_right = true;
    protocol::for_each_element(text_or(given.urls, ""), " ", [&](std::string_view text) {
        auto url = protocol::Url::parse(text);
        are_right = url.has_value();
        if (url) options.endpoints.push_back(std::move(*url));
        return are_right;
    });
    if (!are_right)
        return {ErrorCode::invalid_option,
                "urls: must be made of URLs such as 'ws://example.com:9001/path'"};
    if (given.proxy == nullptr) return {};
    options.proxy = protocol::Url::parse(given.proxy);
    if (!options.proxy)
        return {ErrorCode::invalid_option, "proxy: must be such as 'http://proxy:3128'"};
    return {};
}

engine::Status read_request(const wsecho_dialer_options& given, protocol::ClientRequest& request) {
    protocol::for_each_element(text_or(given.subprotocols, ""), " ,", [&](std::string_view each) {
        request.subprotocols.emplace_back(each);
        return true;
    });
    if (!read_headers(given.headers, given.header_count, request.headers))
        return {engine::ErrorCode::invalid_option, "headers: a NULL"};
    return {};
}

}  // namespace

engine::Status read_options(const wsecho_server_options& given, engine::ServerOptions& options) {
    const std::size_t size = size_of_version(given.version);
    if (size == 0)
        return {engine::ErrorCode::version, "version: " + std::to_string(given.version) +
                                                " is not known to wsecho " + wsecho_version()};
    if (given.size < size)
        return {engine::ErrorCode::invalid_option,
                "size: smaller than version " + std::to_string(given.version) +
                    " is: set the options up with WSECHO_SERVER_OPTIONS_INIT"};

    using std::chrono::milliseconds;
    options.host = text_or(given.host, "127.0.0.1");
    options.hosts = protocol::HostPolicy{options.host};
    options.port = given.port;
    options.unix_path = text_or(given.unix_path, "");
    options.path = text_or(given.path, "");
    options.threads = given.threads;
    options.max_connections = given.max_connections;
    options.limits.max_message_bytes = given.max_message_bytes;
    options.limits.max_queued_bytes = given.max_queued_bytes;
    options.handshake_timeout = milliseconds{given.handshake_timeout_ms};
    options.limits.idle_timeout = milliseconds{given.idle_timeout_ms};
    options.limits.heartbeat.interval = milliseconds{given.heartbeat_interval_ms};
    options.limits.heartbeat.timeout = milliseconds{given.heartbeat_timeout_ms};
    options.limits.close_timeout = milliseconds{given.close_timeout_ms};
    options.backlog = given.backlog;
    options.share_port = given.share_port != 0;
    if (given.version >= 3)
        if (auto status = read_origins(given.origins, options.origins); !status.ok()) return status;
    if (given.version >= 4) {
        options.max_channels = given.max_channels;
        options.max_subscriptions = given.max_subscriptions;
    }
    if (given.version >= 5)
        if (auto status = read_proxies(given, options.proxies); !status.ok()) return status;
    if (given.version >= 6) {
        read_deflate(given, options.deflate);
        options.addresses = {given.address_prefix_v4, given.address_prefix_v6,
                             given.max_connections_per_address, given.max_handshakes_per_address};
    }
    if (given.version >= 7) {
        options.limits.heartbeat.max_interval = milliseconds{given.heartbeat_max_interval_ms};
        options.limits.heartbeat.misses = given.heartbeat_misses;
        if (auto status = read_backpressure(given, options); !status.ok()) return status;
        if (auto status = read_rates(given, options.limits.rates); !status.ok()) return status;
    }
    if (given.version >= 8) {
        options.limits.send_timeout = milliseconds{given.send_timeout_ms};
        options.max_receiving_bytes_total = given.max_receiving_bytes_total;
        options.max_pending_handshakes = given.max_pending_handshakes;
        options.max_pending_per_address = given.max_pending_handshakes_per_address;
        if (auto status = read_hosts(given.allowed_hosts, options.hosts); !status.ok())
            return status;
    }
    if (given.version >= 2 && given.event_loop != nullptr) options.event_loop = given.event_loop;
    return engine::check(options);
}

engine::Status read_path_options(const wsecho_path_options& given, engine::PathOptions& options) {
    const std::size_t size = size_of_path_version(given.version);
    if (size == 0) return {engine::ErrorCode::version, "path options: version not known"};
    if (given.size < size)
        return {engine::ErrorCode::invalid_option,
                "size: too small: set the options up with WSECHO_PATH_OPTIONS_INIT"};
    if (auto status = read_origins(given.origins, options.origins); !status.ok()) return status;
    options.max_connections = given.max_connections;
    engine::ConnectionLimits& limits = options.limits;
    read_limits(given, limits);
    if (given.version >= 2)
        if (auto status = read_more_limits(given, limits); !status.ok()) return status;
    if (given.version >= 3) read_if_given(given.send_timeout_ms, limits.send_timeout);
    return engine::check(limits);
}

engine::Status read_dialer_options(const wsecho_dialer_options& given,
                                   engine::DialerOptions& options) {
    using std::chrono::milliseconds;
    if (given.version != WSECHO_DIALER_OPTIONS_VERSION)
        return {engine::ErrorCode::version, "dialer options: version not known"};
    if (given.size < sizeof given)
        return {engine::ErrorCode::invalid_option,
                "size: too small: set the options up with WSECHO_DIALER_OPTIONS_INIT"};
    if (auto status = read_urls(given, options); !status.ok()) return status;
    if (auto status = read_request(given, options.request); !status.ok()) return status;
    options.times = {milliseconds{given.connect_timeout_ms}, milliseconds{given.retry_first_ms},
                     milliseconds{given.retry_max_ms}, given.max_attempts};
    options.connections = given.connections;
    options.tls = {text_or(given.tls_ca_file, ""), given.tls_verify != 0};
    read_limits(given, options.limits);
    if (auto status = read_more_limits(given, options.limits); !status.ok()) return status;
    read_if_given(given.send_timeout_ms, options.limits.send_timeout);
    return engine::check(options);
}

}  // namespace wsecho::capi

extern "C" int wsecho_server_options_init_version(wsecho_server_options* options,
                                                  uint32_t version) {
    using namespace wsecho::capi;
    return guarded([&] {
        if (options == nullptr) return invalid_argument("options is NULL");
        const std::size_t size = size_of_version(version);
        if (size == 0) return report(wsecho::engine::ErrorCode::version);
        wsecho_server_options defaults = WSECHO_SERVER_OPTIONS_INIT;
        defaults.version = version;
        defaults.size = static_cast<uint32_t>(size);
        // A caller with an older header has a smaller struct: not a byte beyond it is touched.
        std::memcpy(options, &defaults, size);
        return int{WSECHO_OK};
    });
}
