#include "protocol/unmask.h"

#include <cstring>

namespace wsecho::protocol {

void unmask(std::span<std::uint8_t> payload, MaskingKey key, std::uint64_t position) noexcept {
    std::array<std::uint8_t, 8> pattern{};
    for (std::size_t i = 0; i < pattern.size(); ++i)
        pattern[i] = key[(position + i) & 3U];

    std::uint64_t word_pattern = 0;
    std::memcpy(&word_pattern, pattern.data(), sizeof word_pattern);

    std::uint8_t* bytes = payload.data();
    const std::size_t words = payload.size() / sizeof word_pattern;
    for (std::size_t i = 0; i < words; ++i) {  // compilers turn this into wide vector stores
        std::uint64_t word = 0;
        std::memcpy(&word, bytes + i * sizeof word, sizeof word);
        word ^= word_pattern;
        std::memcpy(bytes + i * sizeof word, &word, sizeof word);
    }
    for (std::size_t i = words * sizeof word_pattern; i < payload.size(); ++i)
        bytes[i] = static_cast<std::uint8_t>(bytes[i] ^ pattern[i & 7U]);
}

}  // namespace wsecho::protocol
