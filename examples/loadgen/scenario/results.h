// What a run has found out.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "measure/ledger.h"
#include "measure/tally.h"
#include "net/fleet.h"
#include "scenario/options.h"
#include "scenario/worker.h"

namespace wsecho::loadgen {

// What opening the connections took, and what the server used once they stood idle.
struct OpenOutcome {
    std::uint32_t opened = 0;
    double seconds = 0;
    Histogram handshakes;
    std::optional<double> server_cpu_us_per_connection;
    std::optional<double> bytes_per_connection;
    std::optional<std::uint64_t> descriptors;
    std::optional<std::uint64_t> resident_before;  // without any connection
};

// What the server used in the measured time.
struct ServerOutcome {
    std::optional<double> cpu_us_per_message;
    std::optional<double> cpu_percent;
    std::optional<std::uint64_t> resident_bytes;  // at the end of it
    std::uint64_t resident_bytes_max = 0;
    std::optional<double> bytes_per_connection;  // at the end of it
    std::optional<std::uint64_t> voluntary_switches;
    std::optional<std::uint64_t> involuntary_switches;
};

struct GeneratorOutcome {
    double cpu_percent = 0;
    double busy_percent = 0;  // of the time, the rest of which it waited
    std::optional<double> cpu_us_per_message;
};

// One second of the run, over all threads.
struct Sample {
    Phase phase = Phase::warm_up;
    double time = 0;  // at its end, in seconds since the load began
    double seconds = 0;
    std::uint32_t open = 0;
    std::uint64_t messages = 0;
    std::uint64_t handshakes = 0;
    std::uint64_t errors = 0;  // so far
    std::chrono::nanoseconds p50{0};
    std::chrono::nanoseconds p90{0};
    std::chrono::nanoseconds p99{0};
    std::chrono::nanoseconds p999{0};
    std::chrono::nanoseconds max{0};
    std::optional<double> server_cpu_percent;
    std::optional<std::uint64_t> server_resident_bytes;
    std::optional<std::uint64_t> server_descriptors;
    std::optional<double> server_switches_per_second;
    double generator_cpu_percent = 0;
};

struct FanoutOutcome {
    std::uint64_t rounds = 0;
    Histogram first;
    Histogram last;
};

struct StormOutcome {
    std::vector<double> recovery_seconds;  // of each storm, the slowest thread's
};

struct CapacityStep {
    double rate = 0;  // asked for
    double messages_per_second = 0;
    std::chrono::nanoseconds p50{0};
    std::chrono::nanoseconds p99{0};
    std::chrono::nanoseconds p999{0};
    std::optional<double> server_cpu_percent;
    double generator_busy_percent = 0;
    bool passed = false;
};

struct CapacityOutcome {
    std::vector<CapacityStep> steps;
    std::optional<double> knee_rate;  // the highest rate that passed
};

struct RequirementOutcome {
    Requirement requirement;
    std::optional<double> value;
    bool met = false;
};

struct Results {
    std::chrono::system_clock::time_point started;
    OpenOutcome open;
    std::uint32_t open_at_end = 0;
    double seconds = 0;  // measured, without the warm-up
    Tally total;         // of the measured time; open loop: with answers that came after it
    Fleet::Counts counts;
    Verdicts verdicts;
    ServerOutcome server;
    GeneratorOutcome generator;
    std::vector<Sample> series;
    std::optional<FanoutOutcome> fanout;
    std::optional<StormOutcome> storm;
    std::optional<CapacityOutcome> capacity;
    bool interrupted = false;
    std::string ended_early;  // in words, of a run that its server ended
    std::vector<std::string> warnings;
    std::vector<RequirementOutcome> requirements;

    [[nodiscard]] double messages_per_second() const noexcept {
        return seconds > 0 ? static_cast<double>(total.messages) / seconds : 0;
    }
    // The latency that the scenario is about: of messages or of handshakes.
    [[nodiscard]] const Histogram& latency(const Options& options) const noexcept {
        if (options.sends()) return total.latency;
        return total.handshakes.count() > 0 ? total.handshakes : open.handshakes;
    }
    [[nodiscard]] bool is_clean(const Options& options) const noexcept {
        return open.opened == options.connections && counts.errors == 0 && verdicts.all() == 0;
    }
};

}  // namespace wsecho::loadgen
