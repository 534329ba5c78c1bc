// A limit on one figure of a run, as people write it: 'p99<20ms', 'lost=0', 'rate>=100k'.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace wsecho::loadgen {

struct Requirement {
    enum class Metric {
        rate,
        mean,
        p50,
        p90,
        p99,
        p999,
        max,
        errors,
        lost,
        changed,
        duplicated,
        reordered,
        unsolicited,
        open,
        cpu,
        memory,
    };
    enum class Relation { below, at_most, equal, at_least, above };

    std::string text;  // as it was written
    Metric metric = Metric::p99;
    Relation relation = Relation::below;
    double limit = 0;  // durations in milliseconds, CPU in microseconds, memory in bytes

    [[nodiscard]] bool is_met_by(double value) const noexcept;
};

class RequirementError : public std::invalid_argument {
  public:
    using std::invalid_argument::invalid_argument;
};

// Of a list with commas. Throws RequirementError, whose words name the part that is wrong.
[[nodiscard]] std::vector<Requirement> parse_requirements(std::string_view text);

// Whether that many messages in that time are the asked rate, of messages/s: 98 % of it do, and the
// end of the time may cut one message off, which at a low rate is more than the other 2 %.
[[nodiscard]] bool keeps_up(double rate, double seconds, std::uint64_t messages) noexcept;

// For the help text: each metric with its unit.
[[nodiscard]] std::string_view requirement_help() noexcept;

}  // namespace wsecho::loadgen
