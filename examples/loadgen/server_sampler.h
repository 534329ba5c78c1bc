// What the server uses, read from /proc: CPU time, resident memory, open descriptors.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace wsecho::loadgen {

class ServerSampler {
  public:
    // Throws std::invalid_argument when there is no such process or it may not be looked at.
    explicit ServerSampler(pid_t server);

    // Each is nothing once the server has ended.
    [[nodiscard]] std::optional<std::chrono::nanoseconds> cpu_time() const;  // of all threads
    [[nodiscard]] std::optional<std::uint64_t> resident_bytes() const;
    [[nodiscard]] std::optional<std::uint64_t> descriptors() const;

  private:
    std::string directory_;
};

}  // namespace wsecho::loadgen
