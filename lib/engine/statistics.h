// What a loop counts, and a snapshot of it. One thread writes, any thread reads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "engine/close_report.h"
#include "engine/queued_bytes.h"

namespace wsecho::engine {

// Why a handshake was refused; the numbers are those of the C header.
enum class RefusalReason : std::uint8_t {
    bad_request = 0,       // 400
    not_found = 1,         // 404
    method = 2,            // 405
    timeout = 3,           // 408, or 503 where the application did not answer in time
    upgrade_required = 4,  // 426
    too_large = 5,         // 431
    limit = 6,             // 503, or dropped when even the room for answers was used up
    disconnected = 7,      // the peer left before its handshake was answered
    origin = 8,            // 403
    rejected = 9,          // by the application
    address = 10,          // 429: too much of one address
    host = 11,             // 421
};
inline constexpr std::size_t refusal_reasons = 12;

struct Statistics {
    std::uint64_t connections = 0;
    std::uint64_t connections_total = 0;
    std::uint64_t messages_received = 0;
    std::uint64_t messages_sent = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_queued = 0;
    std::uint64_t messages_refused = 0;
    std::uint64_t messages_dropped = 0;
    std::uint64_t messages_replaced = 0;
    std::uint64_t messages_late = 0;
    std::uint64_t high_watermarks = 0;
    std::uint64_t rate_pauses = 0;
    std::uint64_t rate_closes = 0;
    std::uint64_t callback_failures = 0;
    std::array<std::uint64_t, close_causes> closes{};
    std::array<std::uint64_t, refusal_reasons> refusals{};

    Statistics& operator+=(const Statistics& other) noexcept;
};

// A counter with one writer: adding is a plain load and store, without a bus lock.
class Counter {
  public:
    void add(std::uint64_t amount) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    void subtract(std::uint64_t amount) noexcept { add(0 - amount); }
    [[nodiscard]] std::uint64_t read() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

  private:
    std::atomic<std::uint64_t> value_{0};
};

struct LoopCounters {
    Counter connections;
    Counter connections_total;
    Counter messages_received;
    Counter messages_sent;
    Counter bytes_received;
    Counter bytes_sent;
    Counter callback_failures;
    Counter messages_dropped;   // the oldest, for want of room
    Counter messages_replaced;  // by a newer one of their key
    Counter messages_late;      // their deadline was over
    Counter high_watermarks;    // times that a queue reached it
    Counter rate_pauses;        // times that a connection had to wait for its rates
    Counter rate_closes;        // connections that they ended
    std::array<Counter, close_causes> closes;
    std::array<Counter, refusal_reasons> refusals;
    // Added to by whoever sends, on any thread, so no Counters.
    QueuedBytes bytes_queued;
    std::atomic<std::uint64_t> messages_refused{0};  // by a full queue, or by their peer's end

    // Any thread.
    void count_refused() noexcept { messages_refused.fetch_add(1, std::memory_order_relaxed); }

    [[nodiscard]] Statistics read() const noexcept;
};

}  // namespace wsecho::engine
