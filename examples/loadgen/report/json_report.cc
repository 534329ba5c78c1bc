// The results as JSON, for programs and for the page.
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/format.h"
#include "report/machine.h"
#include "report/reports.h"

namespace wsecho::loadgen {
namespace {

using Json = nlohmann::ordered_json;

// Of the histogram's buckets, so many bits are merged: about 64 for each power of two stay.
constexpr unsigned merged_bits = 4;

// Null where nothing was measured, as without --server-pid.
template <class Value>
Json nullable(const std::optional<Value>& value) {
    return value ? Json(*value) : Json(nullptr);
}

Json latency(const Histogram& histogram) {
    return {{"min", milliseconds(histogram.min())},
            {"mean", milliseconds(histogram.mean())},
            {"stddev", milliseconds(histogram.standard_deviation())},
            {"p50", milliseconds(histogram.percentile(0.5))},
            {"p90", milliseconds(histogram.percentile(0.9))},
            {"p99", milliseconds(histogram.percentile(0.99))},
            {"p999", milliseconds(histogram.percentile(0.999))},
            {"p9999", milliseconds(histogram.percentile(0.9999))},
            {"max", milliseconds(histogram.max())}};
}

std::string_view latency_from(const Options& options) {
    switch (options.scenario) {
        case Scenario::connect:
        case Scenario::storm:
        case Scenario::idle:
            return "handshake";
        case Scenario::fanout:
            return "publish";
        default:
            return options.is_open_loop() ? "intended" : "send";
    }
}

std::string_view name_of(Phase phase) {
    switch (phase) {
        case Phase::warm_up:
            return "warm-up";
        case Phase::measured:
            return "measured";
        case Phase::drain:
            return "drain";
    }
    return "";
}

Json causes(const Causes& causes) {
    Json json = Json::object();
    for (const auto& [cause, count] : causes.counts())
        json[cause] = count;
    return json;
}

Json question(const Options& options, const Results& results) {
    const Machine machine = this_machine();
    return {{"program", "wsecho-bench"},
            {"version", WSECHO_BENCH_VERSION},
            {"started",
             fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                         fmt::gmtime(std::chrono::system_clock::to_time_t(results.started)))},
            {"command", options.command},
            {"machine",
             {{"cpu", machine.cpu},
              {"cores", machine.cores},
              {"memory_bytes", machine.memory_bytes},
              {"kernel", machine.kernel},
              {"system", machine.system}}},
            {"address", options.address},
            {"scenario", name_of(options.scenario)},
            {"loop", options.sends() && options.scenario != Scenario::fanout
                         ? Json(options.is_open_loop() ? "open" : "closed")
                         : Json(nullptr)},
            {"rate_asked", nullable(options.rate)},
            {"connections", results.open.opened},
            {"connections_asked", options.connections},
            {"connections_at_end", results.open_at_end},
            {"in_flight", options.in_flight},
            {"threads", options.threads},
            {"size", {{"min", options.size.min}, {"max", options.size.max}}},
            {"binary", options.opcode == Opcode::binary},
            {"deflate", options.offer.deflate},
            {"tls", options.target.tls},
            {"warm_up_seconds", seconds(options.warm_up)}};
}

void add_counts(Json& json, const Results& results) {
    json["errors"] = results.counts.errors;
    json["first_error"] = results.counts.first_problem;
    json["lost"] = results.verdicts.lost;
    json["changed"] = results.verdicts.changed;
    json["duplicated"] = results.verdicts.duplicated;
    json["reordered"] = results.verdicts.reordered;
    json["unsolicited"] = results.verdicts.unsolicited;
    json["attempts"] = {{"started", results.counts.attempts},
                        {"opened", results.counts.opened},
                        {"failed", causes(results.counts.failed)},
                        {"closed", causes(results.counts.closed)}};
}

void add_answer(Json& json, const Options& options, const Results& results) {
    const Tally& total = results.total;
    json["seconds"] = results.seconds;
    json["messages"] = total.messages;
    json["messages_per_second"] = results.messages_per_second();
    json["sent"] = total.sent;
    json["bytes_sent"] = results.counts.bytes_sent;
    json["bytes_received"] = results.counts.bytes_received;
    json["handshakes"] = total.handshakes.count();
    json["latency_ms"] = latency(results.latency(options));
    json["latency_from"] = latency_from(options);
    json["handshake_ms"] = latency(results.open.handshakes);
    json["longest_silence_ms"] = milliseconds(total.silence);
    json["schedule_lag_ms"] = options.is_open_loop() ? latency(total.lag) : Json(nullptr);
    add_counts(json, results);
    json["server"] = {
        {"cpu_us_per_message", nullable(results.server.cpu_us_per_message)},
        {"cpu_percent", nullable(results.server.cpu_percent)},
        {"rss_bytes", nullable(results.server.resident_bytes)},
        {"rss_bytes_max", results.server.resident_bytes_max > 0
                              ? Json(results.server.resident_bytes_max)
                              : Json(nullptr)},
        {"rss_bytes_before", nullable(results.open.resident_before)},
        {"bytes_per_connection", nullable(results.open.bytes_per_connection)},
        {"bytes_per_connection_at_end", nullable(results.server.bytes_per_connection)},
        {"descriptors", nullable(results.open.descriptors)},
        {"voluntary_switches", nullable(results.server.voluntary_switches)},
        {"involuntary_switches", nullable(results.server.involuntary_switches)}};
    json["connect"] = {
        {"seconds", results.open.seconds},
        {"server_cpu_us_per_connection", nullable(results.open.server_cpu_us_per_connection)}};
    json["generator_cpu_percent"] = results.generator.cpu_percent;
    json["generator_busy_percent"] = results.generator.busy_percent;
    json["generator_cpu_us_per_message"] = nullable(results.generator.cpu_us_per_message);
    json["interrupted"] = results.interrupted;
    json["ended_early"] = results.ended_early;
    json["warnings"] = results.warnings;
    json["requirements"] = Json::array();
    for (const RequirementOutcome& outcome : results.requirements) {
        json["requirements"].push_back({{"text", outcome.requirement.text},
                                        {"value", nullable(outcome.value)},
                                        {"limit", outcome.requirement.limit},
                                        {"met", outcome.met}});
    }
}

void add_scenario(Json& json, const Options& options, const Results& results) {
    if (results.fanout) {
        json["rounds"] = results.fanout->rounds;
        json["deliveries_per_second"] = results.messages_per_second();
        json["fanout"] = {{"rounds", results.fanout->rounds},
                          {"deliveries_per_second", results.messages_per_second()},
                          {"first_ms", latency(results.fanout->first)},
                          {"last_ms", latency(results.fanout->last)}};
    }
    if (options.scenario == Scenario::idle) {
        json["idle"] = {{"seconds", results.seconds},
                        {"server_cpu_percent", nullable(results.server.cpu_percent)},
                        {"bytes_per_connection", nullable(results.server.bytes_per_connection)},
                        {"pings_answered", results.counts.pings_answered}};
    }
    if (results.storm) {
        json["storm"] = {{"recovery_seconds", results.storm->recovery_seconds}};
    }
    if (!results.capacity) return;
    Json steps = Json::array();
    for (const CapacityStep& step : results.capacity->steps) {
        steps.push_back({{"rate", step.rate},
                         {"messages_per_second", step.messages_per_second},
                         {"p50_ms", milliseconds(step.p50)},
                         {"p99_ms", milliseconds(step.p99)},
                         {"p999_ms", milliseconds(step.p999)},
                         {"server_cpu_percent", nullable(step.server_cpu_percent)},
                         {"generator_busy_percent", step.generator_busy_percent},
                         {"passed", step.passed}});
    }
    json["capacity"] = {{"limit", options.capacity->text},
                        {"knee_rate", nullable(results.capacity->knee_rate)},
                        {"steps", std::move(steps)}};
}

Json series(const std::vector<Sample>& samples) {
    Json json = Json::array();
    for (const Sample& sample : samples) {
        json.push_back(
            {{"time", sample.time},
             {"seconds", sample.seconds},
             {"phase", name_of(sample.phase)},
             {"open", sample.open},
             {"messages", sample.messages},
             {"messages_per_second", static_cast<double>(sample.messages) / sample.seconds},
             {"handshakes", sample.handshakes},
             {"p50_ms", milliseconds(sample.p50)},
             {"p90_ms", milliseconds(sample.p90)},
             {"p99_ms", milliseconds(sample.p99)},
             {"p999_ms", milliseconds(sample.p999)},
             {"max_ms", milliseconds(sample.max)},
             {"errors", sample.errors},
             {"server_cpu_percent", nullable(sample.server_cpu_percent)},
             {"server_rss_bytes", nullable(sample.server_resident_bytes)},
             {"server_descriptors", nullable(sample.server_descriptors)},
             {"server_switches_per_second", nullable(sample.server_switches_per_second)},
             {"generator_cpu_percent", sample.generator_cpu_percent}});
    }
    return json;
}

}  // namespace

std::string json_report(const Options& options, const Results& results, int indent) {
    Json json = question(options, results);
    add_answer(json, options, results);
    add_scenario(json, options, results);
    json["series"] = series(results.series);
    json["histogram"] = Json::array();
    for (const Histogram::Bucket& bucket : results.latency(options).buckets(merged_bits)) {
        json["histogram"].push_back({milliseconds(bucket.highest), bucket.count});
    }
    // A close reason in first_error may hold any bytes: replace what is not UTF-8.
    return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace wsecho::loadgen
