// What a loop has for the connections that it dials: their links and timers, random bytes, and
// memory in which frames are masked. Made with the first.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/dial_link.h"
#include "engine/random_bytes.h"
#include "protocol/frame.h"
#include "runtime/timer_wheel.h"

namespace wsecho::engine {

class LoopDials {
  public:
    explicit LoopDials(Loop& loop);

    void add(std::shared_ptr<DialLink> link);
    void remove(DialLink& link);
    // The server ends: no link tries anything more.
    void let_all_go();

    void schedule(DialLink& link, runtime::TimePoint due);
    void cancel(DialLink& link) noexcept { wheel_.cancel(link); }
    void on_timer(runtime::TimePoint now);
    [[nodiscard]] std::optional<runtime::TimePoint> next_wake() const noexcept {
        return wheel_.next_wake();
    }

    [[nodiscard]] RandomBytes& random() noexcept { return random_; }
    // A client's frame, in memory that the next call takes again.
    [[nodiscard]] std::span<const std::uint8_t> masked(protocol::Opcode opcode,
                                                       std::span<const std::uint8_t> payload);
    // Where a TLS session's bytes are read to, one session after the other.
    [[nodiscard]] std::span<std::uint8_t> plain_text();

  private:
    Loop& loop_;
    runtime::TimerWheel wheel_;
    std::unordered_map<const DialLink*, std::shared_ptr<DialLink>> links_;
    RandomBytes random_;
    std::vector<std::uint8_t> frame_;
    std::vector<std::uint8_t> plain_text_;
};

}  // namespace wsecho::engine
