// An epoll instance whose events carry a 64-bit tag. Edge-triggered: the kernel need not look
// again at each socket that was just served, which saves part of what each message costs.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "net/file_descriptor.h"

namespace wsecho::loadgen {

class Epoll {
  public:
    explicit Epoll(std::size_t events_per_wait);

    // For readable, writable and closed. Whoever serves an event reads until there is no more.
    void add(int descriptor, std::uint64_t tag);

    // Waits to the microsecond where the kernel can (Linux 5.11), else to the millisecond, for
    // a second at most. The events stay valid until the next wait.
    [[nodiscard]] std::span<const epoll_event> wait(std::chrono::nanoseconds at_most);

    // How long all waits took together.
    [[nodiscard]] std::chrono::nanoseconds waited() const noexcept { return waited_; }

  private:
    int wait_once(std::chrono::nanoseconds at_most);

    FileDescriptor descriptor_;
    std::vector<epoll_event> events_;
    std::chrono::nanoseconds waited_{0};
    bool is_precise_ = true;
};

}  // namespace wsecho::loadgen
