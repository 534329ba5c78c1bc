// The table on the terminal.
#include "report.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace wsecho::loadgen {
namespace {

constexpr double max_busy_percent = 90;

enum class Tone { plain, good, bad };

class Table {
  public:
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the program has one thread
    Table() : colour_(::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr) {}

    void row(std::string_view name, std::string_view value, Tone tone = Tone::plain) const {
        const std::string_view start = !colour_ || tone == Tone::plain ? ""
                                       : tone == Tone::good            ? "\x1b[32m"
                                                                       : "\x1b[31m";
        fmt::print("  {:<28}{}{:>24}{}\n", name, start, value, start.empty() ? "" : "\x1b[0m");
    }

  private:
    bool colour_;
};

std::string grouped(std::uint64_t number) {
    const std::string digits = std::to_string(number);
    std::string text;
    for (std::size_t left = digits.size(); left > 0; --left) {
        text.push_back(digits[digits.size() - left]);
        if (left > 1 && left % 3 == 1) text.push_back(',');
    }
    return text;
}

std::string milliseconds(Histogram::Duration duration) {
    return fmt::format("{:.3f} ms", std::chrono::duration<double, std::milli>(duration).count());
}

Tone tone_of_count(std::uint64_t bad) {
    return bad == 0 ? Tone::good : Tone::bad;
}

void print_messages(const Table& table, const Options& options, const Results& results) {
    const bool fanout = options.scenario == Scenario::fanout;
    table.row(fanout ? "deliveries" : "messages", grouped(results.messages));
    table.row(fanout ? "deliveries/s" : "messages/s",
              grouped(static_cast<std::uint64_t>(results.messages_per_second())));
    if (results.rounds) table.row("batches received by all", grouped(*results.rounds));
    const Histogram& latency = results.latency;
    table.row("latency mean", milliseconds(latency.mean()));
    table.row("latency p50", milliseconds(latency.percentile(0.5)));
    table.row("latency p99", milliseconds(latency.percentile(0.99)));
    table.row("latency p99.9", milliseconds(latency.percentile(0.999)));
    table.row("latency max", milliseconds(latency.max()));
}

void print_server(const Table& table, const Options& options, const Results& results) {
    if (results.server_cpu_us_per_message) {
        table.row(options.scenario == Scenario::fanout ? "server CPU per delivery"
                                                       : "server CPU per message",
                  fmt::format("{:.3f} µs", *results.server_cpu_us_per_message));
    }
    if (results.open.server_cpu_us_per_connection) {
        table.row("server CPU per connect",
                  fmt::format("{:.1f} µs", *results.open.server_cpu_us_per_connection));
    }
    if (results.resident_bytes) {
        table.row("server memory", fmt::format("{} KiB", grouped(*results.resident_bytes / 1024)));
    }
    if (results.open.bytes_per_connection) {
        table.row("memory per idle connection",
                  fmt::format("{:.0f} bytes", *results.open.bytes_per_connection));
    }
    if (results.open.descriptors) {
        table.row("server descriptors", grouped(*results.open.descriptors));
    }
}

void print_idle(const Table& table, const IdleOutcome& idle) {
    if (idle.server_cpu_percent) {
        table.row("server CPU while idle", fmt::format("{:.2f} %", *idle.server_cpu_percent));
    }
    if (idle.bytes_per_connection_at_end) {
        table.row("memory per connection, end",
                  fmt::format("{:.0f} bytes", *idle.bytes_per_connection_at_end));
    }
    table.row("pings answered", grouped(idle.pings_answered));
}

std::string headline(const Options& options, const Results& results) {
    std::string text = fmt::format("{} of {} on {} connections", name_of(options.scenario),
                                   options.address, grouped(options.connections));
    const std::string_view kind = options.opcode == Opcode::binary ? "binary" : "text";
    if (options.scenario == Scenario::echo) {
        text +=
            fmt::format(", {} bytes of {}, {} in flight each{}", grouped(options.size), kind,
                        options.in_flight, options.separate_writes ? ", a write per message" : "");
    } else if (options.scenario == Scenario::fanout) {
        text += fmt::format(", batches of {} × {} bytes of {}", options.batch,
                            grouped(options.size), kind);
    }
    if (results.seconds > 0) text += fmt::format(", {:.1f} s", results.seconds);
    return text;
}

}  // namespace

void print_report(const Options& options, const Results& results) {
    const Table table;
    const bool ran = results.seconds > 0;
    const bool sends =
        ran && (options.scenario == Scenario::echo || options.scenario == Scenario::fanout);
    fmt::print("{}{}\n\n", headline(options, results), results.interrupted ? " (ended early)" : "");
    table.row("connections open",
              fmt::format("{} of {}", grouped(results.open.opened), grouped(options.connections)),
              results.open.opened == options.connections ? Tone::good : Tone::bad);
    table.row("opened in", fmt::format("{:.2f} s", results.open.seconds));
    if (sends) print_messages(table, options, results);
    print_server(table, options, results);
    if (results.idle) print_idle(table, *results.idle);
    table.row("errors", grouped(results.errors), tone_of_count(results.errors));
    if (sends) {
        table.row("lost", grouped(results.lost), tone_of_count(results.lost));
        table.row("changed", grouped(results.changed), tone_of_count(results.changed));
    }
    if (ran) {
        table.row("generator CPU", fmt::format("{:.0f} %", results.generator_cpu_percent));
        table.row("generator busy", fmt::format("{:.0f} %", results.generator_busy_percent));
    }
    fmt::print("\n");
    std::fflush(stdout);

    if (!results.first_problem.empty()) {
        fmt::print(stderr, "wsecho-bench: first error: {}\n", results.first_problem);
    }
    if (results.messages > 0 && results.generator_busy_percent > max_busy_percent) {
        fmt::print(stderr,
                   "wsecho-bench: warning: the generator was busy {:.0f}% of the time, so it may "
                   "have been the bottleneck, not the server\n",
                   results.generator_busy_percent);
    }
}

}  // namespace wsecho::loadgen
