// Byte buffers that were used, for use again: a message that comes in parts, or cannot be written
// at once, needs no allocation where there was one like it before. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace wsecho::protocol {

using Buffer = std::vector<std::uint8_t>;

class SpareBuffers {
  public:
    // What is kept is bounded: 4 MiB.
    static constexpr std::size_t max_kept = 16;
    static constexpr std::size_t max_kept_bytes = std::size_t{256} << 10U;

    // Empty; its capacity is that of the one given back last.
    [[nodiscard]] std::unique_ptr<Buffer> take() {
        if (kept_ == 0) return std::make_unique<Buffer>();
        return std::move(spare_[--kept_]);
    }

    void give_back(std::unique_ptr<Buffer> buffer) noexcept {
        if (kept_ == max_kept || buffer->capacity() > max_kept_bytes) return;
        buffer->clear();
        spare_[kept_++] = std::move(buffer);
    }

  private:
    std::array<std::unique_ptr<Buffer>, max_kept> spare_;
    std::size_t kept_ = 0;
};

}  // namespace wsecho::protocol
