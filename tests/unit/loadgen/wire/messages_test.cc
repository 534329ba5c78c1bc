// Messages of one size, of a range, and deflated: sender and checker agree on each.
#include "wire/messages.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace wsecho::loadgen {
namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer copy(Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

// The payloads of masked frames in a row.
std::vector<Buffer> unmasked(Bytes frames) {
    std::vector<Buffer> payloads;
    while (!frames.empty()) {
        std::size_t size = frames[1] & 0x7FU;
        std::size_t at = 2;
        if (size == 126) {
            size = std::size_t{frames[2]} << 8U | frames[3];
            at = 4;
        }
        Buffer payload(size);
        for (std::size_t index = 0; index < size; ++index)
            payload[index] =
                static_cast<std::uint8_t>(frames[at + 4 + index] ^ frames[at + index % 4]);
        payloads.push_back(payload);
        frames = frames.subspan(at + 4 + size);
    }
    return payloads;
}

TEST(messages, a_batch_has_the_payloads_that_are_expected_back) {
    for (const SizeRange sizes : {SizeRange{256, 256}, SizeRange{0, 1000}, SizeRange{60, 70}}) {
        Messages messages(sizes, Opcode::text, false);
        const std::vector<Buffer> sent = unmasked(messages.frames({3, 100}, 50));
        ASSERT_EQ(sent.size(), 50U);
        for (std::uint32_t index = 0; index < 50; ++index)
            EXPECT_EQ(sent[index], copy(messages.payload({3, 100 + index})));
    }
}

TEST(messages, a_range_of_sizes_is_used_from_end_to_end) {
    Messages messages({10, 1000}, Opcode::text, false);
    std::set<std::size_t> sizes;
    for (std::uint32_t sequence = 0; sequence < 5000; ++sequence)
        sizes.insert(messages.payload({7, sequence}).size());
    EXPECT_EQ(*sizes.begin(), 10U);
    EXPECT_EQ(*sizes.rbegin(), 1000U);
    EXPECT_EQ(sizes.size(), Messages::max_sizes);
}

TEST(messages, deflated_ones_carry_the_bit_and_inflate_to_what_is_expected) {
    Messages messages({256, 256}, Opcode::text, true);
    Inflater inflater;
    const Buffer frames = copy(messages.frames({1, 2}, 1));
    EXPECT_EQ(frames[0], 0xC1);
    const Buffer payload = unmasked(frames).front();
    const auto inflated = inflater.inflate(payload, 1000);
    ASSERT_TRUE(inflated);
    EXPECT_EQ(copy(*inflated), copy(messages.payload({1, 2})));
}

}  // namespace
}  // namespace wsecho::loadgen
