// The poll() of POSIX: each wait hands over and looks at every descriptor, so that it costs more
// with each connection. For where there is no epoll, or to compare with.
#pragma once

#include <poll.h>

#include <array>
#include <vector>

#include "lws/waiter.h"

namespace wsecho::lws {

class Poll final : public Waiter {
  public:
    [[nodiscard]] bool add(int descriptor, std::uint32_t events, Subject subject) noexcept override;
    void change(int descriptor, std::uint32_t events, Subject subject) noexcept override;
    void remove(int descriptor) noexcept override;
    void wait(int milliseconds, ReadyEvents& ready) override;

  private:
    struct Entry {
        std::uint64_t subject = 0;
        std::size_t place = nowhere;  // among those that are watched
    };
    static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);

    // Null where it is not watched.
    [[nodiscard]] Entry* entry_of(int descriptor) noexcept;

    std::vector<pollfd> watched_;
    std::vector<Entry> entries_;  // by descriptor
    std::size_t next_ = 0;        // where the next wait begins to look
    std::array<epoll_event, events_per_batch> room_{};
};

}  // namespace wsecho::lws
