// The frame reader over streams cut at every place, and the encoder's three lengths.
#include "wire/frames.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace wsecho::loadgen {
namespace {

using Stream = std::vector<std::uint8_t>;

Stream server_frame(unsigned first_byte, const std::string& payload) {
    Stream frame{static_cast<std::uint8_t>(first_byte)};
    const std::size_t size = payload.size();
    if (size <= 125) {
        frame.push_back(static_cast<std::uint8_t>(size));
    } else if (size <= 0xFFFF) {
        frame.push_back(126);
        for (unsigned shift : {8U, 0U})
            frame.push_back(static_cast<std::uint8_t>(size >> shift));
    } else {
        frame.push_back(127);
        for (unsigned shift = 64; shift > 0; shift -= 8) {
            frame.push_back(static_cast<std::uint8_t>(size >> (shift - 8)));
        }
    }
    frame.insert(frame.end(), payload.begin(), payload.end());
    return frame;
}

Stream operator+(Stream left, const Stream& right) {
    left.insert(left.end(), right.begin(), right.end());
    return left;
}

std::string text_of(Bytes bytes) {
    return {bytes.begin(), bytes.end()};
}

// What a reader made of a stream, as lines.
struct Story {
    std::vector<std::string> lines;
    std::string message;
    std::string_view problem;

    void read(FrameReader& reader, Bytes bytes) {
        problem = reader.read(
            bytes,
            [this](const PayloadChunk& chunk) {
                EXPECT_EQ(chunk.position, message.size());
                message += text_of(chunk.bytes);
                if (!chunk.ends_message) return;
                lines.push_back("message " + message);
                message.clear();
            },
            [this](Opcode opcode, Bytes payload) {
                lines.push_back((opcode == Opcode::ping ? "ping " : "close ") + text_of(payload));
            });
    }
};

TEST(frame_reader, a_stream_reads_the_same_wherever_it_is_cut) {
    const std::string medium(300, 'm');
    const Stream stream =
        server_frame(0x81, "hello") + server_frame(0x89, "are you there") + server_frame(0x82, "") +
        server_frame(0x82, medium) + server_frame(0x01, "frag") + server_frame(0x89, "") +
        server_frame(0x00, "men") + server_frame(0x80, "ted") + server_frame(0x88, "bye");
    const std::vector<std::string> expected{
        "message hello", "ping are you there", "message ", "message " + medium,
        "ping ",         "message fragmented", "close bye"};
    for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
        FrameReader reader;
        Story story;
        story.read(reader, Bytes(stream).first(cut));
        story.read(reader, Bytes(stream).subspan(cut));
        EXPECT_EQ(story.lines, expected) << "cut at " << cut;
    }
    for (std::size_t step = 1; step < 9; ++step) {
        FrameReader reader;
        Story story;
        for (Bytes rest(stream); !rest.empty();) {
            const std::size_t size = std::min(step, rest.size());
            story.read(reader, rest.first(size));
            rest = rest.subspan(size);
        }
        EXPECT_EQ(story.lines, expected) << "in steps of " << step;
    }
}

TEST(frame_reader, a_64_bit_length_is_read) {
    const std::string large(70'000, 'x');
    FrameReader reader;
    Story story;
    story.read(reader, server_frame(0x82, large));
    EXPECT_EQ(story.lines, std::vector<std::string>{"message " + large});
}

TEST(frame_reader, broken_frames_are_named) {
    const std::vector<Stream> broken{
        {0xC1, 0x00},                                      // reserved bit
        {0x83, 0x00},                                      // unknown opcode
        {0x81, 0x80, 0, 0, 0, 0},                          // masked
        {0x09, 0x00},                                      // fragmented ping
        {0x89, 126, 0, 126},                               // long ping
        {0x80, 0x00},                                      // continuation of nothing
        {0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0},               // 4 GiB
        server_frame(0x01, "a") + server_frame(0x81, "b")  // message within a message
    };
    for (const Stream& stream : broken) {
        FrameReader reader;
        Story story;
        story.read(reader, stream);
        EXPECT_NE(story.problem, "") << "first byte " << unsigned{stream[0]};
    }
}

TEST(frame_reader, the_bit_for_compression_is_taken_when_it_was_agreed_on) {
    FrameReader reader;
    reader.allow_compression();
    std::vector<bool> compressed;
    const Stream stream = Stream{0x41, 1, 'a', 0x80, 1, 'b'} + Stream{0x81, 1, 'c'};
    const std::string_view problem = reader.read(
        stream, [&](const PayloadChunk& chunk) { compressed.push_back(chunk.compressed); },
        [](Opcode, Bytes) {});
    EXPECT_EQ(problem, "");
    EXPECT_EQ(compressed, (std::vector<bool>{true, true, false}));
}

TEST(frame_reader, a_continuation_or_a_ping_with_the_bit_for_compression_is_broken) {
    for (const Stream& stream : {Stream{0x41, 1, 'a', 0xC0, 1, 'b'}, Stream{0xC9, 0}}) {
        FrameReader reader;
        reader.allow_compression();
        EXPECT_NE(reader.read(
                      stream, [](const PayloadChunk&) {}, [](Opcode, Bytes) {}),
                  "");
    }
}

TEST(client_frame, unmasks_to_its_payload_for_each_length_encoding) {
    for (const std::size_t size : {0U, 1U, 125U, 126U, 65535U, 65536U}) {
        const Stream payload(size, 0x5A);
        const Stream frame = client_frame(Opcode::binary, payload);
        const std::size_t header = client_header_size(size);
        ASSERT_EQ(frame.size(), header + size);
        EXPECT_EQ(frame[0], 0x82);
        EXPECT_EQ(frame[1] & 0x80, 0x80);
        EXPECT_EQ(frame[1] & 0x7F, size <= 125     ? static_cast<int>(size)
                                   : size <= 65535 ? 126
                                                   : 127);
        for (std::size_t index = 0; index < size; ++index) {
            ASSERT_EQ(frame[header + index] ^ frame[header - 4 + index % 4], payload[index]);
        }
    }
}

}  // namespace
}  // namespace wsecho::loadgen
