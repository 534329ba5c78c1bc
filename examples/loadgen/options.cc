// The command line.
#include "options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>

namespace wsecho::loadgen {
namespace {

constexpr const char* examples = R"(Scenarios:
  echo     send, wait for the same bytes, send the next
  idle     open the connections and hold them, answering pings
  fanout   one connection sends batches to a server that broadcasts; all must receive all
  connect  open the connections, and report what opening costs the server

Examples:
  wsecho-bench ws://127.0.0.1:9000/ --connections 10000 --size 256 --duration 10
  wsecho-bench ws://127.0.0.1:9000/ --connections 100 --in-flight 32 --server-pid 4711
  wsecho-bench ws://127.0.0.1:9000/ --scenario idle --connections 15000 --duration 60 \
      --server-pid 4711
  wsecho-bench ws://127.0.0.1:9000/ --scenario fanout --connections 5000 --json result.json

Exit status: 0 if every connection opened and no message was lost or changed, 1 if not,
2 if the command line is wrong.
)";

constexpr std::size_t max_size = std::size_t{64} << 20U;

std::chrono::nanoseconds from_seconds(double number) {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::duration<double>(number));
}

}  // namespace

std::string_view name_of(Scenario scenario) noexcept {
    switch (scenario) {
        case Scenario::echo:
            return "echo";
        case Scenario::idle:
            return "idle";
        case Scenario::fanout:
            return "fanout";
        case Scenario::connect:
            return "connect";
    }
    return "";
}

std::variant<Options, ExitStatus> parse_options(int argument_count, const char* const* arguments) {
    Options options;
    double duration = 10;
    double warm_up = 1;
    std::string scenario = "echo";
    bool binary = false;
    const std::map<std::string, Scenario> scenarios{{"echo", Scenario::echo},
                                                    {"idle", Scenario::idle},
                                                    {"fanout", Scenario::fanout},
                                                    {"connect", Scenario::connect}};

    CLI::App app{"Loads a WebSocket server and checks every answer byte for byte.", "wsecho-bench"};
    app.footer(examples);
    app.failure_message([](const CLI::App* /*app*/, const CLI::Error& error) {
        return std::string{"wsecho-bench: "} + error.what() + "; see wsecho-bench --help\n";
    });
    app.add_option("ADDRESS", options.address, "The server, as ws://HOST:PORT/PATH")
        ->required()
        ->type_name("");
    app.add_option("--scenario", scenario, "What to do")
        ->check(CLI::IsMember(scenarios))
        ->capture_default_str();
    app.add_option("--connections", options.connections, "How many to open")
        ->check(CLI::Range(1U, 1'000'000U))
        ->capture_default_str()
        ->type_name("N");
    app.add_option("--size", options.size, "Payload of a message")
        ->check(CLI::Range(std::size_t{0}, max_size))
        ->capture_default_str()
        ->type_name("BYTES");
    app.add_option("--duration", duration, "How long to measure")
        ->check(CLI::Range(0.01, 86400.0))
        ->capture_default_str()
        ->type_name("SECS");
    app.add_option("--warm-up", warm_up, "Load before measuring")
        ->check(CLI::Range(0.0, 86400.0))
        ->capture_default_str()
        ->type_name("SECS");
    app.add_option("--in-flight", options.in_flight, "echo: unanswered messages per connection")
        ->check(CLI::Range(1U, 4096U))
        ->capture_default_str()
        ->type_name("N");
    app.add_flag("--separate-writes", options.separate_writes,
                 "echo: one write per message, not one for all that are due");
    app.add_option("--batch", options.batch, "fanout: messages sent in one write")
        ->check(CLI::Range(1U, 4096U))
        ->capture_default_str()
        ->type_name("N");
    app.add_flag("--binary", binary, "Send binary messages, not text");
    app.add_option("--server-pid", options.server_pid, "Also report what this process uses")
        ->type_name("PID");
    app.add_option("--json", options.json_file, "Write the results to this file as well")
        ->type_name("FILE");

    try {
        app.parse(argument_count, arguments);
        options.target = parse_target(options.address);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? ExitStatus{0} : usage_error;
    } catch (const TargetError& error) {
        fmt::print(stderr, "wsecho-bench: {}\n", error.what());
        return usage_error;
    }
    options.scenario = scenarios.at(scenario);
    options.duration = from_seconds(duration);
    options.warm_up = from_seconds(warm_up);
    options.opcode = binary ? Opcode::binary : Opcode::text;
    return options;
}

}  // namespace wsecho::loadgen
