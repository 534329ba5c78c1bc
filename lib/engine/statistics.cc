#include "engine/statistics.h"

namespace wsecho::engine {

Statistics& Statistics::operator+=(const Statistics& other) noexcept {
    connections += other.connections;
    connections_total += other.connections_total;
    messages_received += other.messages_received;
    messages_sent += other.messages_sent;
    bytes_received += other.bytes_received;
    bytes_sent += other.bytes_sent;
    bytes_queued += other.bytes_queued;
    messages_refused += other.messages_refused;
    messages_dropped += other.messages_dropped;
    messages_replaced += other.messages_replaced;
    messages_late += other.messages_late;
    high_watermarks += other.high_watermarks;
    rate_pauses += other.rate_pauses;
    rate_closes += other.rate_closes;
    callback_failures += other.callback_failures;
    for (std::size_t i = 0; i < closes.size(); ++i)
        closes[i] += other.closes[i];
    for (std::size_t i = 0; i < refusals.size(); ++i)
        refusals[i] += other.refusals[i];
    return *this;
}

Statistics LoopCounters::read() const noexcept {
    Statistics result;
    result.connections = connections.read();
    result.connections_total = connections_total.read();
    result.messages_received = messages_received.read();
    result.messages_sent = messages_sent.read();
    result.bytes_received = bytes_received.read();
    result.bytes_sent = bytes_sent.read();
    result.bytes_queued = bytes_queued.read();
    result.messages_refused = messages_refused.load(std::memory_order_relaxed);
    result.callback_failures = callback_failures.read();
    result.messages_dropped = messages_dropped.read();
    result.messages_replaced = messages_replaced.read();
    result.messages_late = messages_late.read();
    result.high_watermarks = high_watermarks.read();
    result.rate_pauses = rate_pauses.read();
    result.rate_closes = rate_closes.read();
    for (std::size_t i = 0; i < closes.size(); ++i)
        result.closes[i] = closes[i].read();
    for (std::size_t i = 0; i < refusals.size(); ++i)
        result.refusals[i] = refusals[i].read();
    return result;
}

}  // namespace wsecho::engine
