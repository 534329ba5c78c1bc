// A pass's broadcasts: kept once, joined once, and told apart from the batch before.
#include "engine/fan_out.h"

#include <gtest/gtest.h>

#include "bytes.h"
#include "engine/channel.h"

namespace wsecho::engine {
namespace {

using protocol::Opcode;
using test::Bytes;

const ConnectionId someone{0, runtime::SlotKey{5, 1}};
const ConnectionId another{0, runtime::SlotKey{6, 1}};

SharedMessage text(std::string_view words) {
    return prepare(Opcode::text, test::bytes_of(words));
}

Bytes joined(FanOut& batch) {
    const auto frames = batch.joined()->frame();
    return {frames.begin(), frames.end()};
}

TEST(fan_out, a_new_batch_is_empty) {
    const FanOut batch;
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(batch.size(), 0U);
    EXPECT_EQ(batch.bytes(), 0U);
}

TEST(fan_out, a_single_message_is_joined_without_a_copy) {
    FanOut batch;
    const SharedMessage message = text("alone");
    batch.add(message, {});
    EXPECT_EQ(batch.joined(), message);
    EXPECT_EQ(batch.bytes(), message->frame().size());
}

TEST(fan_out, messages_are_joined_frame_behind_frame_in_their_order) {
    FanOut batch;
    batch.add(text("a"), {});
    batch.add(text("bc"), {});
    EXPECT_EQ(joined(batch), (Bytes{0x81, 1, 'a', 0x81, 2, 'b', 'c'}));
    EXPECT_EQ(batch.bytes(), 7U);
    EXPECT_EQ(batch.size(), 2U);
}

TEST(fan_out, the_compressed_forms_are_joined_apart) {
    const DeflateOptions options{.is_enabled = true, .threshold = 100};
    Deflate deflate{options};
    FanOut batch;
    const SharedMessage small = text("small");
    const SharedMessage large = text(std::string(500, 'l'));
    batch.add(small, {});
    EXPECT_EQ(batch.joined(deflate), small) << "not worth it";
    batch.add(large, {});
    Bytes expected{small->frame().begin(), small->frame().end()};
    const auto form = deflate.form_of(large)->frame();
    expected.insert(expected.end(), form.begin(), form.end());
    const auto frames = batch.joined(deflate)->frame();
    EXPECT_EQ((Bytes{frames.begin(), frames.end()}), expected);
    EXPECT_EQ(joined(batch).size(), batch.bytes()) << "the others get all of it";
    batch.clear();
    batch.add(small, {});
    EXPECT_EQ(batch.joined(deflate), small);
}

TEST(fan_out, the_block_is_made_once) {
    FanOut batch;
    batch.add(text("a"), {});
    batch.add(text("b"), {});
    const SharedMessage first = batch.joined();
    EXPECT_EQ(batch.joined(), first);
}

TEST(fan_out, what_is_added_after_joining_is_in_the_next_block) {
    FanOut batch;
    batch.add(text("a"), {});
    EXPECT_EQ(joined(batch), (Bytes{0x81, 1, 'a'}));
    batch.add(text("b"), {});
    EXPECT_EQ(joined(batch), (Bytes{0x81, 1, 'a', 0x81, 1, 'b'}));
    batch.add(text("c"), {});
    EXPECT_EQ(joined(batch), (Bytes{0x81, 1, 'a', 0x81, 1, 'b', 0x81, 1, 'c'}));
}

TEST(fan_out, each_entry_keeps_its_message_and_whom_it_leaves_out) {
    FanOut batch;
    const SharedMessage message = text("a");
    batch.add(message, someone);
    ASSERT_EQ(batch.entries().size(), 1U);
    EXPECT_EQ(batch.entries()[0].message, message);
    EXPECT_EQ(batch.entries()[0].except, someone);
}

TEST(fan_out, only_who_was_named_is_left_out) {
    FanOut batch;
    batch.add(text("a"), {});
    EXPECT_FALSE(batch.leaves_out(someone));
    batch.add(text("b"), someone);
    batch.add(text("c"), {});
    EXPECT_TRUE(batch.leaves_out(someone));
    EXPECT_FALSE(batch.leaves_out(another));
}

TEST(fan_out, a_cleared_batch_is_empty_and_has_let_go) {
    FanOut batch;
    const SharedMessage a = text("a");
    batch.add(a, someone);
    batch.add(text("b"), {});
    EXPECT_FALSE(joined(batch).empty());
    batch.clear();
    EXPECT_TRUE(batch.empty());
    EXPECT_EQ(batch.bytes(), 0U);
    EXPECT_FALSE(batch.leaves_out(someone));
    EXPECT_EQ(a.use_count(), 1);
}

TEST(fan_out, the_next_batch_joins_only_its_own) {
    FanOut batch;
    batch.add(text("a"), {});
    EXPECT_FALSE(joined(batch).empty());
    batch.clear();
    batch.add(text("b"), {});
    EXPECT_EQ(joined(batch), (Bytes{0x81, 1, 'b'}));
}

TEST(fan_out, a_block_outlives_its_batch_for_those_who_still_write_it) {
    FanOut batch;
    batch.add(text("a"), {});
    batch.add(text("b"), {});
    const SharedMessage block = batch.joined();
    batch.clear();
    EXPECT_EQ(block->frame().size(), 6U);
}

TEST(fan_out, each_batch_has_a_generation_of_its_own) {
    FanOut batch;
    const auto first = batch.generation();
    batch.add(text("a"), {});
    EXPECT_EQ(batch.generation(), first);
    batch.clear();
    EXPECT_NE(batch.generation(), first);
}

TEST(fan_out, a_batch_is_a_channels_until_it_is_cleared) {
    const auto channel = std::make_shared<Channel>("news", 1, 1);
    FanOut batch;
    EXPECT_EQ(batch.channel(), nullptr);
    batch.add(channel, text("a"), 7, {});
    batch.add(channel, text("b"), 8, someone);
    EXPECT_EQ(batch.channel(), channel.get());
    EXPECT_EQ(batch.entries().front().number, 7U);
    EXPECT_EQ(batch.entries().back().number, 8U);
    EXPECT_TRUE(batch.leaves_out(someone));
    EXPECT_EQ(joined(batch), (Bytes{0x81, 1, 'a', 0x81, 1, 'b'}));
    batch.clear();
    EXPECT_EQ(batch.channel(), nullptr);
    EXPECT_EQ(channel.use_count(), 1);
}

}  // namespace
}  // namespace wsecho::engine
