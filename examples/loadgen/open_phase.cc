// Opens the connections and takes the server's measure before and after.
#include <fmt/format.h>

#include "scenarios.h"
#include "window.h"

namespace wsecho::loadgen {
namespace {

constexpr std::chrono::milliseconds settle_time{200};
constexpr std::chrono::milliseconds step{100};

}  // namespace

OpenOutcome open_connections(Run& run) {
    Fleet& fleet = run.fleet;
    OpenOutcome outcome;
    if (run.server) outcome.resident_before = run.server->resident_bytes();
    const Window window(run.server, fleet);
    const Time start = Clock::now();
    while (fleet.is_opening() && !fleet.is_interrupted()) {
        fleet.open_some();
        const Time now = Clock::now();
        fleet.turn(now + step, nullptr);
        if (run.progress.is_due(now)) {
            run.progress.show(fmt::format("opening: {} of {}", fleet.open_now(), fleet.asked()),
                              now);
        }
    }
    outcome.seconds = seconds(Clock::now() - start);
    outcome.opened = fleet.open_now();
    if (!run.server || outcome.opened == 0) return outcome;

    // Let the server finish what it does after a handshake before it is measured.
    const Time settled = Clock::now() + settle_time;
    while (Clock::now() < settled && !fleet.is_interrupted())
        fleet.turn(settled, nullptr);
    const double opened = outcome.opened;
    if (const auto cpu = window.used().server_cpu_us) {
        outcome.server_cpu_us_per_connection = *cpu / opened;
    }
    const std::optional<std::uint64_t> resident = run.server->resident_bytes();
    if (resident && outcome.resident_before) {
        outcome.bytes_per_connection =
            (static_cast<double>(*resident) - static_cast<double>(*outcome.resident_before)) /
            opened;
    }
    outcome.descriptors = run.server->descriptors();
    return outcome;
}

}  // namespace wsecho::loadgen
