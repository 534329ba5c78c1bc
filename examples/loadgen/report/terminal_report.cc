// The report that people read first.
#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "report/format.h"
#include "report/reports.h"
#include "report/table.h"

namespace wsecho::loadgen {
namespace {

std::string size_of(const SizeRange& size) {
    if (size.is_single()) return fmt::format("{} bytes", grouped(size.min));
    return fmt::format("{} to {} bytes", grouped(size.min), grouped(size.max));
}

std::string headline(const Options& options, const Results& results) {
    std::string text = fmt::format("{} of {} on {} connections", name_of(options.scenario),
                                   options.address, grouped(options.connections));
    const std::string_view kind = options.opcode == Opcode::binary ? "binary" : "text";
    if (options.scenario == Scenario::fanout) {
        text +=
            fmt::format(", batches of {} × {} of {}", options.batch, size_of(options.size), kind);
    } else if (options.sends()) {
        text += fmt::format(", {} of {}", size_of(options.size), kind);
        if (options.rate) {
            text += fmt::format(", open loop at {:.0f}/s", *options.rate);
        } else if (options.capacity) {
            text += ", open loop at rising rates";
        } else {
            text += fmt::format(", closed loop with {} in flight each{}", options.in_flight,
                                options.separate_writes ? ", a write per message" : "");
        }
    }
    if (options.offer.deflate) text += ", deflated";
    if (options.threads > 1) text += fmt::format(", {} threads", options.threads);
    if (results.seconds > 0) text += fmt::format(", {:.1f} s", results.seconds);
    return text;
}

void print_latency(const Table& table, std::string_view name, const Histogram& latency) {
    if (latency.count() == 0) return;
    const auto row = [&](std::string_view which, std::chrono::nanoseconds value) {
        table.row(fmt::format("{} {}", name, which), readable(value));
    };
    row("mean", latency.mean());
    row("p50", latency.percentile(0.5));
    row("p90", latency.percentile(0.9));
    row("p99", latency.percentile(0.99));
    row("p99.9", latency.percentile(0.999));
    row("max", latency.max());
}

void print_messages(const Table& table, const Options& options, const Results& results) {
    const bool fanout = options.scenario == Scenario::fanout;
    table.row(fanout ? "deliveries" : "messages", grouped(results.total.messages));
    table.row(fanout ? "deliveries/s" : "messages/s",
              grouped(static_cast<std::uint64_t>(results.messages_per_second())));
    if (results.fanout) {
        table.row("batches received by all", grouped(results.fanout->rounds));
        if (results.fanout->rounds > 0) {
            table.row("to the first delivery p50", readable(results.fanout->first.percentile(0.5)));
            table.row("to the last delivery p50", readable(results.fanout->last.percentile(0.5)));
            table.row("to the last delivery p99", readable(results.fanout->last.percentile(0.99)));
        }
    }
    print_latency(table, "latency", results.total.latency);
    if (options.is_open_loop()) {
        table.row("schedule lag p50", readable(results.total.lag.percentile(0.5)));
        table.row("schedule lag p99", readable(results.total.lag.percentile(0.99)));
    } else if (!fanout) {
        table.row("longest silence", readable(results.total.silence));
    }
}

void print_handshakes(const Table& table, const Options& options, const Results& results) {
    const Histogram& handshakes = results.total.handshakes;
    if (handshakes.count() > 0 && results.seconds > 0) {
        table.row("handshakes", grouped(handshakes.count()));
        table.row("handshakes/s", grouped(static_cast<std::uint64_t>(
                                      static_cast<double>(handshakes.count()) / results.seconds)));
    }
    if (results.storm && !results.storm->recovery_seconds.empty()) {
        const auto& times = results.storm->recovery_seconds;
        double longest = 0;
        for (const double time : times)
            longest = std::max(longest, time);
        table.row("storms", grouped(times.size()));
        table.row("slowest until all were back", fmt::format("{:.3f} s", longest));
    }
    if (!options.sends()) print_latency(table, "handshake", results.latency(options));
}

void print_server(const Table& table, const Options& options, const Results& results) {
    const ServerOutcome& server = results.server;
    if (server.cpu_us_per_message) {
        table.row(options.scenario == Scenario::fanout ? "server CPU per delivery"
                                                       : "server CPU per message",
                  fmt::format("{:.3f} µs", *server.cpu_us_per_message));
    }
    if (server.cpu_percent) table.row("server CPU", fmt::format("{:.2f} %", *server.cpu_percent));
    if (results.open.server_cpu_us_per_connection) {
        table.row("server CPU per connect",
                  fmt::format("{:.1f} µs", *results.open.server_cpu_us_per_connection));
    }
    if (server.resident_bytes) {
        table.row("server memory", fmt::format("{} KiB", grouped(*server.resident_bytes / 1024)));
    }
    if (results.open.bytes_per_connection) {
        table.row("memory per idle connection",
                  fmt::format("{:.0f} bytes", *results.open.bytes_per_connection));
    }
    if (server.bytes_per_connection) {
        table.row("memory per connection, end",
                  fmt::format("{:.0f} bytes", *server.bytes_per_connection));
    }
    if (results.open.descriptors) {
        table.row("server descriptors", grouped(*results.open.descriptors));
    }
    if (server.voluntary_switches && server.involuntary_switches) {
        table.row("server context switches",
                  fmt::format("{} + {}", grouped(*server.voluntary_switches),
                              grouped(*server.involuntary_switches)));
    }
}

void print_counts(const Table& table, const Options& options, const Results& results) {
    const Fleet::Counts& counts = results.counts;
    table.count("errors", counts.errors);
    for (const auto& [cause, count] : counts.failed.counts())
        fmt::print("    {:>8} × not opened: {}\n", grouped(count), cause);
    for (const auto& [cause, count] : counts.closed.counts())
        fmt::print("    {:>8} × closed: {}\n", grouped(count), cause);
    if (!options.sends()) return;
    table.count("lost", results.verdicts.lost);
    table.count("changed", results.verdicts.changed);
    table.count("duplicated", results.verdicts.duplicated);
    table.count("reordered", results.verdicts.reordered);
    table.count("unsolicited", results.verdicts.unsolicited);
}

void print_capacity(const Options& options, const CapacityOutcome& capacity) {
    fmt::print("\n  {:>12} {:>12} {:>12} {:>12} {:>12}\n", "asked/s", "messages/s", "p50", "p99",
               "server CPU");
    for (const CapacityStep& step : capacity.steps) {
        fmt::print("  {:>12.0f} {:>12.0f} {:>12} {:>12} {:>12} {}\n", step.rate,
                   step.messages_per_second, readable(step.p50), readable(step.p99),
                   step.server_cpu_percent ? fmt::format("{:.0f} %", *step.server_cpu_percent) : "",
                   step.passed ? "held" : "passed the limit");
    }
    if (capacity.knee_rate) {
        fmt::print("\n  {} holds up to {} messages/s.\n", options.capacity->text,
                   grouped(static_cast<std::uint64_t>(*capacity.knee_rate)));
    } else {
        fmt::print("\n  {} holds at no rate that was tried.\n", options.capacity->text);
    }
}

void print_what_needs_attention(const Options& options, const Results& results) {
    if (!results.counts.first_problem.empty()) {
        fmt::print(stderr, "wsecho-bench: first error: {}\n", results.counts.first_problem);
    }
    if (!results.ended_early.empty()) {
        fmt::print(stderr, "wsecho-bench: ended early: {}\n", results.ended_early);
    }
    for (const std::string& warning : results.warnings)
        fmt::print(stderr, "wsecho-bench: warning: {}\n", warning);
    for (const RequirementOutcome& outcome : results.requirements) {
        if (outcome.met) continue;
        fmt::print(stderr, "wsecho-bench: not met: {} ({})\n", outcome.requirement.text,
                   outcome.value ? fmt::format("it was {:.3f}", *outcome.value) : "not measured");
    }
    if (options.sends() && !options.is_open_loop() && options.scenario != Scenario::fanout &&
        !options.quiet) {
        fmt::print(stderr,
                   "wsecho-bench: note: a closed loop waits for the server, so its latency leaves "
                   "out what would have been sent meanwhile; --rate measures that too\n");
    }
}

}  // namespace

void print_report(const Options& options, const Results& results) {
    const Table table;
    const bool ran = results.seconds > 0;
    fmt::print("{}{}\n\n", headline(options, results), results.interrupted ? " (ended early)" : "");
    table.row("connections open",
              fmt::format("{} of {}", grouped(results.open.opened), grouped(options.connections)),
              results.open.opened == options.connections ? Tone::good : Tone::bad);
    table.row("opened in", fmt::format("{:.2f} s", results.open.seconds));
    if (ran && options.sends()) print_messages(table, options, results);
    print_handshakes(table, options, results);
    print_server(table, options, results);
    if (options.scenario == Scenario::idle) {
        table.row("pings answered", grouped(results.counts.pings_answered));
    }
    print_counts(table, options, results);
    if (ran) {
        table.row("generator CPU", fmt::format("{:.0f} %", results.generator.cpu_percent));
        if (results.generator.cpu_us_per_message) {
            table.row("generator CPU per message",
                      fmt::format("{:.3f} µs", *results.generator.cpu_us_per_message));
        }
        table.row("generator busy", fmt::format("{:.0f} %", results.generator.busy_percent));
    }
    for (const RequirementOutcome& outcome : results.requirements) {
        table.row(outcome.requirement.text, outcome.met ? "met" : "not met",
                  outcome.met ? Tone::good : Tone::bad);
    }
    if (results.capacity) print_capacity(options, *results.capacity);
    fmt::print("\n");
    std::fflush(stdout);
    print_what_needs_attention(options, results);
}

}  // namespace wsecho::loadgen
