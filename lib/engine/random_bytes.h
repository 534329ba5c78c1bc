// Random bytes that peers cannot foretell, for masks and keys (RFC 6455, section 10.3): the
// kernel's, fetched for many at once. One thread's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace wsecho::engine {

class RandomBytes {
  public:
    void fill(std::span<std::uint8_t> bytes);
    [[nodiscard]] std::uint64_t word();

    template <std::size_t size>
    [[nodiscard]] std::array<std::uint8_t, size> take() {
        std::array<std::uint8_t, size> bytes{};
        fill(bytes);
        return bytes;
    }

  private:
    std::array<std::uint8_t, 1024> ahead_{};
    std::size_t used_ = sizeof ahead_;
};

}  // namespace wsecho::engine
