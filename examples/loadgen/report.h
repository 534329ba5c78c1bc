// The results of a run, and the table of them that people read.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "histogram.h"
#include "options.h"

namespace wsecho::loadgen {

// What opening the connections took, and what the server used once they stood idle.
struct OpenOutcome {
    std::uint32_t opened = 0;
    double seconds = 0;
    std::optional<double> server_cpu_us_per_connection;
    std::optional<double> bytes_per_connection;
    std::optional<std::uint64_t> descriptors;
    std::optional<std::uint64_t> resident_before;  // without any connection
};

struct IdleOutcome {
    double seconds = 0;
    std::optional<double> server_cpu_percent;
    std::optional<double> bytes_per_connection_at_end;
    std::uint64_t pings_answered = 0;
};

struct Results {
    OpenOutcome open;
    std::uint32_t open_at_end = 0;
    double seconds = 0;          // measured, without the warm-up
    std::uint64_t messages = 0;  // answered within them; each delivery of a broadcast is one
    std::optional<std::uint64_t> rounds;  // fanout: batches that everybody received
    Histogram latency;
    std::uint64_t errors = 0;
    std::string first_problem;
    std::uint64_t lost = 0;
    std::uint64_t changed = 0;
    std::optional<double> server_cpu_us_per_message;
    std::optional<std::uint64_t> resident_bytes;
    std::optional<IdleOutcome> idle;
    double generator_cpu_percent = 0;
    double generator_busy_percent = 0;  // of the time, the rest of which it waited
    bool interrupted = false;

    [[nodiscard]] double messages_per_second() const noexcept {
        return seconds > 0 ? static_cast<double>(messages) / seconds : 0;
    }
    [[nodiscard]] bool is_clean(const Options& options) const noexcept {
        return open.opened == options.connections && errors == 0 && lost == 0 && changed == 0;
    }
};

// To standard output; colours only on a terminal without NO_COLOR.
void print_report(const Options& options, const Results& results);

// Throws std::runtime_error when the file cannot be written: ask check_json_file() before a
// long run.
void check_json_file(const std::string& name);
void write_json_report(const Options& options, const Results& results);

}  // namespace wsecho::loadgen
