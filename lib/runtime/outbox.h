// Small frames that wait for a moment until more of them have come. The thread then reads from many
// sockets in a row and writes to many: each time it turns from the one to the other, the processor
// fetches the kernel's code for it anew. Pure: who writes is passed in.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace wsecho::runtime {

// Owners are held by address: each sees to it that its frame has left before its own end.
template <class Owner>
class Outbox {
  public:
    // More gain no more, and let the first wait longer.
    static constexpr std::size_t max_frames = 16;
    static constexpr std::size_t max_bytes = 16UL * 1024;

    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] bool full() const noexcept { return count_ == max_frames; }
    [[nodiscard]] bool has_room(std::size_t frame_size) const noexcept {
        return !full() && frame_size <= max_bytes - used_;
    }

    // Copies a frame, for which there is room.
    void hold(Owner& owner, std::span<const std::uint8_t> header,
              std::span<const std::uint8_t> payload) noexcept {
        std::uint8_t* const begin = bytes_.data() + used_;
        std::uint8_t* const behind = std::copy(header.begin(), header.end(), begin);
        std::copy(payload.begin(), payload.end(), behind);
        const std::size_t size = header.size() + payload.size();
        frames_[count_++] = {&owner, size};
        used_ += size;
    }

    // In the order in which they came. Meanwhile nothing may be held.
    template <class Write>  // Write: (Owner&, std::span<const std::uint8_t> frame) -> void
    void flush(Write&& write) {
        const std::uint8_t* at = bytes_.data();
        const std::size_t count = std::exchange(count_, 0);
        used_ = 0;
        for (const Frame& frame : std::span{frames_}.first(count)) {
            write(*frame.owner, std::span{at, frame.size});
            at += frame.size;
        }
    }

  private:
    struct Frame {
        Owner* owner;
        std::size_t size;
    };

    std::array<Frame, max_frames> frames_{};
    std::size_t count_ = 0;
    std::size_t used_ = 0;
    std::array<std::uint8_t, max_bytes> bytes_{};
};

}  // namespace wsecho::runtime
