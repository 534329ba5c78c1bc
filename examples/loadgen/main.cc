// wsecho-bench: loads a WebSocket server and reports what came back and what it cost.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <variant>

#include "options.h"
#include "report.h"
#include "resource_limit.h"
#include "scenarios.h"

namespace {

using namespace wsecho::loadgen;

Results run_scenario(const Options& options, const std::optional<ServerSampler>& server) {
    Fleet fleet(options.target, options.connections);
    Progress progress;
    Run run{options, server, fleet, progress};
    Results results;
    results.open = open_connections(run);
    if (results.open.opened > 0 && !fleet.is_interrupted()) {
        switch (options.scenario) {
            case Scenario::echo:
                run_echo(run, results);
                break;
            case Scenario::fanout:
                run_fanout(run, results);
                break;
            case Scenario::idle:
                run_idle(run, results);
                break;
            case Scenario::connect:
                if (server) results.resident_bytes = server->resident_bytes();
                break;
        }
    }
    results.interrupted = fleet.is_interrupted();
    results.open_at_end = fleet.open_now();
    results.errors = fleet.errors();
    results.first_problem = fleet.first_problem();
    fleet.close_all();
    return results;
}

int run(const Options& options) {
    const std::uint64_t room = raise_descriptor_limit();
    if (options.connections > room) {
        fmt::print(
            stderr,
            "wsecho-bench: {} connections need {} file descriptors and the hard limit allows "
            "{}: raise it (ulimit -Hn {}) or ask for at most {} connections\n",
            options.connections, options.connections + spare_descriptors, room + spare_descriptors,
            options.connections + spare_descriptors, room);
        return usage_error.value;
    }
    std::optional<ServerSampler> server;
    if (options.server_pid) {
        try {
            server.emplace(*options.server_pid);
        } catch (const std::invalid_argument& error) {
            fmt::print(stderr, "wsecho-bench: --server-pid: {}\n", error.what());
            return usage_error.value;
        }
    }
    if (!options.json_file.empty()) check_json_file(options.json_file);
    const Results results = run_scenario(options, server);
    print_report(options, results);
    if (!options.json_file.empty()) write_json_report(options, results);
    return results.is_clean(options) ? 0 : 1;
}

}  // namespace

int main(int argument_count, char** arguments) {
    try {
        const auto parsed = parse_options(argument_count, arguments);
        if (const auto* status = std::get_if<ExitStatus>(&parsed)) return status->value;
        return run(std::get<Options>(parsed));
    } catch (const TargetError& error) {
        fmt::print(stderr, "wsecho-bench: {}\n", error.what());
        return usage_error.value;
    } catch (const std::exception& error) {
        fmt::print(stderr, "wsecho-bench: {}\n", error.what());
        return 1;
    }
}
