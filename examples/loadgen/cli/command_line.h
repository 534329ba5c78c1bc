// The command line: its options, its help, its man page.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "scenario/options.h"

namespace wsecho::loadgen {

struct ExitStatus {
    int value = 0;
};

// 0: nothing went wrong; 1: something did, or a requirement was not met.
inline constexpr ExitStatus usage_error{2};

// What to do instead of a run.
struct Comparison {
    std::string left;
    std::string right;
};
struct Suite {
    std::string name;
    std::vector<std::string> arguments;
};

using Command = std::variant<Options, Comparison, Suite, ExitStatus>;

// Prints help and errors itself, and then says with which status to end.
[[nodiscard]] Command parse_command(int argument_count, const char* const* arguments);

}  // namespace wsecho::loadgen
