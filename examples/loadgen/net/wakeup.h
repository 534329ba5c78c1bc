// Ends a wait in epoll from another thread.
#pragma once

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "net/file_descriptor.h"

namespace wsecho::loadgen {

class Wakeup {
  public:
    Wakeup() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
        if (!descriptor_.is_open()) {
            throw std::system_error(errno, std::generic_category(), "eventfd");
        }
    }

    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

    void ring() const noexcept {
        const std::uint64_t one = 1;
        // It fails only when it has rung four billion times unheard.
        [[maybe_unused]] const ssize_t size = ::write(descriptor_.get(), &one, sizeof one);
    }
    void take() const noexcept {
        std::uint64_t rung = 0;
        [[maybe_unused]] const ssize_t size = ::read(descriptor_.get(), &rung, sizeof rung);
    }

  private:
    FileDescriptor descriptor_;
};

}  // namespace wsecho::loadgen
