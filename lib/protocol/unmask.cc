#include "protocol/unmask.h"

#include <bit>
#include <cstring>

namespace wsecho::protocol {

namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080ULL;

// The key twice, as it falls on eight bytes from `position` on, in memory's order.
std::uint64_t pattern_of(MaskingKey key, std::uint64_t position) noexcept {
    auto word = std::bit_cast<std::uint32_t>(key);
    const int turned = 8 * static_cast<int>(position & 3U);
    word = std::endian::native == std::endian::little ? std::rotr(word, turned)
                                                      : std::rotl(word, turned);
    return (std::uint64_t{word} << 32U) | word;
}

}  // namespace

bool unmask(std::span<std::uint8_t> payload, MaskingKey key, std::uint64_t position) noexcept {
    const std::uint64_t pattern = pattern_of(key, position);
    std::uint8_t* bytes = payload.data();
    const std::size_t words = payload.size() / sizeof pattern;
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < words; ++i) {  // compilers turn this into wide vector stores
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + i * sizeof word, sizeof word);
        word ^= pattern;
        seen |= word;
        std::memcpy(bytes + i * sizeof word, &word, sizeof word);
    }
    for (std::size_t i = words * sizeof pattern; i < payload.size(); ++i) {
        bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ key[(position + i) & 3U]);
        seen |= bytes[i];
    }
    return (seen & high_bits) == 0;
}

}  // namespace wsecho::protocol
