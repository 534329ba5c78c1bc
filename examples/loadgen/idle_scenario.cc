// Holds the connections open, answers pings, and watches what the server uses meanwhile.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios.h"
#include "window.h"

namespace wsecho::loadgen {

void run_idle(Run& run, Results& results) {
    Fleet& fleet = run.fleet;
    const std::uint64_t pings_before = fleet.pings_answered();
    const Window window(run.server, fleet);
    const Time end = Clock::now() + run.options.duration;
    for (Time now = Clock::now(); now < end && !fleet.is_interrupted(); now = Clock::now()) {
        fleet.turn(std::min(end, now + std::chrono::seconds(1)), nullptr);
        if (run.progress.is_due(now)) {
            run.progress.show(
                fmt::format("idle: {} open, {:.0f} s left, {} pings answered", fleet.open_now(),
                            seconds(end - now), fleet.pings_answered()),
                now);
        }
    }
    const Window::Used used = window.used();
    results.seconds = used.seconds;
    results.generator_cpu_percent = used.own_cpu_percent;
    results.generator_busy_percent = used.busy_percent;

    IdleOutcome idle;
    idle.seconds = used.seconds;
    idle.pings_answered = fleet.pings_answered() - pings_before;
    if (used.server_cpu_us && used.seconds > 0) {
        idle.server_cpu_percent = *used.server_cpu_us / 1e6 / used.seconds * 100;
    }
    if (run.server) {
        results.resident_bytes = run.server->resident_bytes();
        if (results.resident_bytes && results.open.resident_before && fleet.open_now() > 0) {
            idle.bytes_per_connection_at_end =
                (static_cast<double>(*results.resident_bytes) -
                 static_cast<double>(*results.open.resident_before)) /
                fleet.open_now();
        }
    }
    results.idle = idle;
}

}  // namespace wsecho::loadgen
