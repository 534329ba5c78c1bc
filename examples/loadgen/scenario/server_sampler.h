// What the server uses, read from /proc: CPU time, resident memory, descriptors, switches.
// Of several processes it is the sum.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wsecho::loadgen {

struct ContextSwitches {
    std::uint64_t voluntary = 0;    // it waited
    std::uint64_t involuntary = 0;  // its time was up

    ContextSwitches& operator+=(const ContextSwitches& other) noexcept {
        voluntary += other.voluntary;
        involuntary += other.involuntary;
        return *this;
    }
};

class ServerSampler {
  public:
    // Throws std::invalid_argument when there is no such process or it may not be looked at.
    explicit ServerSampler(const std::vector<pid_t>& servers);

    // Each is nothing once a server has ended.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> cpu_time() const;  // of all threads
    [[nodiscard]] std::optional<std::uint64_t> resident_bytes() const;
    [[nodiscard]] std::optional<std::uint64_t> descriptors() const;
    [[nodiscard]] std::optional<ContextSwitches> switches() const;

  private:
    std::vector<std::string> directories_;
};

}  // namespace wsecho::loadgen
