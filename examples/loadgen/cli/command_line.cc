// The options, from which help, man page and parsing all come.
#include "cli/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <map>

#include "cli/man_page.h"
#include "wire/printable.h"

namespace wsecho::loadgen {
namespace {

constexpr std::size_t max_size = std::size_t{64} << 20U;
// Each takes eight bytes, before it is sent.
constexpr std::uint64_t max_in_flight = std::uint64_t{64} << 20U;

// As they are typed, before they are checked together.
struct Typed {
    double ramp = 0;
    double warm_up = 1;
    double duration = 10;
    double timeout = 10;
    std::string scenario = "echo";
    std::string size = "256";
    double rate = 0;
    std::string capacity;
    std::string sources;
    std::vector<std::string> requirements;
    bool binary = false;
    bool man = false;
};

class WrongOption : public std::invalid_argument {
  public:
    using std::invalid_argument::invalid_argument;
};

const std::map<std::string, Scenario>& scenarios() {
    static const std::map<std::string, Scenario> names{
        {"echo", Scenario::echo},     {"idle", Scenario::idle}, {"connect", Scenario::connect},
        {"fanout", Scenario::fanout}, {"slow", Scenario::slow}, {"storm", Scenario::storm},
        {"mixed", Scenario::mixed}};
    return names;
}

std::chrono::nanoseconds from_seconds(double number) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(number));
}

std::size_t parse_bytes(std::string_view text) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number > max_size) {
        throw WrongOption(
            fmt::format("--size: '{}' is not a number of bytes from 0 to {}, nor a range MIN-MAX",
                        text, max_size));
    }
    return number;
}

SizeRange parse_size(std::string_view text) {
    const std::size_t dash = text.find('-', 1);
    if (dash == std::string_view::npos) {
        const std::size_t size = parse_bytes(text);
        return {size, size};
    }
    const SizeRange range{parse_bytes(text.substr(0, dash)), parse_bytes(text.substr(dash + 1))};
    if (range.min > range.max) throw WrongOption(fmt::format("--size: '{}' is empty", text));
    return range;
}

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        parts.emplace_back(text.substr(0, comma));
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

std::vector<Requirement> requirements_of(std::string_view option, const std::string& list) {
    try {
        return parse_requirements(list);
    } catch (const std::invalid_argument& error) {
        throw WrongOption(fmt::format("{}: {}", option, error.what()));
    }
}

void check_headers(const std::vector<std::string>& headers) {
    for (const std::string& header : headers) {
        const bool is_printable = std::all_of(header.begin(), header.end(), [](char character) {
            return character == '\t' || (character >= ' ' && character != '\x7f');
        });
        const std::size_t colon = header.find(':');
        if (!is_printable || colon == 0 || colon == std::string::npos) {
            throw WrongOption(
                fmt::format("--header: '{}' is not 'Name: value'", printable(header)));
        }
    }
}

void add_what(CLI::App& app, Options& options, Typed& typed) {
    app.add_option("ADDRESS", options.address, "The server: ws://HOST:PORT/PATH or wss://...")
        ->type_name("");
    app.add_option("--scenario", typed.scenario,
                   "echo, idle, connect, fanout, slow, storm or mixed: see below")
        ->check(CLI::IsMember(scenarios()))
        ->capture_default_str()
        ->type_name("NAME");
    app.add_option("--connections", options.connections, "How many to open")
        ->check(CLI::Range(1U, 1'000'000U))
        ->capture_default_str()
        ->type_name("N");
    app.add_option("--in-flight", options.in_flight,
                   "Unanswered messages per connection. In open loop only a bound on what piles "
                   "up; 0, its default there, leaves it to the program")
        ->check(CLI::Range(0U, 65536U))
        ->capture_default_str()
        ->type_name("N");
    app.add_option("--rate", typed.rate,
                   "Open loop: so many messages/s over all connections, due at even times and "
                   "sent whether or not earlier ones were answered; latency counts from the due "
                   "time")
        ->check(CLI::Range(0.001, 1e8))
        ->type_name("R");
    app.add_option("--capacity", typed.capacity,
                   "Open loop with a rate that grows until the limit, as p99<20ms, does not hold")
        ->type_name("LIMIT");
    app.add_flag("--separate-writes", options.separate_writes,
                 "One write per message, not one for all that are due");
    app.add_option("--batch", options.batch, "fanout: messages published in one write")
        ->check(CLI::Range(1U, 4096U))
        ->capture_default_str()
        ->type_name("N");
    app.add_flag("--churn", options.churn, "connect: close and reconnect as long as it lasts");
    app.add_option("--stall-share", options.stall_share,
                   "slow: the share of connections that never read")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str()
        ->type_name("SHARE");
}

