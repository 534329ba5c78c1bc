// What the command line asks for.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "measure/requirement.h"
#include "net/tls.h"
#include "wire/frames.h"
#include "wire/handshake.h"
#include "wire/messages.h"
#include "wire/target.h"

namespace wsecho::loadgen {

enum class Scenario { echo, idle, connect, fanout, slow, storm, mixed };

[[nodiscard]] std::string_view name_of(Scenario scenario) noexcept;

struct Options {
    Scenario scenario = Scenario::echo;
    std::string address;
    Target target;
    std::uint32_t connections = 100;
    std::uint32_t threads = 1;
    std::vector<std::string> sources;

    SizeRange size;
    Opcode opcode = Opcode::text;
    HandshakeOffer offer;
    TlsContext::Trust trust;

    // Messages of a connection that may be unanswered at once. In open loop it only bounds
    // what piles up, and 0 leaves the bound to the program.
    std::uint32_t in_flight = 1;
    bool separate_writes = false;
    std::optional<double> rate;  // messages/s of all connections: open loop
    std::optional<Requirement> capacity;
    std::uint32_t batch = 16;
    bool churn = false;
    double stall_share = 0.1;

    std::chrono::nanoseconds ramp{0};
    std::chrono::nanoseconds warm_up = std::chrono::seconds(1);
    std::chrono::nanoseconds duration = std::chrono::seconds(10);
    std::chrono::nanoseconds timeout = std::chrono::seconds(10);

    std::vector<pid_t> server_pids;
    bool calibrate = false;
    bool quiet = false;
    std::string json_file;
    std::string csv_file;
    std::string hgrm_file;
    std::string html_file;
    std::vector<Requirement> requirements;
    std::vector<std::string> command;  // as it was called

    [[nodiscard]] bool is_open_loop() const noexcept { return rate || capacity; }
    // Whether messages travel, and are counted.
    [[nodiscard]] bool sends() const noexcept {
        return scenario == Scenario::echo || scenario == Scenario::fanout ||
               scenario == Scenario::slow || scenario == Scenario::mixed;
    }
};

}  // namespace wsecho::loadgen
