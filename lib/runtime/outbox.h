// Small frames that wait for a moment until more of them have come. Those of one owner in a row
// lie side by side and leave in one write. With several owners the thread reads from many sockets
// in a row and writes to many: each time it turns from the one to the other, the processor fetches
// the kernel's code for it anew. Pure: who writes is passed in.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace wsecho::runtime {

// Owners are held by address: each sees to it that its frames have left before its own end.
template <class Owner>
class Outbox {
  public:
    // More owners gain no more, and let the first wait longer.
    static constexpr std::size_t max_owners = 16;
    static constexpr std::size_t max_bytes = 32UL * 1024;
    // From here on it is full: what one owner may yet add has room behind it.
    static constexpr std::size_t enough_bytes = 8UL * 1024;
    // A larger frame is written from where it lies.
    static constexpr std::size_t max_frame = 16UL * 1024;

    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    [[nodiscard]] bool full() const noexcept {
        return count_ == max_owners || used_ >= enough_bytes;
    }
    // Is what was held last the owner's? A further frame of it then leaves in the same write.
    [[nodiscard]] bool ends_with(const Owner& owner) const noexcept {
        return count_ != 0 && runs_[count_ - 1].owner == &owner;
    }
    // Bytes of the last owner's frames. There is one.
    [[nodiscard]] std::size_t last_size() const noexcept { return runs_[count_ - 1].size; }
    [[nodiscard]] bool has_room(const Owner& owner, std::size_t frame_size) const noexcept {
        return frame_size <= max_frame && frame_size <= max_bytes - used_ &&
               (count_ < max_owners || ends_with(owner));
    }

    // Copies a frame, for which there is room.
    void hold(Owner& owner, std::span<const std::uint8_t> header,
              std::span<const std::uint8_t> payload) noexcept {
        std::uint8_t* const begin = bytes_.data() + used_;
        std::uint8_t* const behind = std::copy(header.begin(), header.end(), begin);
        std::copy(payload.begin(), payload.end(), behind);
        const std::size_t size = header.size() + payload.size();
        if (!ends_with(owner)) runs_[count_++] = {&owner, 0};
        runs_[count_ - 1].size += size;
        used_ += size;
    }

    // In the order in which they came. Meanwhile nothing may be held.
    template <class Write>  // Write: (Owner&, std::span<const std::uint8_t> frames) -> void
    void flush(Write&& write) {
        const std::uint8_t* at = bytes_.data();
        const std::size_t count = std::exchange(count_, 0);
        used_ = 0;
        for (const Run& run : std::span{runs_}.first(count)) {
            write(*run.owner, std::span{at, run.size});
            at += run.size;
        }
    }

  private:
    // The frames of one owner that were held in a row.
    struct Run {
        Owner* owner;
        std::size_t size;
    };

    std::array<Run, max_owners> runs_{};
    std::size_t count_ = 0;
    std::size_t used_ = 0;
    std::array<std::uint8_t, max_bytes> bytes_{};
};

}  // namespace wsecho::runtime
