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

// Unmasks the whole blocks at the front and takes them off; gives back which bits were seen. In
// line, so that each caller's instruction set is used.
template <class Block>
[[gnu::always_inline]] inline std::uint64_t unmask_blocks(std::span<std::uint8_t>& bytes,
                                                          std::uint64_t pattern) noexcept {
    const Block key = Block{} ^ pattern;       // in each word of it
    const std::span<std::uint8_t> in = bytes;  // a reference would be read anew after each store
    Block seen{};
    std::size_t at = 0;
    for (; at + sizeof key <= in.size(); at += sizeof key) {
        Block block;  // NOLINT(*-member-init, *-init-variables): filled in at once
        std::memcpy(&block, in.data() + at, sizeof block);
        block ^= key;
        seen |= block;
        std::memcpy(in.data() + at, &block, sizeof block);
    }
    bytes = in.subspan(at);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof seen; i += sizeof bits) {
        std::uint64_t part = 0;
        std::memcpy(&part, reinterpret_cast<const std::uint8_t*>(&seen) + i, sizeof part);
        bits |= part;
    }
    return bits;
}

#if defined(__x86_64__)

// Less has no gain from wide registers.
constexpr std::size_t wide_from = 64;
using WideBlock = std::uint64_t __attribute__((vector_size(32)));

[[gnu::target("avx2")]] std::uint64_t unmask_avx2(std::span<std::uint8_t>& bytes,
                                                  std::uint64_t pattern) noexcept {
    return unmask_blocks<WideBlock>(bytes, pattern);
}

std::uint64_t unmask_wide(std::span<std::uint8_t>& bytes, std::uint64_t pattern) noexcept {
    if (bytes.size() < wide_from || !__builtin_cpu_supports("avx2")) return 0;
    return unmask_avx2(bytes, pattern);
}

#else

// The compiler makes the widest of the words below that each processor of this kind has.
std::uint64_t unmask_wide(std::span<std::uint8_t>& /*bytes*/, std::uint64_t /*pattern*/) noexcept {
    return 0;
}

#endif

}  // namespace

bool unmask(std::span<std::uint8_t> payload, MaskingKey key, std::uint64_t position) noexcept {
    const std::uint64_t pattern = pattern_of(key, position);
    std::span<std::uint8_t> rest = payload;
    std::uint64_t seen = unmask_wide(rest, pattern);
    seen |= unmask_blocks<std::uint64_t>(rest, pattern);
    // Whole words are behind, each of which the key divides: it stands where it stood.
    for (std::size_t i = 0; i < rest.size(); ++i) {
        rest[i] = static_cast<std::uint8_t>(rest[i] ^ key[(position + i) & 3U]);
        seen |= rest[i];
    }
    return (seen & high_bits) == 0;
}

}  // namespace wsecho::protocol
