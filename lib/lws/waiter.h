// Who waits for descriptors, by whichever of the kernel's means, and what its events are about.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <span>

#include "lws/socket.h"

namespace wsecho::lws {

// What an event is about, in the 64 bits that epoll keeps for each descriptor: the owner of a
// connection, whose address is even, or a descriptor of the loop's own, with its kind.
class Subject {
  public:
    enum class Kind : std::uint8_t { wake_up = 1, listener = 3, library = 5 };

    explicit Subject(std::uint64_t bits) noexcept : bits_(bits) {}
    explicit Subject(const SocketEvents& owner) noexcept
        : bits_(reinterpret_cast<std::uintptr_t>(&owner)) {}
    Subject(Kind kind, int descriptor) noexcept
        : bits_(static_cast<std::uint64_t>(descriptor) << kind_bits |
                static_cast<std::uint64_t>(kind)) {}

    [[nodiscard]] std::uint64_t bits() const noexcept { return bits_; }
    [[nodiscard]] bool is_connection() const noexcept { return (bits_ & 1U) == 0; }
    [[nodiscard]] SocketEvents& owner() const noexcept {
        return *reinterpret_cast<SocketEvents*>(bits_);  // NOLINT(performance-no-int-to-ptr)
    }
    [[nodiscard]] Kind kind() const noexcept { return static_cast<Kind>(bits_ & kind_mask); }
    [[nodiscard]] int descriptor() const noexcept { return static_cast<int>(bits_ >> kind_bits); }

  private:
    static constexpr unsigned kind_bits = 8;
    static constexpr std::uint64_t kind_mask = (1U << kind_bits) - 1;

    std::uint64_t bits_;
};

// Taken from the kernel at once. It looks at each socket when it tells of it: of more, the first
// have left the processor's nearest caches when the last are read. Of fewer, there are too many
// waits.
inline constexpr std::size_t events_per_batch = 64;

// What a wait tells, from inside it: each descriptor once in a batch.
class ReadyEvents {
  public:
    virtual void on_ready(std::span<const epoll_event> batch) = 0;

  protected:
    ~ReadyEvents() = default;
};

// Events are in epoll's bits. A descriptor is removed before it is closed.
class Waiter {
  public:
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    virtual ~Waiter() = default;

    // False: it is there already, or memory or the kernel's limit on watches has run out.
    [[nodiscard]] virtual bool add(int descriptor, std::uint32_t events,
                                   Subject subject) noexcept = 0;
    virtual void change(int descriptor, std::uint32_t events, Subject subject) noexcept = 0;
    virtual void remove(int descriptor) noexcept = 0;

    // Waits for events for the time at most (-1: any), and tells of them: one batch of what has
    // come, or several; an empty one where nothing has.
    virtual void wait(int milliseconds, ReadyEvents& ready) = 0;
};

}  // namespace wsecho::lws
