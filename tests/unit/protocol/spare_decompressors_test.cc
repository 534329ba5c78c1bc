// A decompressor that changes hands: whatever it was left in the middle of, the next has it as new.
#include "protocol/spare_decompressors.h"

#include <gtest/gtest.h>

#include <functional>

#include "bytes.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;
using Outcome = Decompressor::Outcome;

constexpr std::size_t limit = 100'000;
const Bytes secret = test::patterned(3000);

Bytes compressed(const Bytes& payload) {
    Compressor compressor{{{15, false}}};
    Bytes bytes;
    compressor.compress(payload, bytes);
    return bytes;
}

// A message that refers to the secret alone, as if it had been sent before.
Bytes referring_to_the_secret() {
    Compressor compressor{{{15, true}}};
    Bytes before;
    compressor.compress(secret, before);
    Bytes bytes;
    compressor.compress(secret, bytes);
    EXPECT_LT(bytes.size(), before.size() / 4);
    return bytes;
}

// In which a user may leave it.
const std::vector<std::function<void(Decompressor&)>> uses{
    [](Decompressor& one) {  // a whole message
        Bytes out;
        EXPECT_EQ(one.add(compressed(secret), limit, out), Outcome::ok);
        EXPECT_EQ(one.finish(limit, out), Outcome::ok);
    },
    [](Decompressor& one) {  // all of a message but its end: its text was refused
        Bytes out;
        EXPECT_EQ(one.add(compressed(secret), limit, out), Outcome::ok);
        EXPECT_EQ(out, secret);
    },
    [](Decompressor& one) {  // cut off within a block
        Bytes out;
        const Bytes message = compressed(secret);
        EXPECT_EQ(one.add(std::span{message}.first(message.size() / 2), limit, out), Outcome::ok);
    },
    [](Decompressor& one) {
        Bytes out;
        EXPECT_EQ(one.add(compressed(secret), 2000, out), Outcome::too_big);
    },
    [](Decompressor& one) {
        Bytes out;
        Bytes message = compressed(secret);
        test::append(message, {0xFF, 0xFF, 0xFF, 0xFF});
        EXPECT_EQ(one.add(message, limit, out), Outcome::corrupt);
    },
    [](Decompressor& one) {  // a message that ends within a block
        Bytes out;
        const Bytes message = compressed(secret);
        EXPECT_EQ(one.add(std::span{message}.first(message.size() - 5), limit, out), Outcome::ok);
        EXPECT_EQ(one.finish(limit, out), Outcome::corrupt);
    },
};

TEST(spare_decompressors, one_that_was_given_back_is_taken_again) {
    SpareDecompressors spare;
    auto first = spare.take();
    const auto* const address = first.get();
    spare.give_back(std::move(first));
    EXPECT_EQ(spare.kept(), 1U);
    EXPECT_EQ(spare.take().get(), address);
    EXPECT_EQ(spare.kept(), 0U);
}

TEST(spare_decompressors, however_it_was_left_the_next_message_inflates) {
    for (const auto& use : uses) {
        SpareDecompressors spare;
        auto used = spare.take();
        use(*used);
        spare.give_back(std::move(used));
        auto next = spare.take();
        const Bytes message = test::bytes_of("another connection's message");
        Bytes out;
        EXPECT_EQ(next->add(compressed(message), limit, out), Outcome::ok);
        EXPECT_EQ(next->finish(limit, out), Outcome::ok);
        EXPECT_EQ(out, message);
    }
}

TEST(spare_decompressors, however_it_was_left_nothing_of_it_can_be_referred_to) {
    for (const auto& use : uses) {
        SpareDecompressors spare;
        auto used = spare.take();
        use(*used);
        spare.give_back(std::move(used));
        Bytes out;
        EXPECT_EQ(spare.take()->add(referring_to_the_secret(), limit, out), Outcome::corrupt);
        EXPECT_TRUE(out.empty());
    }
}

TEST(spare_decompressors, no_more_are_kept_than_the_bound) {
    SpareDecompressors spare;
    for (std::size_t i = 0; i < SpareDecompressors::max_kept + 3; ++i)
        spare.give_back(std::make_unique<Decompressor>(DeflateContext{15, false}));
    EXPECT_EQ(spare.kept(), SpareDecompressors::max_kept);
}

}  // namespace
}  // namespace wsecho::protocol
