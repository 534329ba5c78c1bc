// A connection's name outside its loop: 64 bits that say loop, slot and generation.
#pragma once

#include <cstdint>

#include "runtime/slot_map.h"

namespace wsecho::engine {

// Generation in the upper 32 bits, then 8 of the loop, then 24 of the slot. 0 names nothing,
// since no generation is 0.
class ConnectionId {
  public:
    static constexpr unsigned loop_bits = 8;
    static constexpr unsigned slot_bits = 24;
    static constexpr std::uint32_t max_loops = 1U << loop_bits;
    static constexpr std::uint32_t max_slots = 1U << slot_bits;

    ConnectionId() = default;
    explicit ConnectionId(std::uint64_t value) noexcept : value_(value) {}
    ConnectionId(unsigned loop, runtime::SlotKey key) noexcept
        : value_((std::uint64_t{key.generation} << 32U) | (std::uint64_t{loop} << slot_bits) |
                 key.index) {}

    [[nodiscard]] std::uint64_t value() const noexcept { return value_; }
    [[nodiscard]] unsigned loop() const noexcept {
        return static_cast<unsigned>(value_ >> slot_bits) & (max_loops - 1);
    }
    [[nodiscard]] runtime::SlotKey key() const noexcept {
        return {static_cast<std::uint32_t>(value_) & (max_slots - 1),
                static_cast<std::uint32_t>(value_ >> 32U)};
    }

    friend bool operator==(ConnectionId, ConnectionId) = default;

  private:
    std::uint64_t value_ = 0;
};

}  // namespace wsecho::engine
