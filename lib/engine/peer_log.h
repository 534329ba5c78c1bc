// Lines of the log that peers can cause as often as they like. Of each kind a loop logs a few in a
// minute; then one line tells how many more there were.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/observer.h"
#include "runtime/log_limit.h"
#include "runtime/time.h"
#include "runtime/timer_wheel.h"

namespace wsecho::engine {

class PeerLog {
  public:
    enum class Kind : std::uint8_t { dropped_connection, accept_pause, wrong_host };
    static constexpr std::size_t kinds = 3;
    static constexpr std::uint32_t max_lines = 5;
    static constexpr auto interval = std::chrono::seconds{60};

    explicit PeerLog(Observer& observer) noexcept : observer_(observer) {}

    // Logs a warning, or counts it.
    void write(Kind kind, std::string_view text, runtime::TimePoint now);
    // Tells how many lines were suppressed in intervals that are over.
    void tell_suppressed(runtime::TimePoint now);
    // When to do so next; TimePoint::max(): never, as it is.
    [[nodiscard]] runtime::TimePoint due() const noexcept;

    runtime::Timer timer;  // the loop's, set to due()

  private:
    void tell_suppressed(std::size_t kind, runtime::TimePoint now);

    Observer& observer_;
    std::array<runtime::LogLimit, kinds> limits_{runtime::LogLimit{max_lines, interval},
                                                 runtime::LogLimit{max_lines, interval},
                                                 runtime::LogLimit{max_lines, interval}};
};

}  // namespace wsecho::engine
