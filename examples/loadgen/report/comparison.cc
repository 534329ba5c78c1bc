// The figures that are compared, and how they are printed.
#include "report/comparison.h"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "wire/printable.h"

namespace wsecho::loadgen {
namespace {

using Json = nlohmann::json;

struct Figure {
    std::string_view name;
    std::string_view pointer;  // where it stands (RFC 6901)
    std::string_view unit;
};

constexpr std::array<Figure, 24> figures{{
    {"connections open", "/connections", ""},
    {"opened in", "/connect/seconds", "s"},
    {"messages/s", "/messages_per_second", ""},
    {"latency mean", "/latency_ms/mean", "ms"},
    {"latency p50", "/latency_ms/p50", "ms"},
    {"latency p90", "/latency_ms/p90", "ms"},
    {"latency p99", "/latency_ms/p99", "ms"},
    {"latency p99.9", "/latency_ms/p999", "ms"},
    {"latency max", "/latency_ms/max", "ms"},
    {"schedule lag p99", "/schedule_lag_ms/p99", "ms"},
    {"to the last delivery p50", "/fanout/last_ms/p50", "ms"},
    {"server CPU per message", "/server/cpu_us_per_message", "µs"},
    {"server CPU", "/server/cpu_percent", "%"},
    {"server CPU per connect", "/connect/server_cpu_us_per_connection", "µs"},
    {"server memory", "/server/rss_bytes", "bytes"},
    {"memory per idle connection", "/server/bytes_per_connection", "bytes"},
    {"errors", "/errors", ""},
    {"lost", "/lost", ""},
    {"changed", "/changed", ""},
    {"duplicated", "/duplicated", ""},
    {"reordered", "/reordered", ""},
    {"unsolicited", "/unsolicited", ""},
    {"generator CPU per message", "/generator_cpu_us_per_message", "µs"},
    {"generator busy", "/generator_busy_percent", "%"},
}};

Json read(const std::string& name) {
    std::ifstream file(name);
    if (!file) throw std::invalid_argument(fmt::format("cannot read {}", name));
    std::ostringstream text;
    text
        << file.rdbuf();  // unlike the parser's own reading, content with a folder, as with nothing
    Json json = Json::parse(text.str(), nullptr, false);
    if (!json.is_object() || !json.contains("latency_ms")) {
        throw std::invalid_argument(fmt::format("{} is no result of wsecho-bench --json", name));
    }
    return json;
}

std::optional<double> number_at(const Json& json, std::string_view pointer) {
    const Json::json_pointer place{std::string(pointer)};
    if (!json.contains(place) || !json.at(place).is_number()) return std::nullopt;
    return json.at(place).get<double>();
}

std::string text_of(std::optional<double> number) {
    if (!number) return "-";
    if (*number == static_cast<double>(static_cast<long long>(*number))) {
        return fmt::format("{:.0f}", *number);
    }
    return fmt::format("{:.3f}", *number);
}

// What was asked for: results that differ in it compare apples with pears.
std::string question(const Json& json) {
    const auto text = [&](const char* key) {
        const bool there = json.contains(key) && json[key].is_string();
        return there ? printable(json[key].get<std::string>()) : "";
    };
    return fmt::format("{} of {}, {} connections, {} {} {}", text("scenario"), text("address"),
                       text_of(number_at(json, "/connections_asked")), text("loop"),
                       text("started"), text("version"));
}

}  // namespace

void print_comparison(const std::string& left, const std::string& right) {
    const Json a = read(left);
    const Json b = read(right);
    fmt::print("A: {}\n   {}\nB: {}\n   {}\n\n", left, question(a), right, question(b));
    fmt::print("  {:<28}{:>16}{:>16}{:>10}\n", "", "A", "B", "B/A");
    for (const Figure& figure : figures) {
        const auto first = number_at(a, figure.pointer);
        const auto second = number_at(b, figure.pointer);
        if (!first && !second) continue;
        const std::string ratio = first && second && *first != 0
                                      ? fmt::format("{:.3f}", *second / *first)
                                      : std::string();
        fmt::print("  {:<28}{:>16}{:>16}{:>10}  {}\n", figure.name, text_of(first), text_of(second),
                   ratio, figure.unit);
    }
}

}  // namespace wsecho::loadgen
