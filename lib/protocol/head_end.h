// Finds where the head of an HTTP/1.1 message ends (RFC 9112, section 2.1) while it arrives in
// pieces of any size. Pure.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace wsecho::protocol {

// Remembers how much was searched, so that a head that arrives byte by byte is searched once.
class HeadEnd {
  public:
    // `bytes` is all that has arrived so far: what the call before was given, and what came since.
    // Returns the size of the head with the empty line that ends it; nothing while that line has
    // not arrived.
    [[nodiscard]] std::optional<std::size_t> find(std::string_view bytes) noexcept {
        constexpr std::string_view empty_line = "\r\n\r\n";
        const auto at = bytes.find(empty_line, searched_);
        if (at != std::string_view::npos) return at + empty_line.size();
        // The last three bytes may be the beginning of the empty line.
        const std::size_t searched = bytes.size() - std::min(bytes.size(), empty_line.size() - 1);
        searched_ = static_cast<std::uint32_t>(std::min(searched, most));
        return std::nullopt;
    }

  private:
    static constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();

    std::uint32_t searched_ = 0;
};

}  // namespace wsecho::protocol
