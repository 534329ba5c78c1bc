#include "engine/options.h"

#include "engine/connection_id.h"
#include "engine/served_path.h"
#include "lws/event_loop.h"
#include "protocol/permessage_deflate.h"
#include "runtime/token_bucket.h"

namespace wsecho::engine {

namespace {

constexpr std::size_t largest_message = 1UL << 30U;
constexpr auto longest_time = std::chrono::hours{24 * 49};

Status wrong(const std::string& field, const std::string& why) {
    return {ErrorCode::invalid_option, field + ": " + why};
}

bool is_time(runtime::Duration time) {
    return time >= time.zero() && time <= longest_time;
}

}  // namespace

Status check(const ServerOptions& options) {
    if (options.port < -1 || options.port > 65535)
        return wrong("port", "must be 0 to 65535, or -1 for no TCP");
    if (!options.path.empty() && !PathTable::is_pattern(options.path))
        return wrong("path", "must begin with '/', and may end with '/*'; without '?' and '#'");
    if (options.threads > ConnectionId::max_loops) return wrong("threads", "must be 0 to 256");
    if (options.max_connections > ConnectionId::max_slots)
        return wrong("max_connections", "must be at most 16777216");
    if (options.addresses.v4_bits < 1 || options.addresses.v4_bits > 32)
        return wrong("address_prefix_v4", "must be 1 to 32");
    if (options.addresses.v6_bits < 1 || options.addresses.v6_bits > 128)
        return wrong("address_prefix_v6", "must be 1 to 128");
    if (options.max_pending_handshakes > ConnectionId::max_slots)
        return wrong("max_pending_handshakes", "must be at most 16777216");
    if (options.max_channels == 0) return wrong("max_channels", "must be at least 1");
    if (options.max_subscriptions == 0) return wrong("max_subscriptions", "must be at least 1");
    if (!is_time(options.handshake_timeout) || options.handshake_timeout.count() == 0)
        return wrong("handshake_timeout_ms", "must be 1 ms to 49 days");
    if (options.backlog < 1) return wrong("backlog", "must be at least 1");
    if (lws::resolve_event_loop(options.event_loop).empty())
        return wrong("event_loop", "must be one of this build's: " + lws::event_loop_names());
    if (auto status = check(options.deflate); !status.ok()) return status;
    return check(options.limits);
}

Status check(const ConnectionLimits& limits) {
    if (limits.max_message_bytes == 0 || limits.max_message_bytes > largest_message)
        return wrong("max_message_bytes", "must be 1 to 1073741824");
    if (limits.max_queued_bytes < 256 || limits.max_queued_bytes > 4 * largest_message)
        return wrong("max_queued_bytes", "must be 256 to 4294967296");
    if (limits.high_watermark > limits.max_queued_bytes)
        return wrong("high_watermark_bytes", "must be at most max_queued_bytes");
    if (limits.low_watermark > limits.high_watermark)
        return wrong("low_watermark_bytes", "must be at most high_watermark_bytes");
    if (!is_time(limits.idle_timeout)) return wrong("idle_timeout_ms", "must be at most 49 days");
    if (!is_time(limits.close_timeout) || limits.close_timeout.count() == 0)
        return wrong("close_timeout_ms", "must be 1 ms to 49 days");
    if (!is_time(limits.send_timeout)) return wrong("send_timeout_ms", "must be at most 49 days");
    if (limits.rates.messages > runtime::TokenRate::max_per_second)
        return wrong("max_messages_per_second", "must be at most 10000000000");
    if (limits.rates.bytes > runtime::TokenRate::max_per_second)
        return wrong("max_bytes_per_second", "must be at most 10000000000");
    return check(limits.heartbeat, "heartbeat_");
}

Status check(const runtime::HeartbeatSettings& heartbeat, std::string_view prefix) {
    const auto named = [&](const char* field) { return std::string{prefix} + field; };
    if (!is_time(heartbeat.interval)) return wrong(named("interval_ms"), "must be at most 49 days");
    // Without pings there is nothing that it could be too short for.
    if (!is_time(heartbeat.max_interval) ||
        (heartbeat.max_interval.count() != 0 && heartbeat.max_interval < heartbeat.interval))
        return wrong(named("max_interval_ms"),
                     "must be 0, or " + named("interval_ms") + " to 49 days");
    if (!is_time(heartbeat.timeout) || heartbeat.timeout.count() == 0)
        return wrong(named("timeout_ms"), "must be 1 ms to 49 days");
    if (heartbeat.misses == 0 || heartbeat.misses > runtime::Heartbeat::max_misses)
        return wrong(named("misses"), "must be 1 to 100");
    return {};
}

Status check(const DeflateOptions& deflate) {
    if (deflate.window_bits < protocol::min_window_bits ||
        deflate.window_bits > protocol::max_window_bits)
        return wrong("deflate_window_bits", "must be 9 to 15");
    if (deflate.level < 1 || deflate.level > 9) return wrong("deflate_level", "must be 1 to 9");
    return {};
}

}  // namespace wsecho::engine
