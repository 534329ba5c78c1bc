// permessage-deflate: what is deflated inflates to itself, and what is not, or is too much, does
// not inflate.
#include "wire/deflate.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wsecho::loadgen {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::size_t max_size = 100'000;

Buffer text_of(std::size_t size) {
    Buffer text(size);
    for (std::size_t index = 0; index < size; ++index)
        text[index] = static_cast<std::uint8_t>('a' + index % 17);
    return text;
}

Buffer copy(Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

TEST(deflate, messages_inflate_to_themselves_in_any_order) {
    Deflater deflater;
    Inflater inflater;
    std::vector<Buffer> deflated;
    const std::vector<std::size_t> sizes{0, 1, 256, 70'000, max_size};
    for (const std::size_t size : sizes)
        deflated.push_back(copy(deflater.deflate(text_of(size))));
    for (std::size_t index = sizes.size(); index-- > 0;) {
        const auto inflated = inflater.inflate(deflated[index], max_size);
        ASSERT_TRUE(inflated) << sizes[index];
        EXPECT_EQ(copy(*inflated), text_of(sizes[index]));
    }
}

TEST(deflate, repetition_makes_a_message_smaller) {
    Deflater deflater;
    EXPECT_LT(deflater.deflate(text_of(256)).size(), 64U);
}

// RFC 7692, section 7.2.3.1.
TEST(deflate, the_example_of_the_standard_inflates) {
    Inflater inflater;
    const Buffer hello{0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00};
    const auto inflated = inflater.inflate(hello, max_size);
    ASSERT_TRUE(inflated);
    EXPECT_EQ(std::string(inflated->begin(), inflated->end()), "Hello");
}

TEST(deflate, a_message_of_more_than_the_limit_does_not_inflate) {
    Deflater deflater;
    Inflater inflater;
    const Buffer deflated = copy(deflater.deflate(text_of(1001)));
    EXPECT_FALSE(inflater.inflate(deflated, 1000));
    EXPECT_TRUE(inflater.inflate(deflated, 1001));
}

TEST(deflate, noise_does_not_inflate_and_the_next_message_does) {
    Deflater deflater;
    Inflater inflater;
    EXPECT_FALSE(inflater.inflate(Buffer{0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, max_size));
    EXPECT_TRUE(inflater.inflate(copy(deflater.deflate(text_of(10))), max_size));
}

}  // namespace
}  // namespace wsecho::loadgen
