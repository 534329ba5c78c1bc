// What a run's figures mean: is the generator to be trusted, are the requirements met?
#include <fmt/format.h>

#include <algorithm>

#include "report/format.h"
#include "report/reports.h"

namespace wsecho::loadgen {
namespace {

constexpr double max_busy_percent = 90;
constexpr double min_achieved = 0.99;
// A generator that is late by more than this share of what it measures measures itself.
constexpr double max_lag_share = 0.1;

using Metric = Requirement::Metric;

std::optional<double> value_of(Metric metric, const Options& options, const Results& results) {
    const Histogram& latency = results.latency(options);
    const auto percentile = [&](double fraction) -> std::optional<double> {
        if (latency.count() == 0) return std::nullopt;
        return milliseconds(latency.percentile(fraction));
    };
    const auto count = [](std::uint64_t number) { return static_cast<double>(number); };
    switch (metric) {
        case Metric::rate:
            return options.sends() || results.seconds == 0
                       ? results.messages_per_second()
                       : count(results.total.handshakes.count()) / results.seconds;
        case Metric::mean:
            if (latency.count() == 0) return std::nullopt;
            return milliseconds(latency.mean());
        case Metric::p50:
            return percentile(0.5);
        case Metric::p90:
            return percentile(0.9);
        case Metric::p99:
            return percentile(0.99);
        case Metric::p999:
            return percentile(0.999);
        case Metric::max:
            return percentile(1);
        case Metric::errors:
            return count(results.counts.errors);
        case Metric::lost:
            return count(results.verdicts.lost);
        case Metric::changed:
            return count(results.verdicts.changed);
        case Metric::duplicated:
            return count(results.verdicts.duplicated);
        case Metric::reordered:
            return count(results.verdicts.reordered);
        case Metric::unsolicited:
            return count(results.verdicts.unsolicited);
        case Metric::open:
            return count(results.open.opened);
        case Metric::cpu:
            return results.server.cpu_us_per_message;
        case Metric::memory:
            if (!results.server.resident_bytes) return std::nullopt;
            return count(*results.server.resident_bytes);
    }
    return std::nullopt;
}

void warn(const Options& options, Results& results) {
    const std::uint64_t count = results.total.messages + results.total.handshakes.count();
    if (count > 0 && results.generator.busy_percent > max_busy_percent) {
        results.warnings.push_back(fmt::format(
            "the generator was busy {:.0f} % of the time, so it may have been the bottleneck, not "
            "the server: give it more --threads, or see what it can do with --calibrate",
            results.generator.busy_percent));
    }
    if (!options.rate || !options.sends()) return;
    if (results.messages_per_second() < *options.rate * min_achieved) {
        results.warnings.push_back(
            fmt::format("{:.0f} messages/s were asked for and {:.0f} came back", *options.rate,
                        results.messages_per_second()));
    }
    const auto lag = results.total.lag.percentile(0.99);
    const auto latency = results.total.latency.percentile(0.99);
    if (milliseconds(lag) > milliseconds(latency) * max_lag_share) {
        results.warnings.push_back(fmt::format(
            "the generator sent late: by {} at the 99th percentile, which is in the latency",
            readable(lag)));
    }
}

}  // namespace

void judge(const Options& options, Results& results) {
    warn(options, results);
    for (const Requirement& requirement : options.requirements) {
        const std::optional<double> value = value_of(requirement.metric, options, results);
        results.requirements.push_back(
            {requirement, value, value && requirement.is_met_by(*value)});
    }
}

}  // namespace wsecho::loadgen
