// A caller's buffer for a text, as the C header describes it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace wsecho::capi {

struct TextBuffer {
    char* bytes;
    std::size_t size;
    std::size_t* length;

    [[nodiscard]] bool is_right() const noexcept { return bytes != nullptr || size == 0; }

    void fill(std::string_view text) const noexcept {
        if (length != nullptr) *length = text.size();
        if (size == 0) return;
        const std::size_t copied = std::min(text.size(), size - 1);
        std::copy_n(text.begin(), copied, bytes);
        bytes[copied] = '\0';
    }
};

}  // namespace wsecho::capi
