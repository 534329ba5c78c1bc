// The kernel's epoll: a wait costs no more with many descriptors than with few.
#pragma once

#include <array>

#include "lws/listener.h"
#include "lws/waiter.h"

namespace wsecho::lws {

class Epoll final : public Waiter {
  public:
    // Throws EventLoopFailure where descriptors have run out.
    Epoll();

    [[nodiscard]] bool add(int descriptor, std::uint32_t events, Subject subject) noexcept override;
    void change(int descriptor, std::uint32_t events, Subject subject) noexcept override;
    void remove(int descriptor) noexcept override;
    void wait(int milliseconds, ReadyEvents& ready) override;

  private:
    Descriptor descriptor_;
    std::array<epoll_event, events_per_batch> room_{};
};

}  // namespace wsecho::lws