void add_how(CLI::App& app, Options& options, Typed& typed) {
    app.add_option("--size", typed.size, "Payload of a message, or a range of sizes MIN-MAX")
        ->capture_default_str()
        ->type_name("BYTES");
    app.add_flag("--binary", typed.binary, "Send binary messages, not text");
    app.add_option("--subprotocol", options.offer.subprotocol, "Offer it, and insist on it")
        ->type_name("NAME");
    app.add_option("--header", options.offer.headers, "Send it with the handshake; repeatable")
        ->type_name("LINE")
        ->take_all();
    app.add_flag("--deflate", options.offer.deflate,
                 "Offer permessage-deflate without context takeover, and insist on it");
    app.add_flag("--insecure", options.trust.anything, "wss: take any certificate");
    app.add_option("--ca", options.trust.authority_file,
                   "wss: trust the certificates in this file (PEM), not the system's")
        ->type_name("FILE");
    app.add_option("--source-ip", typed.sources,
                   "Addresses to connect from, in turn, with commas between them. To a loopback "
                   "address the default is 127.0.0.2 and up, one for 1,000 connections")
        ->type_name("LIST");
    app.add_option("--threads", options.threads, "Each serves its share of the connections")
        ->check(CLI::Range(1U, 256U))
        ->capture_default_str()
        ->type_name("N");
}

void add_when(CLI::App& app, Typed& typed) {
    const auto time = [&app](const char* name, double& value, const char* words, double least) {
        app.add_option(name, value, words)
            ->check(CLI::Range(least, 86400.0))
            ->capture_default_str()
            ->type_name("SECS");
    };
    time("--ramp", typed.ramp, "Spread the opening over this time; 0: as fast as it goes", 0);
    time("--warm-up", typed.warm_up, "Load before measuring", 0);
    time("--duration", typed.duration, "How long to measure; with --capacity, each step", 0.01);
    time("--timeout", typed.timeout, "A message unanswered for so long is lost", 0.01);
}

void add_output(CLI::App& app, Options& options, Typed& typed) {
    app.add_option("--server-pid", options.server_pids,
                   "Also report what this process uses; repeatable, and added up")
        ->type_name("PID")
        ->take_all();
    app.add_flag("--calibrate", options.calibrate,
                 "Load wsecho-floor, the least a server can do, in place of ADDRESS: what the "
                 "generator itself can do here");
    app.add_option("--json", options.json_file, "Write all results to this file")
        ->type_name("FILE");
    app.add_option("--csv", options.csv_file, "Write a line for each second to this file")
        ->type_name("FILE");
    app.add_option("--hgrm", options.hgrm_file,
                   "Write the latency distribution to this file, as HdrHistogram does")
        ->type_name("FILE");
    app.add_option("--html", options.html_file, "Write a page with plots to this file")
        ->type_name("FILE");
    app.add_option(
           "--require", typed.requirements,
           fmt::format("Fail unless these hold, as 'p99<20ms,lost=0'. Of: {}", requirement_help()))
        ->type_name("LIST")
        ->take_all();
    app.add_flag("--quiet", options.quiet, "No progress and no notes on standard error");
    app.add_flag("--man", typed.man, "Print this as a man page (roff)");
    app.set_version_flag("--version", "wsecho-bench " WSECHO_BENCH_VERSION);
}

void check_together(const CLI::App& app, const Options& options) {
    const auto only_for = [&](const char* option, bool fits, const char* scenario) {
        if (app.count(option) > 0 && !fits) {
            throw WrongOption(fmt::format("{} belongs to --scenario {}", option, scenario));
        }
    };
    only_for("--batch", options.scenario == Scenario::fanout, "fanout");
    only_for("--churn", options.scenario == Scenario::connect, "connect");
    only_for("--stall-share", options.scenario == Scenario::slow, "slow");
    const bool echoes = options.sends() && options.scenario != Scenario::fanout;
    only_for("--rate", echoes, "echo, slow or mixed");
    only_for("--in-flight", echoes, "echo, slow or mixed");
    only_for("--capacity", options.scenario == Scenario::echo, "echo");
    if (std::uint64_t{options.in_flight} * options.connections > max_in_flight) {
        throw WrongOption(
            fmt::format("--in-flight: {} on each of {} connections is more than {} messages in all",
                        options.in_flight, options.connections, max_in_flight));
    }
    if (options.in_flight == 0 && !options.is_open_loop()) {
        throw WrongOption("--in-flight: 0 is for open loops only (--rate)");
    }
}

