#include "protocol/client_frame.h"

#include <gtest/gtest.h>

#include "bytes.h"
#include "decoded_stream.h"

namespace wsecho::protocol {
namespace {

using test::Bytes;

// RFC 6455, section 5.7.
TEST(client_frame, is_the_example_of_the_rfc) {
    Bytes frame;
    append_client_frame(frame, Opcode::text, test::bytes_of("Hello"), {0x37, 0xFA, 0x21, 0x3D});
    EXPECT_EQ(frame, (Bytes{0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58}));
}

TEST(client_frame, of_each_size_is_what_a_server_decodes) {
    for (const std::size_t size : {0U, 1U, 3U, 4U, 125U, 126U, 127U, 65535U, 65536U, 100001U}) {
        const Bytes payload = test::patterned(size);
        Bytes frame;
        append_client_frame(frame, Opcode::binary, payload, {1, 2, 3, 250});
        EXPECT_EQ(frame.size(), client_frame_size(size));
        const auto decoded = test::decode(frame, frame.size());
        ASSERT_EQ(decoded.frames().size(), 1U) << size;
        EXPECT_EQ(decoded.frames()[0].payload, payload);
        EXPECT_TRUE(decoded.frames()[0].fin);
    }
}

TEST(client_frame, is_appended_behind_others_each_with_its_key) {
    Bytes frames;
    append_client_frame(frames, Opcode::text, test::bytes_of("same"), {1, 2, 3, 4});
    append_client_frame(frames, Opcode::text, test::bytes_of("same"), {5, 6, 7, 8});
    const auto decoded = test::decode(frames, frames.size());
    ASSERT_EQ(decoded.frames().size(), 2U);
    EXPECT_EQ(decoded.frames()[0].payload, decoded.frames()[1].payload);
    EXPECT_NE(Bytes(frames.begin() + 6, frames.begin() + 10),
              Bytes(frames.end() - 4, frames.end()));
}

}  // namespace
}  // namespace wsecho::protocol
