// Bytes that were taken from a socket and not dealt with yet, in their order. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wsecho::runtime {

class UnreadBytes {
  public:
    [[nodiscard]] bool empty() const noexcept { return taken_ == bytes_.size(); }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size() - taken_; }
    // Memory that they take, what was dealt with since included.
    [[nodiscard]] std::size_t held() const noexcept { return bytes_.capacity(); }

    // Valid until keep().
    [[nodiscard]] std::span<std::uint8_t> rest() noexcept {
        return std::span{bytes_}.subspan(taken_);
    }

    // Keeps what is left of rest(), where it stays as it is, or bytes that come behind it.
    void keep(std::span<const std::uint8_t> bytes) {
        const std::uint8_t* const end = bytes_.data() + bytes_.size();
        if (!bytes_.empty() && bytes.data() + bytes.size() == end) {
            taken_ = bytes_.size() - bytes.size();
            return;
        }
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }

  private:
    std::vector<std::uint8_t> bytes_;
    std::size_t taken_ = 0;
};

}  // namespace wsecho::runtime
