// A message encoded once: its header and its payload, in one block, shared.
#include "engine/prepared_message.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "bytes.h"

namespace wsecho::engine {
namespace {

using protocol::Opcode;
using test::Bytes;

Bytes frame_of(const PreparedMessage& message) {
    return {message.frame().begin(), message.frame().end()};
}

TEST(prepared_message, it_is_header_and_payload) {
    EXPECT_EQ(frame_of(*prepare(Opcode::text, test::bytes_of("hi"))), (Bytes{0x81, 2, 'h', 'i'}));
    EXPECT_EQ(frame_of(*prepare(Opcode::binary, {})), (Bytes{0x82, 0}));
}

TEST(prepared_message, at_every_border_of_the_length_it_is_whole) {
    for (const std::size_t size : {125UL, 126UL, 65535UL, 65536UL}) {
        const Bytes payload = test::patterned(size);
        const auto header = protocol::ServerHeader{Opcode::binary, size};
        Bytes expected{header.bytes().begin(), header.bytes().end()};
        test::append(expected, payload);
        EXPECT_EQ(frame_of(*prepare(Opcode::binary, payload)), expected) << size;
    }
}

TEST(prepared_message, the_payload_was_copied) {
    Bytes payload = test::bytes_of("before");
    const SharedMessage message = prepare(Opcode::text, payload);
    payload = test::bytes_of("after!");
    EXPECT_EQ(frame_of(*message), (Bytes{0x81, 6, 'b', 'e', 'f', 'o', 'r', 'e'}));
}

TEST(prepared_message, frames_that_are_encoded_already_are_taken_as_they_are) {
    EXPECT_EQ(frame_of(PreparedMessage{Bytes{0x81, 0, 0x82, 0}}), (Bytes{0x81, 0, 0x82, 0}));
}

TEST(prepared_message, the_compressed_form_is_made_once_however_many_ask) {
    const SharedMessage message = prepare(Opcode::text, test::bytes_of("plain"));
    std::atomic<int> made = 0;
    const auto make = [&](const PreparedMessage& plain) {
        EXPECT_EQ(plain.opcode(), Opcode::text);
        EXPECT_EQ((Bytes{plain.payload().begin(), plain.payload().end()}), test::bytes_of("plain"));
        ++made;
        return DeflatedForm{std::make_shared<const PreparedMessage>(
                                Opcode::text, test::bytes_of("z"), runtime::WaitingTerms{}, true),
                            15};
    };
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            EXPECT_EQ(frame_of(*message->deflated(make).message), (Bytes{0xC1, 1, 'z'}));
        });
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(made, 1);
}

TEST(prepared_message, those_who_share_it_see_the_same_block) {
    const SharedMessage one = prepare(Opcode::text, test::bytes_of("once"));
    const SharedMessage other = one;  // NOLINT(performance-unnecessary-copy-initialization)
    EXPECT_EQ(one->frame().data(), other->frame().data());
}

std::string numbered(std::uint64_t number) {
    PreparedMessage message{Opcode::text, test::bytes_of("{\"n\":--------------------}")};
    message.write_number(5, number);
    const auto payload = message.frame().subspan(2);
    return {payload.begin(), payload.end()};
}

TEST(prepared_message, a_number_in_a_text_stands_behind_spaces) {
    EXPECT_EQ(numbered(0), "{\"n\":                   0}");
    EXPECT_EQ(numbered(1), "{\"n\":                   1}");
    EXPECT_EQ(numbered(9870), "{\"n\":                9870}");
    EXPECT_EQ(numbered(18446744073709551615U), "{\"n\":18446744073709551615}");
}

TEST(prepared_message, a_number_in_a_binary_one_is_in_network_order) {
    for (const std::size_t size : {9UL, 126UL, 65536UL}) {
        PreparedMessage message{Opcode::binary, test::patterned(size)};
        message.write_number(1, 0x0102030405060708U);
        Bytes expected = test::patterned(size);
        for (std::uint8_t byte = 1; byte <= 8; ++byte)
            expected[byte] = byte;
        const auto payload = message.frame().last(size);
        EXPECT_EQ((Bytes{payload.begin(), payload.end()}), expected) << size;
    }
}

}  // namespace
}  // namespace wsecho::engine
