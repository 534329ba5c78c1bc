// What the command line asks for.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "frames.h"
#include "target.h"

namespace wsecho::loadgen {

enum class Scenario { echo, idle, fanout, connect };

[[nodiscard]] std::string_view name_of(Scenario scenario) noexcept;

struct Options {
    Scenario scenario = Scenario::echo;
    std::string address;
    Target target;
    std::uint32_t connections = 100;
    std::size_t size = 256;
    std::uint32_t in_flight = 1;
    bool separate_writes = false;
    std::uint32_t batch = 16;
    std::chrono::nanoseconds duration = std::chrono::seconds(10);
    std::chrono::nanoseconds warm_up = std::chrono::seconds(1);
    Opcode opcode = Opcode::text;
    std::optional<pid_t> server_pid;
    std::string json_file;
};

struct ExitStatus {
    int value = 0;
};

inline constexpr ExitStatus usage_error{2};

// Prints help and errors itself, and then says with which status to end.
[[nodiscard]] std::variant<Options, ExitStatus> parse_options(int argument_count,
                                                              const char* const* arguments);

}  // namespace wsecho::loadgen
