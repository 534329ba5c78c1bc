#include "server_options.h"

#include <array>

namespace wsecho::python {

namespace {

// A Field for each: the keyword is the field's name, so that neither can be mistaken.
#define WSECHO_FIELD(options, name) \
    Field<options> {                \
#name, &options::name       \
    }

}  // namespace

std::span<const Field<wsecho_server_options>> server_fields() noexcept {
    using Options = wsecho_server_options;
    static const std::array fields{
        WSECHO_FIELD(Options, host),
        WSECHO_FIELD(Options, port),
        WSECHO_FIELD(Options, unix_path),
        WSECHO_FIELD(Options, path),
        WSECHO_FIELD(Options, threads),
        WSECHO_FIELD(Options, max_connections),
        WSECHO_FIELD(Options, max_message_bytes),
        WSECHO_FIELD(Options, max_queued_bytes),
        WSECHO_FIELD(Options, handshake_timeout_ms),
        WSECHO_FIELD(Options, idle_timeout_ms),
        WSECHO_FIELD(Options, heartbeat_interval_ms),
        WSECHO_FIELD(Options, heartbeat_timeout_ms),
        WSECHO_FIELD(Options, close_timeout_ms),
        WSECHO_FIELD(Options, backlog),
        WSECHO_FIELD(Options, share_port),
        WSECHO_FIELD(Options, event_loop),
        WSECHO_FIELD(Options, origins),
        WSECHO_FIELD(Options, max_channels),
        WSECHO_FIELD(Options, max_subscriptions),
        WSECHO_FIELD(Options, proxy_header),
        WSECHO_FIELD(Options, trusted_proxies),
        WSECHO_FIELD(Options, deflate),
        WSECHO_FIELD(Options, deflate_window_bits),
        WSECHO_FIELD(Options, deflate_threshold_bytes),
        WSECHO_FIELD(Options, deflate_context_takeover),
        WSECHO_FIELD(Options, deflate_level),
        WSECHO_FIELD(Options, address_prefix_v4),
        WSECHO_FIELD(Options, address_prefix_v6),
        WSECHO_FIELD(Options, max_connections_per_address),
        WSECHO_FIELD(Options, max_handshakes_per_address),
        WSECHO_FIELD(Options, backpressure_policy),
        WSECHO_FIELD(Options, high_watermark_bytes),
        WSECHO_FIELD(Options, low_watermark_bytes),
        WSECHO_FIELD(Options, max_queued_bytes_total),
        WSECHO_FIELD(Options, heartbeat_max_interval_ms),
        WSECHO_FIELD(Options, heartbeat_misses),
        WSECHO_FIELD(Options, max_messages_per_second),
        WSECHO_FIELD(Options, rate_policy),
        WSECHO_FIELD(Options, max_bytes_per_second),
        WSECHO_FIELD(Options, send_timeout_ms),
        WSECHO_FIELD(Options, max_receiving_bytes_total),
        WSECHO_FIELD(Options, max_pending_handshakes),
        WSECHO_FIELD(Options, max_pending_handshakes_per_address),
        WSECHO_FIELD(Options, allowed_hosts),
    };
    return fields;
}

std::span<const Field<wsecho_path_options>> path_fields() noexcept {
    using Options = wsecho_path_options;
    static const std::array fields{
        WSECHO_FIELD(Options, origins),
        WSECHO_FIELD(Options, max_connections),
        WSECHO_FIELD(Options, max_message_bytes),
        WSECHO_FIELD(Options, max_queued_bytes),
        WSECHO_FIELD(Options, idle_timeout_ms),
        WSECHO_FIELD(Options, heartbeat_interval_ms),
        WSECHO_FIELD(Options, heartbeat_timeout_ms),
        WSECHO_FIELD(Options, close_timeout_ms),
        WSECHO_FIELD(Options, backpressure_policy),
        WSECHO_FIELD(Options, high_watermark_bytes),
        WSECHO_FIELD(Options, low_watermark_bytes),
        WSECHO_FIELD(Options, heartbeat_max_interval_ms),
        WSECHO_FIELD(Options, heartbeat_misses),
        WSECHO_FIELD(Options, max_messages_per_second),
        WSECHO_FIELD(Options, rate_policy),
        WSECHO_FIELD(Options, max_bytes_per_second),
        WSECHO_FIELD(Options, send_timeout_ms),
    };
    return fields;
}

std::span<const Field<wsecho_dialer_options>> dialer_fields() noexcept {
    using Options = wsecho_dialer_options;
    static const std::array fields{
        WSECHO_FIELD(Options, urls),
        WSECHO_FIELD(Options, subprotocols),
        WSECHO_FIELD(Options, proxy),
        WSECHO_FIELD(Options, connect_timeout_ms),
        WSECHO_FIELD(Options, retry_first_ms),
        WSECHO_FIELD(Options, retry_max_ms),
        WSECHO_FIELD(Options, max_attempts),
        WSECHO_FIELD(Options, connections),
        WSECHO_FIELD(Options, tls_verify),
        WSECHO_FIELD(Options, tls_ca_file),
        WSECHO_FIELD(Options, max_message_bytes),
        WSECHO_FIELD(Options, max_queued_bytes),
        WSECHO_FIELD(Options, idle_timeout_ms),
        WSECHO_FIELD(Options, heartbeat_interval_ms),
        WSECHO_FIELD(Options, heartbeat_timeout_ms),
        WSECHO_FIELD(Options, close_timeout_ms),
        WSECHO_FIELD(Options, backpressure_policy),
        WSECHO_FIELD(Options, high_watermark_bytes),
        WSECHO_FIELD(Options, low_watermark_bytes),
        WSECHO_FIELD(Options, heartbeat_max_interval_ms),
        WSECHO_FIELD(Options, heartbeat_misses),
        WSECHO_FIELD(Options, max_messages_per_second),
        WSECHO_FIELD(Options, rate_policy),
        WSECHO_FIELD(Options, max_bytes_per_second),
        WSECHO_FIELD(Options, send_timeout_ms),
    };
    return fields;
}

std::span<const Field<wsecho_drain_options>> drain_fields() noexcept {
    using Options = wsecho_drain_options;
    static const std::array fields{
        WSECHO_FIELD(Options, deadline_ms),
        WSECHO_FIELD(Options, spread_ms),
        WSECHO_FIELD(Options, code),
        WSECHO_FIELD(Options, reason),
    };
    return fields;
}

std::span<const Field<wsecho_heartbeat>> heartbeat_fields() noexcept {
    using Options = wsecho_heartbeat;
    static const std::array fields{
        WSECHO_FIELD(Options, interval_ms),
        WSECHO_FIELD(Options, max_interval_ms),
        WSECHO_FIELD(Options, timeout_ms),
        WSECHO_FIELD(Options, misses),
    };
    return fields;
}

std::span<const Field<wsecho_history>> history_fields() noexcept {
    using Options = wsecho_history;
    static const std::array fields{
        WSECHO_FIELD(Options, max_messages),
        WSECHO_FIELD(Options, max_age_ms),
        WSECHO_FIELD(Options, max_bytes),
    };
    return fields;
}

#undef WSECHO_FIELD

}  // namespace wsecho::python
