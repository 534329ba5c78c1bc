// The series as comma-separated values (RFC 4180), a line for each second.
#include <fmt/format.h>

#include "report/format.h"
#include "report/reports.h"

namespace wsecho::loadgen {
namespace {

// Empty where nothing was measured.
template <class Value>
std::string field(const std::optional<Value>& value) {
    return value ? fmt::format("{}", *value) : std::string();
}

}  // namespace

std::string csv_report(const Results& results) {
    std::string text =
        "time_s,measured,open,messages,messages_per_s,handshakes,p50_ms,p90_ms,p99_ms,p999_ms,"
        "max_ms,errors,server_cpu_percent,server_rss_bytes,server_descriptors,"
        "server_switches_per_s,generator_cpu_percent\r\n";
    for (const Sample& sample : results.series) {
        text += fmt::format(
            "{:.3f},{},{},{},{:.1f},{},{:.6f},{:.6f},{:.6f},{:.6f},{:.6f},{},{},{},{},{},{:.2f}"
            "\r\n",
            sample.time, sample.phase == Phase::measured ? 1 : 0, sample.open, sample.messages,
            static_cast<double>(sample.messages) / sample.seconds, sample.handshakes,
            milliseconds(sample.p50), milliseconds(sample.p90), milliseconds(sample.p99),
            milliseconds(sample.p999), milliseconds(sample.max), sample.errors,
            field(sample.server_cpu_percent), field(sample.server_resident_bytes),
            field(sample.server_descriptors), field(sample.server_switches_per_second),
            sample.generator_cpu_percent);
    }
    return text;
}

}  // namespace wsecho::loadgen
