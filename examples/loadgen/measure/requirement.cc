// Takes requirements apart: a metric, a relation, a number with its unit.
#include "measure/requirement.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>

namespace wsecho::loadgen {
namespace {

using Metric = Requirement::Metric;
using Relation = Requirement::Relation;

enum class Unit { count, duration, bytes };

struct NamedMetric {
    std::string_view name;
    Metric metric;
    Unit unit;
    double without_unit;  // what a bare number is multiplied by
};

constexpr std::array<NamedMetric, 16> metrics{{
    {"rate", Metric::rate, Unit::count, 1},
    {"mean", Metric::mean, Unit::duration, 1},
    {"p50", Metric::p50, Unit::duration, 1},
    {"p90", Metric::p90, Unit::duration, 1},
    {"p99", Metric::p99, Unit::duration, 1},
    {"p99.9", Metric::p999, Unit::duration, 1},
    {"max", Metric::max, Unit::duration, 1},
    {"errors", Metric::errors, Unit::count, 1},
    {"lost", Metric::lost, Unit::count, 1},
    {"changed", Metric::changed, Unit::count, 1},
    {"duplicated", Metric::duplicated, Unit::count, 1},
    {"reordered", Metric::reordered, Unit::count, 1},
    {"unsolicited", Metric::unsolicited, Unit::count, 1},
    {"open", Metric::open, Unit::count, 1},
    {"cpu", Metric::cpu, Unit::duration, 1},
    {"memory", Metric::memory, Unit::bytes, 1},
}};

struct NamedUnit {
    std::string_view name;
    Unit unit;
    double factor;
};

constexpr std::array<NamedUnit, 13> units{{
    {"ns", Unit::duration, 1e-6},
    {"us", Unit::duration, 1e-3},
    {"µs", Unit::duration, 1e-3},
    {"ms", Unit::duration, 1},
    {"s", Unit::duration, 1000},
    {"k", Unit::count, 1e3},
    {"M", Unit::count, 1e6},
    {"B", Unit::bytes, 1},
    {"kB", Unit::bytes, 1e3},
    {"MB", Unit::bytes, 1e6},
    {"GB", Unit::bytes, 1e9},
    {"KiB", Unit::bytes, 1024},
    {"MiB", Unit::bytes, 1048576},
}};

struct NamedRelation {
    std::string_view name;
    Relation relation;
};

// The longer ones first.
constexpr std::array<NamedRelation, 6> relations{{
    {"<=", Relation::at_most},
    {">=", Relation::at_least},
    {"==", Relation::equal},
    {"<", Relation::below},
    {">", Relation::above},
    {"=", Relation::equal},
}};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(' ');
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

const NamedMetric& metric_named(std::string_view name) {
    for (const NamedMetric& each : metrics) {
        if (each.name == name) return each;
    }
    throw RequirementError(
        fmt::format("'{}' is no figure that can be required: {}", name, requirement_help()));
}

double number_of(std::string_view text, const NamedMetric& metric) {
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) {
        throw RequirementError(fmt::format("'{}' is not a number for {}", text, metric.name));
    }
    const std::string_view unit = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
    if (unit.empty()) return number * metric.without_unit;
    for (const NamedUnit& each : units) {
        if (each.name == unit && each.unit == metric.unit) {
            // CPU per message is kept in microseconds, latency in milliseconds.
            return number * each.factor * (metric.metric == Metric::cpu ? 1000 : 1);
        }
    }
    throw RequirementError(fmt::format("'{}' is not a unit of {}", unit, metric.name));
}

Requirement parse_one(std::string_view text) {
    for (const NamedRelation& each : relations) {
        const std::size_t at = text.find(each.name);
        if (at == std::string_view::npos) continue;
        const NamedMetric& metric = metric_named(trimmed(text.substr(0, at)));
        const std::string_view value = trimmed(text.substr(at + each.name.size()));
        return {std::string(text), metric.metric, each.relation, number_of(value, metric)};
    }
    throw RequirementError(
        fmt::format("'{}' compares nothing: write for example 'p99<20ms'", text));
}

}  // namespace

bool Requirement::is_met_by(double value) const noexcept {
    switch (relation) {
        case Relation::below:
            return value < limit;
        case Relation::at_most:
            return value <= limit;
        case Relation::equal:
            return value == limit;
        case Relation::at_least:
            return value >= limit;
        case Relation::above:
            return value > limit;
    }
    return false;
}

std::vector<Requirement> parse_requirements(std::string_view text) {
    std::vector<Requirement> found;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        found.push_back(parse_one(trimmed(text.substr(0, comma))));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return found;
}

bool keeps_up(double rate, double seconds, std::uint64_t messages) noexcept {
    constexpr double least = 0.98;
    return static_cast<double>(messages + 1) >= rate * seconds * least;
}

std::string_view requirement_help() noexcept {
    return "rate (messages/s; k, M), mean, p50, p90, p99, p99.9, max (ms; ns, us, s), errors, "
           "lost, changed, duplicated, reordered, unsolicited, open, cpu (us per message), "
           "memory (bytes; kB, MB, GB, KiB, MiB)";
}

}  // namespace wsecho::loadgen
