// The test vectors of the authors' own implementation, those of whole words.
#include "runtime/siphash.h"

#include <gtest/gtest.h>

#include <vector>

namespace wsecho::runtime {
namespace {

constexpr SipKey key{0x0706050403020100U, 0x0F0E0D0C0B0A0908U};

// The bytes 0, 1, 2 and so on.
std::vector<std::uint64_t> counted_words(std::size_t count) {
    std::vector<std::uint64_t> words;
    for (std::uint64_t i = 0; i < count; ++i)
        words.push_back(key[0] + i * 0x0808080808080808U);
    return words;
}

TEST(siphash, is_what_its_authors_computed) {
    EXPECT_EQ(siphash_of(key, counted_words(0)), 0x726FDB47DD0E0E31U);
    EXPECT_EQ(siphash_of(key, counted_words(1)), 0x93F5F5799A932462U);
    EXPECT_EQ(siphash_of(key, counted_words(2)), 0x3F2ACC7F57C29BDBU);
    EXPECT_EQ(siphash_of(key, counted_words(3)), 0xB8AD50C6F649AF94U);
}

TEST(siphash, depends_on_each_bit_of_the_key) {
    const auto words = counted_words(2);
    for (unsigned bit = 0; bit < 128; ++bit) {
        SipKey other = key;
        other[bit / 64] ^= std::uint64_t{1} << (bit % 64);
        EXPECT_NE(siphash_of(other, words), siphash_of(key, words)) << bit;
    }
}

}  // namespace
}  // namespace wsecho::runtime
