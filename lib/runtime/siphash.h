// SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed hash that nobody can compute, or find out
// anything about, who does not know the key. Of whole words, which is all that is needed here.
// Pure.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace wsecho::runtime {

using SipKey = std::array<std::uint64_t, 2>;

namespace siphash {

struct State {
    std::uint64_t v0, v1, v2, v3;

    constexpr void round() noexcept {
        v0 += v1;
        v1 = std::rotl(v1, 13) ^ v0;
        v0 = std::rotl(v0, 32);
        v2 += v3;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
    }
    constexpr void absorb(std::uint64_t word) noexcept {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

}  // namespace siphash

// The hash of the words' bytes, each word with its lowest byte first.
[[nodiscard]] constexpr std::uint64_t siphash_of(const SipKey& key,
                                                 std::span<const std::uint64_t> words) noexcept {
    siphash::State state{key[0] ^ 0x736F6D6570736575U, key[1] ^ 0x646F72616E646F6DU,
                         key[0] ^ 0x6C7967656E657261U, key[1] ^ 0x7465646279746573U};
    for (const std::uint64_t word : words)
        state.absorb(word);
    state.absorb(std::uint64_t{8 * words.size() & 0xFFU} << 56U);
    state.v2 ^= 0xFFU;
    for (int i = 0; i < 4; ++i)
        state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace wsecho::runtime
