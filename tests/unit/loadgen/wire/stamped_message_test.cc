// The message and its stamp: plain and masked forms agree, and no two stamps look alike.
#include "wire/stamped_message.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace wsecho::loadgen {
namespace {

std::string text_of(Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

std::string unmasked(Bytes frame, std::size_t payload_size) {
    std::string text;
    const Bytes payload = frame.last(payload_size);
    const Bytes key = frame.subspan(frame.size() - payload_size - 4, 4);
    for (std::size_t index = 0; index < payload.size(); ++index) {
        text.push_back(static_cast<char>(payload[index] ^ key[index % 4]));
    }
    return text;
}

TEST(stamped_message, has_the_size_asked_for_and_unmasks_to_what_is_expected) {
    for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 16U, 63U, 64U, 65U, 126U, 256U, 70'000U}) {
        StampedMessage message(size, Opcode::text);
        for (const Stamp stamp : {Stamp{0, 0}, Stamp{9999, 1}, Stamp{0xDEADBEEF, 0xFFFFFFFF}}) {
            const std::string payload = text_of(message.payload(stamp));
            EXPECT_EQ(payload.size(), size);
            EXPECT_EQ(unmasked(message.masked_frame(stamp), size), payload);
        }
    }
}

TEST(stamped_message, is_json_that_names_both_numbers) {
    StampedMessage message(256, Opcode::text);
    const std::string payload = text_of(message.payload({0x1234, 0xABCDEF}));
    EXPECT_EQ(payload.substr(0, 60),
              R"({ "sequence" : "00abcdef","connection":"00001234","text":"Th)");
    EXPECT_EQ(payload.substr(254), R"("})");
}

TEST(stamped_message, differs_between_connections_and_between_messages) {
    for (const std::size_t size : {16U, 63U, 64U, 256U}) {
        StampedMessage message(size, Opcode::text);
        std::set<std::string> seen;
        for (std::uint32_t connection = 0; connection < 20; ++connection) {
            for (std::uint32_t sequence = 0; sequence < 20; ++sequence) {
                seen.insert(text_of(message.payload({connection, sequence})));
            }
        }
        EXPECT_EQ(seen.size(), 400U) << size;
    }
}

TEST(stamped_message, a_batch_is_the_single_frames_in_a_row) {
    StampedMessage message(100, Opcode::binary);
    std::string expected;
    for (std::uint32_t sequence = 7; sequence < 12; ++sequence) {
        expected += text_of(message.masked_frame({3, sequence}));
    }
    EXPECT_EQ(text_of(message.masked_frames({3, 7}, 5)), expected);
}

}  // namespace
}  // namespace wsecho::loadgen
