// What the fuzz targets share: the function that each of them is, choices read off an input, and an
// end with words where a claim does not hold.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace wsecho::fuzz {

using Bytes = std::vector<std::uint8_t>;
using View = std::span<const std::uint8_t>;

// Each target defines it: checks its claims on one input, and keeps nothing that another input
// could notice.
void check(View input);

// Says which claim does not hold, and aborts.
void require(bool holds, const char* claim, const char* file = __builtin_FILE(),
             int line = __builtin_LINE());

inline std::string_view text_of(View bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline View bytes_of(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline bool equal(View left, View right) noexcept {
    return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

// Reads an input from its front. Behind its end there are zeros.
class Reader {
  public:
    explicit Reader(View input) noexcept : rest_(input) {}

    [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
    [[nodiscard]] View rest() const noexcept { return rest_; }

    std::uint8_t byte() noexcept {
        const View taken = bytes(1);
        return taken.empty() ? std::uint8_t{0} : taken[0];
    }

    std::uint64_t number(std::size_t size) noexcept {
        std::uint64_t value = 0;
        while (size-- > 0)
            value = (value << 8U) | byte();
        return value;
    }

    View bytes(std::size_t size) noexcept {
        const View taken = rest_.first(std::min(size, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }

    // Up to the next line feed, which is taken off, too.
    std::string_view line() noexcept {
        const auto rest = text_of(rest_);
        const auto end = std::min(rest.find('\n'), rest.size());
        const auto taken = text_of(bytes(end));
        bytes(1);
        return taken;
    }

  private:
    View rest_;
};

// Sizes of pieces in which a stream arrives: most small, some large, the same for the same seed.
class PieceSizes {
  public:
    explicit PieceSizes(std::uint8_t seed) noexcept : state_(seed) {}

    std::size_t next() noexcept {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        const auto random = static_cast<std::size_t>(state_ >> 40U);
        return random % 4 == 0 ? 1 + (random >> 2U) % 200 : 1 + (random >> 2U) % 5;
    }

  private:
    std::uint64_t state_;
};

// Calls `use` with one piece of the stream after the other, until it says no.
template <class Use>  // Use: View -> bool
void for_each_piece(View stream, std::uint8_t seed, Use&& use) {
    PieceSizes sizes{seed};
    while (!stream.empty()) {
        const View piece = stream.first(std::min(sizes.next(), stream.size()));
        stream = stream.subspan(piece.size());
        if (!use(piece)) return;
    }
}

}  // namespace wsecho::fuzz
