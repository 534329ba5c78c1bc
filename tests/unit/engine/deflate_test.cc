// What one loop's connections share of compression, and what each has for itself.
#include "engine/deflate.h"

#include <gtest/gtest.h>

#include <string>

#include "bytes.h"

namespace wsecho::engine {
namespace {

using protocol::DeflateContext;
using protocol::DeflateTerms;
using protocol::Opcode;
using test::Bytes;

constexpr DeflateTerms forgets{{15, false}, {15, false}};
constexpr DeflateTerms keeps{{15, true}, {15, true}};

const Bytes words = test::bytes_of(std::string(20, ' ') + "the same words again, the same words");

Bytes compressed(Deflate& deflate, ConnectionDeflate& connection, const Bytes& payload) {
    const auto bytes = deflate.compress(connection, payload);
    return {bytes.begin(), bytes.end()};
}

TEST(deflate, what_is_allowed_is_what_the_options_say) {
    const DeflateOptions plain{};
    EXPECT_EQ(Deflate{plain}.allowed(), forgets);
    const DeflateOptions small{.window_bits = 10, .takes_over = true};
    EXPECT_EQ(Deflate{small}.allowed(), (DeflateTerms{{10, true}, {10, true}}));
}

TEST(deflate, without_takeover_messages_of_all_connections_are_alike) {
    const DeflateOptions options{};
    Deflate deflate{options};
    ConnectionDeflate one{forgets};
    ConnectionDeflate other{forgets};
    const Bytes first = compressed(deflate, one, words);
    EXPECT_EQ(compressed(deflate, one, words), first);
    EXPECT_EQ(compressed(deflate, other, words), first);
    EXPECT_EQ(one.compressor, nullptr) << "it has none of its own";
}

TEST(deflate, with_takeover_a_connection_refers_to_its_own_messages_only) {
    const DeflateOptions options{.takes_over = true};
    Deflate deflate{options};
    ConnectionDeflate one{keeps};
    ConnectionDeflate other{keeps};
    const Bytes first = compressed(deflate, one, words);
    EXPECT_LT(compressed(deflate, one, words).size(), first.size());
    EXPECT_EQ(compressed(deflate, other, words), first);
    one.forget();
    EXPECT_EQ(compressed(deflate, one, words), first);
}

TEST(deflate, a_window_smaller_than_the_options_say_is_kept) {
    const DeflateOptions options{};
    Deflate deflate{options};
    ConnectionDeflate small{{{9, false}, {15, false}}};
    EXPECT_FALSE(deflate.shares_forms(small));
    Bytes payload = test::patterned(2000);
    test::append(payload, Bytes{payload.begin(), payload.begin() + 1000});
    const Bytes message = compressed(deflate, small, payload);
    protocol::Decompressor decompressor{{9, false}};
    Bytes out;
    ASSERT_EQ(decompressor.add(message, 1 << 20, out), protocol::Decompressor::Outcome::ok);
    ASSERT_EQ(decompressor.finish(1 << 20, out), protocol::Decompressor::Outcome::ok);
    EXPECT_EQ(out, payload);
}

TEST(deflate, a_form_is_a_compressed_frame_and_made_once) {
    const DeflateOptions options{.threshold = 100};
    Deflate deflate{options};
    Deflate of_another_loop{options};
    const SharedMessage message = prepare(Opcode::text, test::bytes_of(std::string(1000, 'a')));
    const SharedMessage& form = deflate.form_of(message);
    EXPECT_LT(form->frame().size(), 50U);
    EXPECT_EQ(form->frame()[0], 0xC1U);
    EXPECT_EQ(of_another_loop.form_of(message), form);
}

TEST(deflate, what_is_small_or_gets_no_smaller_has_no_form) {
    const DeflateOptions options{.threshold = 100};
    Deflate deflate{options};
    const SharedMessage small = prepare(Opcode::text, test::bytes_of(std::string(99, 'a')));
    EXPECT_EQ(deflate.form_of(small), small);
    Bytes different(200);
    for (std::size_t i = 0; i < different.size(); ++i)
        different[i] = static_cast<std::uint8_t>(i);
    const SharedMessage dense = prepare(Opcode::binary, different);
    EXPECT_EQ(deflate.form_of(dense), dense);
}

TEST(deflate, a_form_for_a_larger_window_is_not_taken) {
    const DeflateOptions large{.threshold = 0};
    const DeflateOptions small{.threshold = 0, .window_bits = 9};
    Deflate of_one_server{large};
    Deflate of_another{small};
    const SharedMessage message = prepare(Opcode::text, test::bytes_of(std::string(1000, 'a')));
    EXPECT_NE(of_one_server.form_of(message), message);
    EXPECT_EQ(of_another.form_of(message), message);
}

TEST(deflate, without_takeover_a_decompressor_is_lent_for_a_message) {
    const DeflateOptions options{};
    Deflate deflate{options};
    ConnectionDeflate one{forgets};
    ConnectionDeflate other{forgets};
    auto* const lent = &deflate.decompressor_of(one);
    EXPECT_EQ(&deflate.decompressor_of(one), lent) << "as long as the message is under way";
    EXPECT_NE(&deflate.decompressor_of(other), lent);
    deflate.message_ended(one);
    EXPECT_EQ(one.decompressor, nullptr);
    EXPECT_EQ(&deflate.decompressor_of(one), lent) << "used again";
}

TEST(deflate, with_takeover_a_decompressor_is_kept) {
    const DeflateOptions options{.takes_over = true};
    Deflate deflate{options};
    ConnectionDeflate connection{keeps};
    auto* const own = &deflate.decompressor_of(connection);
    deflate.message_ended(connection);
    EXPECT_EQ(connection.decompressor.get(), own);
}

}  // namespace
}  // namespace wsecho::engine
