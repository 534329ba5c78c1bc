// wsecho-bench: loads a WebSocket server and reports what came back and what it cost.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <variant>

#include "cli/calibration.h"
#include "cli/command_line.h"
#include "cli/suite.h"
#include "report/comparison.h"
#include "report/live_line.h"
#include "report/reports.h"
#include "scenario/run.h"

namespace {

using namespace wsecho::loadgen;

ExitStatus run(Options options) {
    std::optional<Floor> floor;
    if (options.calibrate) floor.emplace(options);
    check_files(options);
    LiveLine line(options.quiet);
    Run run(options, [&line](const Moment& moment) { line.show(moment); });
    Results results = run.perform();
    line.clear();
    judge(options, results);
    print_report(options, results);
    write_files(options, results);
    bool fine = results.is_clean(options);
    for (const RequirementOutcome& outcome : results.requirements)
        fine = fine && outcome.met;
    return {fine ? 0 : 1};
}

ExitStatus perform(Command command) {
    if (auto* const options = std::get_if<Options>(&command)) return run(std::move(*options));
    if (const auto* const files = std::get_if<Comparison>(&command)) {
        print_comparison(files->left, files->right);
        return {0};
    }
    if (const auto* const suite = std::get_if<Suite>(&command)) return run_suite(*suite);
    return std::get<ExitStatus>(command);
}

}  // namespace

int main(int argument_count, char** arguments) {
    try {
        return perform(parse_command(argument_count, arguments)).value;
    } catch (const std::invalid_argument& error) {  // an address, a process, a file that is wrong
        fmt::print(stderr, "wsecho-bench: {}\n", error.what());
        return usage_error.value;
    } catch (const CannotRun& error) {
        fmt::print(stderr, "wsecho-bench: {}\n", error.what());
        return usage_error.value;
    } catch (const std::exception& error) {
        fmt::print(stderr, "wsecho-bench: {}\n", error.what());
        return 1;
    }
}
