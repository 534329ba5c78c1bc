#include "protocol/base64.h"

#include <algorithm>
#include <cstddef>

namespace wsecho::protocol {

namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::span<const std::uint8_t> bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i)
            group = (group << 8U) | (i < count ? bytes[at + i] : std::uint8_t{0});
        for (unsigned i = 0; i < 4; ++i)
            text += i <= count ? alphabet[(group >> (18U - 6U * i)) & 0x3FU] : '=';
    }
    return text;
}

std::string to_base64(std::string_view text) {
    return to_base64(std::span{reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace wsecho::protocol
