// The paths of a server, each with its own limits and its own observer. Made before the server
// starts; from then on any thread reads, and only the counts and the heartbeat change.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/observer.h"
#include "engine/options.h"
#include "engine/rate_limits.h"

namespace wsecho::engine {

// Of the connections of a path that have none of their own; any thread.
class SharedHeartbeat {
  public:
    explicit SharedHeartbeat(const runtime::HeartbeatSettings& settings) : settings_(settings) {}

    [[nodiscard]] runtime::HeartbeatSettings read() const {
        const std::scoped_lock lock{mutex_};
        return settings_;
    }
    void set(const runtime::HeartbeatSettings& settings) {
        const std::scoped_lock lock{mutex_};
        settings_ = settings;
    }

  private:
    mutable std::mutex mutex_;
    runtime::HeartbeatSettings settings_;
};

// By which a connection has come, for its life.
struct ServedPath {
    ServedPath(const PathOptions& options, Observer& told)
        : limits(options.limits),
          observer(told),
          origins(options.origins),
          heartbeat(options.limits.heartbeat),
          rates(options.limits.rates),
          max_connections(options.max_connections) {}

    const ConnectionLimits limits;  // their heartbeat is that of the begin
    Observer& observer;
    const protocol::OriginPolicy origins;
    SharedHeartbeat heartbeat;
    const RateLimits rates;
    const std::uint32_t max_connections;
    std::atomic<std::uint32_t> open_connections{0};
};

// "/a/b" is that path alone; "/a/*" is whatever lies below "/a/". The longest that fits has it.
class PathTable {
  public:
    static bool is_pattern(std::string_view text) noexcept;

    // False where the pattern is there already.
    bool add(std::string_view pattern, const PathOptions& options, Observer& observer);
    // For paths that no pattern has.
    void set_fallback(const PathOptions& options, Observer& observer);

    // Nothing where the path is not served.
    [[nodiscard]] ServedPath* find(std::string_view path) noexcept;
    // By its pattern itself, "" being the fallback's; nothing where it was not added.
    [[nodiscard]] ServedPath* find_pattern(std::string_view pattern) noexcept;

    // The bound on queued bytes of the path that has the largest.
    [[nodiscard]] std::size_t largest_queue() const noexcept { return largest_queue_; }
    // The bound on messages of the path that has the largest.
    [[nodiscard]] std::size_t largest_message() const noexcept { return largest_message_; }

  private:
    using Table = std::map<std::string, ServedPath, std::less<>>;

    static ServedPath* find_in(Table& table, std::string_view name) noexcept;
    bool add_to(Table& table, std::string_view name, const PathOptions& options,
                Observer& observer);

    Table exact_;
    Table below_;  // by what stands before the asterisk
    Table fallback_;
    std::size_t longest_below_ = 0;
    std::size_t largest_queue_ = 0;
    std::size_t largest_message_ = 0;
};

}  // namespace wsecho::engine
