// libuv as what waits, level-triggered: where it is liked better than epoll, or to compare with.
#pragma once

#include <uv.h>

#include <array>
#include <cstdint>
#include <vector>

#include "lws/waiter.h"
#include "runtime/pool.h"

namespace wsecho::lws {

class Libuv final : public Waiter {
  public:
    // Throws EventLoopFailure.
    Libuv();
    ~Libuv() override;

    [[nodiscard]] bool add(int descriptor, std::uint32_t events, Subject subject) noexcept override;
    void change(int descriptor, std::uint32_t events, Subject subject) noexcept override;
    void remove(int descriptor) noexcept override;
    void wait(int milliseconds, ReadyEvents& ready) override;

  private:
    // One descriptor's. What an event needs lies in its last two cache lines.
    struct alignas(64) Watch {
        uv_poll_t poll;
        Libuv* self;
        std::uint64_t subject;
        std::uint32_t batch;  // in which it was gathered last
    };
    using Watches = runtime::Pool<Watch>;

    static void on_event(uv_poll_t* poll, int status, int events);
    static void start(Watch& watch, std::uint32_t events);
    [[nodiscard]] Watch* watch_of(int descriptor) const noexcept;
    void gather(Watch& watch, std::uint32_t events);
    void tell();
    void end_wait_within(int milliseconds);

    uv_loop_t loop_{};
    uv_timer_t timer_{};
    Watches watches_;
    std::vector<Watches::Holder> by_descriptor_;
    ReadyEvents* ready_ = nullptr;  // in a wait
    std::array<epoll_event, events_per_batch> gathered_{};
    std::size_t count_ = 0;
    std::uint32_t batch_ = 1;
};

}  // namespace wsecho::lws