Options checked(const CLI::App& app, Options options, const Typed& typed) {
    options.scenario = scenarios().at(typed.scenario);
    options.size = parse_size(typed.size);
    options.opcode = typed.binary ? Opcode::binary : Opcode::text;
    options.ramp = from_seconds(typed.ramp);
    options.warm_up = from_seconds(typed.warm_up);
    options.duration = from_seconds(typed.duration);
    options.timeout = from_seconds(typed.timeout);
    options.sources = split(typed.sources);
    if (typed.rate > 0) options.rate = typed.rate;
    if (!typed.capacity.empty()) {
        const auto limits = requirements_of("--capacity", typed.capacity);
        if (limits.size() != 1 || limits.front().metric < Requirement::Metric::mean ||
            limits.front().metric > Requirement::Metric::max) {
            throw WrongOption("--capacity: give one limit on latency, as 'p99<20ms'");
        }
        options.capacity = limits.front();
    }
    for (const std::string& list : typed.requirements) {
        for (Requirement& each : requirements_of("--require", list))
            options.requirements.push_back(std::move(each));
    }
    if (options.is_open_loop() && app.count("--in-flight") == 0) options.in_flight = 0;
    check_headers(options.offer.headers);
    check_together(app, options);
    if (options.calibrate) {
        if (!options.address.empty()) throw WrongOption("--calibrate brings its own server");
        if (options.scenario != Scenario::echo) throw WrongOption("--calibrate is for echo");
    } else if (options.address.empty()) {
        throw WrongOption("ADDRESS is required");
    } else {
        options.target = parse_target(options.address);
    }
    return options;
}

ExitStatus say_wrong(std::string_view words) {
    fmt::print(stderr, "wsecho-bench: {}; see wsecho-bench --help\n", words);
    return usage_error;
}

Command parse_comparison(int argument_count, const char* const* arguments) {
    Comparison comparison;
    CLI::App app{"Two results of wsecho-bench --json, side by side.", "wsecho-bench compare"};
    app.add_option("A", comparison.left, "The one to compare with")->required()->type_name("FILE");
    app.add_option("B", comparison.right, "The other one")->required()->type_name("FILE");
    app.footer("Example:\n  wsecho-bench compare before.json after.json\n");
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::Success& success) {
        return ExitStatus{app.exit(success)};
    } catch (const CLI::ParseError& error) {
        fmt::print(stderr, "wsecho-bench: {}; see wsecho-bench compare --help\n", error.what());
        return usage_error;
    }
    return comparison;
}

}  // namespace

std::string_view name_of(Scenario scenario) noexcept {
    for (const auto& [name, each] : scenarios()) {
        if (each == scenario) return name;
    }
    return "";
}

Command parse_command(int argument_count, const char* const* arguments) {
    const std::vector<std::string> words(arguments, arguments + argument_count);
    if (words.size() > 1 && words[1] == "compare") {
        return parse_comparison(argument_count - 1, arguments + 1);
    }
    if (words.size() > 1 && words[1] == "suite") {
        if (words.size() < 3) return say_wrong("suite: which one? There is 'reference'");
        return Suite{words[2], {words.begin() + 3, words.end()}};
    }

    Options options;
    Typed typed;
    CLI::App app{"Loads a WebSocket server and checks every answer byte for byte.", "wsecho-bench"};
    app.footer(help_footer());
    add_what(app, options, typed);
    add_how(app, options, typed);
    add_when(app, typed);
    add_output(app, options, typed);
    try {
        app.parse(argument_count, arguments);
        if (typed.man) {
            fmt::print("{}", man_page(app));
            return ExitStatus{0};
        }
        options.command = words;
        return checked(app, std::move(options), typed);
    } catch (const CLI::Success& success) {
        return ExitStatus{app.exit(success)};
    } catch (const CLI::ParseError& error) {
        return say_wrong(error.what());
    } catch (const std::invalid_argument& error) {
        return say_wrong(error.what());
    }
}

}  // namespace wsecho::loadgen
