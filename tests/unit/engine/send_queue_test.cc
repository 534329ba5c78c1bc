// Bytes that wait: whatever is appended comes out in order, however it is written.
#include "engine/send_queue.h"

#include <gtest/gtest.h>
#include <sys/uio.h>

#include <array>
#include <deque>
#include <memory_resource>
#include <random>

#include "bytes.h"

namespace wsecho::engine {
namespace {

using protocol::Opcode;
using protocol::ServerHeader;
using test::Bytes;

struct Memory : MessageMemory {
    Memory() : MessageMemory(*std::pmr::new_delete_resource()) {}
};

// What the next write would send, with room for so many parts.
Bytes peeked(const SendQueue& queue, std::size_t max_parts = 64) {
    std::vector<iovec> parts(max_parts);
    Bytes bytes;
    for (std::size_t i = 0, count = queue.peek(parts); i < count; ++i) {
        const auto* part = static_cast<const std::uint8_t*>(parts[i].iov_base);
        EXPECT_GT(parts[i].iov_len, 0U) << "an empty part would look like a finished write";
        bytes.insert(bytes.end(), part, part + parts[i].iov_len);
    }
    return bytes;
}

std::size_t parts_of(const SendQueue& queue) {
    std::vector<iovec> parts(1000);
    return queue.peek(parts);
}

Bytes frame(std::size_t payload_size) {
    const Bytes payload = test::patterned(payload_size);
    const ServerHeader header{Opcode::binary, payload_size};
    Bytes bytes{header.bytes().begin(), header.bytes().end()};
    test::append(bytes, payload);
    return bytes;
}

void append_frame(SendQueue& queue, std::size_t payload_size) {
    const Bytes payload = test::patterned(payload_size);
    queue.append(ServerHeader{Opcode::binary, payload_size}, payload);
}

TEST(send_queue, a_new_one_is_empty) {
    Memory memory;
    const SendQueue queue{memory};
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.bytes(), 0U);
    EXPECT_EQ(parts_of(queue), 0U);
}

TEST(send_queue, small_frames_are_gathered_into_one_part) {
    Memory memory;
    SendQueue queue{memory};
    Bytes expected;
    for (const std::size_t size : {0U, 5U, 100U, 1000U}) {
        append_frame(queue, size);
        test::append(expected, frame(size));
    }
    EXPECT_EQ(peeked(queue), expected);
    EXPECT_EQ(queue.bytes(), expected.size());
    EXPECT_EQ(parts_of(queue), 1U);
}

TEST(send_queue, a_frame_that_a_chunk_has_no_room_for_goes_on_in_the_next) {
    Memory memory;
    SendQueue queue{memory};
    Bytes expected;
    for (int i = 0; i < 10; ++i) {
        append_frame(queue, 3500);
        test::append(expected, frame(3500));
    }
    EXPECT_EQ(peeked(queue), expected);
    EXPECT_EQ(parts_of(queue), (expected.size() + Chunk::capacity - 1) / Chunk::capacity);
}

TEST(send_queue, around_the_size_of_a_chunk_nothing_is_lost) {
    for (std::size_t payload = Chunk::capacity - 6; payload <= Chunk::capacity + 2; ++payload)
        for (const std::size_t before : {0U, 1U, 125U, 4000U}) {
            Memory memory;
            SendQueue queue{memory};
            append_frame(queue, before);
            append_frame(queue, payload);
            append_frame(queue, 3);
            Bytes expected = frame(before);
            test::append(expected, frame(payload));
            test::append(expected, frame(3));
            ASSERT_EQ(peeked(queue), expected) << payload << " after " << before;
            ASSERT_EQ(queue.bytes(), expected.size());
        }
}

TEST(send_queue, a_shared_message_waits_as_it_is) {
    Memory memory;
    SendQueue queue{memory};
    const SharedMessage message = prepare(Opcode::text, test::bytes_of("to all"));
    queue.append(message);
    std::array<iovec, 2> parts{};
    ASSERT_EQ(queue.peek(parts), 1U);
    EXPECT_EQ(parts[0].iov_base, message->frame().data());
    EXPECT_EQ(message.use_count(), 2);
    queue.consume(message->frame().size());
    EXPECT_EQ(message.use_count(), 1) << "and is let go of when it was written";
}

constexpr std::size_t refill_bytes = std::size_t{64} << 10U;

SharedMessage keep_whole(SendQueue& queue, std::size_t payload_size,
                         const runtime::WaitingTerms& terms = {}) {
    const auto message = prepare(Opcode::binary, test::patterned(payload_size), terms);
    queue.keep_whole(message, message->frame().size());
    return message;
}

TEST(send_queue, what_waits_whole_is_not_written_before_it_is_asked_for) {
    Memory memory;
    SendQueue queue{memory};
    keep_whole(queue, 3000);
    EXPECT_FALSE(queue.empty());
    EXPECT_EQ(queue.bytes(), 0U);
    EXPECT_EQ(parts_of(queue), 0U);
    queue.refill(refill_bytes);
    EXPECT_EQ(peeked(queue), frame(3000));
    EXPECT_FALSE(queue.keeps_whole());
    queue.consume(frame(3000).size());
    EXPECT_TRUE(queue.empty());
}

TEST(send_queue, no_more_is_made_bytes_of_than_a_write_takes) {
    Memory memory;
    SendQueue queue{memory};
    for (int i = 0; i < 100; ++i)
        keep_whole(queue, 3000);
    queue.refill(refill_bytes);
    EXPECT_GE(queue.bytes(), 64U * 1024);
    EXPECT_LT(queue.bytes(), 64U * 1024 + frame(3000).size());
    const std::size_t before = queue.bytes();
    queue.refill(refill_bytes);
    EXPECT_EQ(queue.bytes(), before);
}

TEST(send_queue, small_ones_that_waited_whole_leave_side_by_side) {
    Memory memory;
    SendQueue queue{memory};
    Bytes expected;
    for (std::size_t i = 0; i < 20; ++i) {
        keep_whole(queue, i);
        test::append(expected, frame(i));
    }
    queue.refill(refill_bytes);
    EXPECT_EQ(peeked(queue), expected);
    EXPECT_EQ(parts_of(queue), 2U) << "the first as it is, the others behind it";
}

TEST(send_queue, only_what_waits_whole_is_dropped) {
    Memory memory;
    SendQueue queue{memory};
    append_frame(queue, 10);
    EXPECT_EQ(queue.drop_oldest().messages, 0U);
    keep_whole(queue, 20, {.deadline = runtime::TimePoint{std::chrono::hours{1}}});
    keep_whole(queue, 30);
    EXPECT_EQ(queue.drop_late(runtime::TimePoint{std::chrono::hours{2}}).bytes, frame(20).size());
    EXPECT_EQ(queue.drop_oldest().bytes, frame(30).size());
    EXPECT_FALSE(queue.keeps_whole());
    EXPECT_EQ(peeked(queue), frame(10));
}

TEST(send_queue, a_queue_that_ends_lets_go_of_shared_messages) {
    Memory memory;
    const SharedMessage message = prepare(Opcode::text, test::bytes_of("to all"));
    {
        SendQueue queue{memory};
        queue.append(message);
        append_frame(queue, 10);
        queue.append(message);
        EXPECT_EQ(message.use_count(), 3);
    }
    EXPECT_EQ(message.use_count(), 1);
}

TEST(send_queue, what_comes_behind_a_shared_message_stays_behind_it) {
    Memory memory;
    SendQueue queue{memory};
    append_frame(queue, 1);
    queue.append(prepare(Opcode::binary, test::patterned(2)));
    append_frame(queue, 3);
    Bytes expected = frame(1);
    test::append(expected, frame(2));
    test::append(expected, frame(3));
    EXPECT_EQ(peeked(queue), expected);
}

TEST(send_queue, of_a_shared_message_only_the_rest_may_wait) {
    Memory memory;
    SendQueue queue{memory};
    const SharedMessage message = prepare(Opcode::text, test::bytes_of("to all"));
    queue.append(message, 5);
    EXPECT_EQ(queue.bytes(), 3U);
    EXPECT_EQ(peeked(queue), test::bytes_of("all"));
    queue.consume(1);
    EXPECT_EQ(peeked(queue), test::bytes_of("ll"));
    queue.consume(2);
    EXPECT_TRUE(queue.empty());
}

TEST(send_queue, a_rest_of_a_frame_has_no_header_or_a_part_of_one) {
    Memory memory;
    SendQueue queue{memory};
    const Bytes half_header{0x7E, 0x01};
    queue.append_rest(half_header, test::bytes_of("abc"));
    queue.append_rest({}, test::bytes_of("def"));
    EXPECT_EQ(peeked(queue), (Bytes{0x7E, 0x01, 'a', 'b', 'c', 'd', 'e', 'f'}));
}

TEST(send_queue, what_is_left_of_a_large_frame_is_taken_as_it_is) {
    const Bytes payload = test::patterned(2 * Chunk::capacity);
    const Bytes rest_of_header{0x34};
    Bytes expected = rest_of_header;
    test::append(expected, payload);
    test::append(expected, payload);
    Memory memory;
    SendQueue queue{memory};
    queue.append_rest(rest_of_header, payload);
    queue.append_rest({}, payload);
    EXPECT_EQ(peeked(queue), expected);
    EXPECT_EQ(queue.bytes(), expected.size());
}

TEST(send_queue, a_write_may_stop_at_any_byte) {
    Memory memory;
    Bytes all = frame(5000);
    test::append(all, frame(7));
    test::append(all, frame(20));
    for (std::size_t cut = 0; cut <= all.size(); ++cut) {
        SendQueue queue{memory};
        append_frame(queue, 5000);
        append_frame(queue, 7);
        queue.append(prepare(Opcode::binary, test::patterned(20)));
        queue.consume(cut);
        const Bytes rest{all.begin() + static_cast<std::ptrdiff_t>(cut), all.end()};
        ASSERT_EQ(peeked(queue), rest) << cut;
        ASSERT_EQ(queue.bytes(), rest.size());
        ASSERT_EQ(queue.empty(), rest.empty());
    }
}

TEST(send_queue, a_chunk_that_was_half_written_is_filled_further) {
    Memory memory;
    SendQueue queue{memory};
    append_frame(queue, 100);
    queue.consume(50);
    append_frame(queue, 3990);
    const Bytes first = frame(100);
    Bytes expected{first.begin() + 50, first.end()};
    test::append(expected, frame(3990));
    EXPECT_EQ(peeked(queue), expected);
}

TEST(send_queue, a_full_chunk_that_was_written_to_its_end_is_not_appended_to) {
    Memory memory;
    SendQueue queue{memory};
    append_frame(queue, Chunk::capacity - 4);
    queue.consume(Chunk::capacity);
    EXPECT_TRUE(queue.empty());
    append_frame(queue, 5);
    EXPECT_EQ(peeked(queue), frame(5));
}

// What was written is forgotten now and then, in bulk: what waits must stay where it belongs.
TEST(send_queue, a_long_queue_that_drains_slowly_keeps_its_order_and_forgets_its_past) {
    Memory memory;
    SendQueue queue{memory};
    std::vector<SharedMessage> messages;
    for (std::size_t size = 0; size < 300; ++size) {
        messages.push_back(prepare(Opcode::binary, test::patterned(size)));
        queue.append(messages.back());
    }
    for (std::size_t size = 0; size < 300; ++size) {
        ASSERT_EQ(parts_of(queue), 300 - size);
        ASSERT_EQ(peeked(queue, 1), frame(size));
        queue.consume(frame(size).size());
        ASSERT_EQ(messages[size].use_count(), 1) << size;
    }
    EXPECT_TRUE(queue.empty());
}

TEST(send_queue, no_more_parts_are_filled_in_than_there_is_room_for) {
    Memory memory;
    SendQueue queue{memory};
    for (int i = 0; i < 10; ++i)
        queue.append(prepare(Opcode::binary, test::patterned(4)));
    EXPECT_EQ(peeked(queue, 3).size(), 3 * frame(4).size());
    EXPECT_EQ(peeked(queue, 0).size(), 0U);
    EXPECT_EQ(peeked(queue, 64).size(), 10 * frame(4).size());
}

TEST(send_queue, what_it_used_is_used_again_by_the_next) {
    Memory memory;
    {
        SendQueue queue{memory};
        append_frame(queue, 500);
        append_frame(queue, 100'000);
        queue.consume(queue.bytes());
    }
    const auto chunk = memory.chunks.make();
    EXPECT_EQ(chunk->size, 0U);
    const auto buffer = memory.buffers.take();
    EXPECT_TRUE(buffer->empty());
    EXPECT_GE(buffer->capacity(), 100'000U);
}

TEST(send_queue, random_appends_and_writes_come_out_as_one_stream) {
    std::mt19937_64 random{11};
    Memory memory;
    for (int round = 0; round < 10; ++round) {
        SendQueue queue{memory};
        std::deque<std::uint8_t> model;
        // More goes in than out at first, so that the queue grows long; then it drains.
        for (int turn = 0; turn < 1500; ++turn) {
            const bool growing = turn < 700;
            for (auto count = random() % (growing ? 4U : 2U); count > 0; --count) {
                constexpr std::array<std::size_t, 5> sizes{10, 100, 130, 4096, 9000};
                const std::size_t size = random() % sizes[random() % sizes.size()];
                if (random() % 2 == 0)
                    append_frame(queue, size);
                else
                    queue.append(prepare(Opcode::binary, test::patterned(size)));
                const Bytes bytes = frame(size);
                model.insert(model.end(), bytes.begin(), bytes.end());
            }
            const Bytes next = peeked(queue, random() % 8 + 1);
            ASSERT_LE(next.size(), model.size());
            ASSERT_TRUE(std::equal(next.begin(), next.end(), model.begin()));
            const std::size_t written =
                random() % 3 == 0 ? next.size() : random() % (next.size() + 1);
            queue.consume(written);
            model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(written));
            ASSERT_EQ(queue.bytes(), model.size());
            ASSERT_EQ(queue.empty(), model.empty());
        }
    }
}

}  // namespace
}  // namespace wsecho::engine
