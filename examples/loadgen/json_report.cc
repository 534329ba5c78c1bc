// The same results as JSON, for programs. Keys are only ever added.
#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "report.h"

namespace wsecho::loadgen {
namespace {

using Json = nlohmann::ordered_json;

// Null where nothing was measured, as without --server-pid.
template <class Value>
Json nullable(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

double milliseconds(Histogram::Duration duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

Json latency(const Histogram& histogram) {
    return {{"mean", milliseconds(histogram.mean())},
            {"p50", milliseconds(histogram.percentile(0.5))},
            {"p99", milliseconds(histogram.percentile(0.99))},
            {"p999", milliseconds(histogram.percentile(0.999))},
            {"max", milliseconds(histogram.max())}};
}

Json document(const Options& options, const Results& results) {
    Json json{
        {"scenario", name_of(options.scenario)},
        {"connections", results.open.opened},
        {"connections_asked", options.connections},
        {"connections_at_end", results.open_at_end},
        {"seconds", results.seconds},
        {"messages", results.messages},
        {"messages_per_second", results.messages_per_second()},
        {"latency_ms", latency(results.latency)},
        {"errors", results.errors},
        {"first_error", results.first_problem},
        {"lost", results.lost},
        {"changed", results.changed},
        {"server",
         {{"cpu_us_per_message", nullable(results.server_cpu_us_per_message)},
          {"rss_bytes", nullable(results.resident_bytes)},
          {"bytes_per_connection", nullable(results.open.bytes_per_connection)},
          {"descriptors", nullable(results.open.descriptors)}}},
        {"connect",
         {{"seconds", results.open.seconds},
          {"server_cpu_us_per_connection", nullable(results.open.server_cpu_us_per_connection)}}},
        {"generator_cpu_percent", results.generator_cpu_percent},
        {"generator_busy_percent", results.generator_busy_percent},
        {"interrupted", results.interrupted}};
    if (options.scenario == Scenario::fanout) {
        json["deliveries_per_second"] = results.messages_per_second();
        json["rounds"] = nullable(results.rounds);
    }
    if (results.idle) {
        json["idle"] = {
            {"seconds", results.idle->seconds},
            {"server_cpu_percent", nullable(results.idle->server_cpu_percent)},
            {"bytes_per_connection", nullable(results.idle->bytes_per_connection_at_end)},
            {"pings_answered", results.idle->pings_answered}};
    }
    return json;
}

[[noreturn]] void throw_cannot_write(const std::string& name) {
    throw std::runtime_error(
        fmt::format("cannot write {}: {}", name, std::generic_category().message(errno)));
}

}  // namespace

void check_json_file(const std::string& name) {
    if (!std::ofstream(name, std::ios::app)) throw_cannot_write(name);
}

void write_json_report(const Options& options, const Results& results) {
    std::ofstream file(options.json_file);
    // A close reason in first_error may hold any bytes: replace what is not UTF-8.
    file << document(options, results).dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    file.close();
    if (!file) throw_cannot_write(options.json_file);
}

}  // namespace wsecho::loadgen
