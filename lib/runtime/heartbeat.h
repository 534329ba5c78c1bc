// A connection's heartbeat: when it is pinged, which answers are awaited, how many may be missing
// before it counts as dead. Interval and timeout are apart: the one keeps the connection alive, the
// other finds that it is not. Pure: the time, the stamps and what is random are passed in.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "runtime/heartbeat_pace.h"
#include "runtime/time.h"

namespace wsecho::runtime {

// What many connections share. It may change between any two calls of a heartbeat.
struct HeartbeatSettings {
    Duration interval = std::chrono::seconds{30};  // 0: nobody is pinged
    // 0: the interval is fixed. Else it goes from `interval` up to this one: HeartbeatPace.
    Duration max_interval{0};
    Duration timeout = std::chrono::seconds{20};
    std::uint32_t misses = 1;  // so many timeouts in a row are the end

    [[nodiscard]] bool is_on() const noexcept { return interval.count() > 0; }
    [[nodiscard]] bool is_adaptive() const noexcept { return max_interval > interval; }
    [[nodiscard]] HeartbeatBounds bounds() const noexcept {
        return {interval, std::max(interval, max_interval)};
    }

    friend bool operator==(const HeartbeatSettings&, const HeartbeatSettings&) = default;
};

class Heartbeat {
  public:
    static constexpr std::uint32_t max_misses = 100;

    enum class Action : std::uint8_t { none, ping, end };

    // How long the interval is by now.
    [[nodiscard]] Duration interval(const HeartbeatSettings& settings) const noexcept {
        return settings.is_on() ? pace_.interval(settings.bounds()) : Duration{0};
    }

    // At the begin, and when the settings have changed: the next ping comes after that much of
    // interval(). An answer that is awaited still is.
    void plan(const HeartbeatSettings& settings, TimePoint now, Duration offset) noexcept {
        next_ping_ = settings.is_on() ? now + offset : TimePoint::max();
    }

    // When to check() next.
    [[nodiscard]] TimePoint due(const HeartbeatSettings& settings) const noexcept {
        TimePoint due = settings.is_on() ? next_ping_ : TimePoint::max();
        if (awaiting_) due = std::min(due, awaited_since_ + settings.timeout);
        return due;
    }

    // What is to be done now. A ping goes with sent(). Any byte that was heard since a ping counts
    // as life, since a pong cannot overtake a large message.
    [[nodiscard]] Action check(const HeartbeatSettings& settings, TimePoint now,
                               TimePoint last_heard, std::uint64_t random) noexcept {
        Action action = Action::none;
        if (awaiting_ && now >= awaited_since_ + settings.timeout) {
            awaiting_ = false;
            if (last_heard > awaited_since_)
                missed_ = 0;
            else if (++missed_ >= settings.misses)
                return Action::end;
            else {
                // Once more, at once: it may have been the one packet that was lost.
                if (settings.is_adaptive()) {
                    pace_.missed(settings.bounds());
                    next_ping_ = after(now, settings, random);
                }
                tests_interval_ = false;
                action = Action::ping;
            }
        }
        if (settings.is_on() && now >= next_ping_) {
            next_ping_ = after(now, settings, random);
            tests_interval_ = true;
            action = Action::ping;
        }
        return action;
    }

    // A ping with this stamp is on its way; stamps grow.
    void sent(std::uint64_t stamp, TimePoint now) noexcept {
        last_stamp_ = stamp;
        if (awaiting_) return;
        awaiting_ = true;
        awaited_since_ = now;
        // One that was missed may still be answered, and is life then.
        if (missed_ == 0) first_stamp_ = stamp;
    }

    // An answer with this stamp has come. False: it is none to a ping that waits for one.
    [[nodiscard]] bool answered(const HeartbeatSettings& settings, std::uint64_t stamp,
                                TimePoint now) noexcept {
        if (!awaiting_ || stamp < first_stamp_ || stamp > last_stamp_) return false;
        // It is one to the pings before it, too. With a later one under way, a timeout from here on
        // is no later than that ping's own.
        const bool is_last = stamp == last_stamp_;
        first_stamp_ = stamp + 1;
        awaiting_ = !is_last;
        awaited_since_ = now;
        missed_ = 0;
        // Only what was silent for the interval tells that it is bearable, not a ping by hand.
        if (is_last && tests_interval_ && settings.is_adaptive()) pace_.answered(settings.bounds());
        if (is_last) tests_interval_ = false;
        return true;
    }

    // Nothing could be heard until now: an answer has the whole of its time again.
    void restart_timeout(TimePoint now) noexcept {
        if (awaiting_) awaited_since_ = now;
    }

  private:
    // A fixed interval keeps its phase, so that what was spread stays spread.
    [[nodiscard]] TimePoint after(TimePoint now, const HeartbeatSettings& settings,
                                  std::uint64_t random) const noexcept {
        if (settings.is_adaptive()) return now + pace_.next(settings.bounds(), random);
        const Duration late = std::max(now - next_ping_, Duration{0});
        return next_ping_ + settings.interval * (late / settings.interval + 1);
    }

    TimePoint next_ping_ = TimePoint::max();
    TimePoint awaited_since_{};      // when the first ping without an answer was sent
    std::uint64_t first_stamp_ = 0;  // of the pings that wait for an answer
    std::uint64_t last_stamp_ = 0;
    HeartbeatPace pace_;
    std::uint8_t missed_ = 0;  // in a row
    bool awaiting_ = false;
    bool tests_interval_ = false;  // the last ping came after a whole interval
};

static_assert(Heartbeat::max_misses <= std::numeric_limits<std::uint8_t>::max());

}  // namespace wsecho::runtime
