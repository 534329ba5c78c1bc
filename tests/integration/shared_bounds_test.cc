// Bounds that all peers of a server share: who takes the most gives way, and those who take little
// do not notice.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/deflate_peer.h"
#include "support/frames.h"
#include "support/lazy_reader.h"
#include "support/on_loop.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

// --- What waits to be sent ---

constexpr std::uint64_t total_of_queues = 1'000'000;

wsecho_server_options sharing_queues(wsecho_backpressure_policy policy) {
    auto options = options_with(policy);
    options.max_queued_bytes = total_of_queues;
    options.max_queued_bytes_total = total_of_queues;
    return options;
}

// Sends to a peer until so much waits for it.
void queue_up(OnLoop& loop, Id id, std::uint64_t bytes) {
    for (int i = 0; loop.server().queued_bytes(id) < bytes; ++i) {
        ASSERT_LT(i, more_than_enough);
        ASSERT_EQ(loop.run([&] { return loop.server().send_text(id, numbered(i)); }), WSECHO_OK);
    }
}

class shared_queues : public testing::TestWithParam<wsecho_backpressure_policy> {};

TEST_P(shared_queues, who_takes_what_is_sent_gets_it_while_others_hold_all_that_there_is) {
    OnLoop loop{sharing_queues(GetParam())};
    std::vector<RawClient> lazy;
    for (std::size_t i = 0; i < 4; ++i) {
        lazy.push_back(lazy_reader(loop.server()));
        queue_up(loop, loop.server().await_open(i + 1), total_of_queues / 5);
    }
    const std::string large(300'000, 'l');
    for (int i = 0; i < 20; ++i) {
        ASSERT_EQ(
            loop.run([&] { return loop.server().send_text(loop.server().await_open(), large); }),
            WSECHO_OK);
        ASSERT_EQ(loop.witness().read_text(), large);
        ASSERT_LE(loop.server().statistics().bytes_queued, total_of_queues);
    }
    EXPECT_EQ(loop.server().state(loop.server().await_open()), WSECHO_STATE_OPEN);
}

INSTANTIATE_TEST_SUITE_P(policy, shared_queues,
                         testing::Values(WSECHO_BACKPRESSURE_REFUSE,
                                         WSECHO_BACKPRESSURE_DROP_OLDEST,
                                         WSECHO_BACKPRESSURE_CLOSE));

TEST(queue_total, who_holds_the_most_is_cut_off_for_one_that_holds_less) {
    OnLoop loop{sharing_queues(WSECHO_BACKPRESSURE_REFUSE)};
    auto greedy = lazy_reader(loop.server());
    auto modest = lazy_reader(loop.server());
    const Id greedy_id = loop.server().await_open(1);
    const Id modest_id = loop.server().await_open(2);
    queue_up(loop, greedy_id, total_of_queues - 10'000);
    queue_up(loop, modest_id, 100'000);
    const Close close = loop.server().await_close();
    EXPECT_EQ(close.id, greedy_id);
    EXPECT_EQ(close.cause, WSECHO_CLOSE_SLOW_CONSUMER);
    EXPECT_GE(close.numbers.bytes_unsent, total_of_queues - 10'000);
    EXPECT_EQ(loop.server().state(modest_id), WSECHO_STATE_OPEN);
    EXPECT_LT(loop.server().statistics().bytes_queued, 200'000U);
}

TEST(queue_total, where_the_oldest_are_dropped_nobody_is_cut_off) {
    OnLoop loop{sharing_queues(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto greedy = lazy_reader(loop.server());
    auto modest = lazy_reader(loop.server());
    queue_up(loop, loop.server().await_open(1), total_of_queues - 10'000);
    queue_up(loop, loop.server().await_open(2), 100'000);
    EXPECT_GT(loop.server().statistics().messages_dropped, 0U);
    EXPECT_TRUE(loop.server().record().closes.empty());
}

TEST(queue_total, another_thread_s_messages_make_the_greediest_give_way) {
    OnLoop loop{sharing_queues(WSECHO_BACKPRESSURE_CLOSE)};
    auto modest = lazy_reader(loop.server());
    const Id modest_id = loop.server().await_open(1);
    queue_up(loop, modest_id, 10'000);
    std::vector<RawClient> greedy;
    for (std::size_t i = 0; i < 4; ++i) {
        greedy.push_back(lazy_reader(loop.server()));
        queue_up(loop, loop.server().await_open(2 + i), 240'000);
    }
    eventually("room for the modest one", [&] {
        return loop.server().send_text(modest_id, std::string(60'000, 'm')) == WSECHO_OK &&
               !loop.server().record().closes.empty();
    });
    EXPECT_NE(loop.server().await_close().id, modest_id);
    EXPECT_EQ(loop.server().state(modest_id), WSECHO_STATE_OPEN);
}

TEST(send_timeout, who_reads_nothing_is_cut_off_however_many_pings_come) {
    auto options = options_with(WSECHO_BACKPRESSURE_REFUSE);
    options.send_timeout_ms = 300;
    OnLoop loop{options};
    auto client = lazy_reader(loop.server());
    queue_up(loop, loop.server().await_open(1), queue_bound / 2);
    eventually("its end", [&] {
        if (loop.server().record().closes.empty()) client.send(frame(pong, "still here"));
        return !loop.server().record().closes.empty();
    });
    EXPECT_EQ(loop.server().await_close().cause, WSECHO_CLOSE_SLOW_CONSUMER);
    EXPECT_GT(loop.server().await_close().numbers.bytes_unsent, 0U);
}

// --- What is received and not finished ---

constexpr std::uint64_t receiving_total = 1'000'000;

wsecho_server_options sharing_room_for_messages() {
    auto options = default_options();
    options.max_receiving_bytes_total = receiving_total;
    options.heartbeat_interval_ms = 0;
    return options;
}

TEST(unfinished_messages, whose_is_the_largest_gives_way_and_the_others_are_finished) {
    TestServer server{sharing_room_for_messages(), {.on_message = echo}};
    auto modest = open_clients(server, 5);
    for (RawClient& each : modest)
        each.send(first_fragment(text, std::string(60'000, 'a')));
    auto greedy = open_client(server);
    greedy.send(first_fragment(binary, std::string(400'000, 'x')));
    greedy.send(middle_fragment(std::string(400'000, 'x')));
    EXPECT_EQ(greedy.read_frame().close_code(), 1008U);
    greedy.hang_up();
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_MEMORY);
    for (RawClient& each : modest) {
        each.send(last_fragment("b"));
        EXPECT_EQ(each.read_text(), std::string(60'000, 'a') + "b");
    }
    EXPECT_EQ(server.statistics().closes[WSECHO_CLOSE_MEMORY], 1U);
}

TEST(unfinished_messages, compressed_ones_count_by_what_they_inflate_to) {
    auto options = sharing_room_for_messages();
    options.deflate = 1;
    TestServer server{options, {.on_message = echo}};
    DeflatePeer one{server};
    one.client.send(
        frame(text, deflated(std::string(700'000, 'a')), {.fin = false, .reserved_bits = 4}));
    DeflatePeer other{server};
    other.client.send(
        frame(text, deflated(std::string(400'000, 'b')), {.fin = false, .reserved_bits = 4}));
    EXPECT_EQ(one.client.read_frame().close_code(), 1008U);
    one.client.hang_up();
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_MEMORY);
}

TEST(unfinished_messages, what_was_given_up_or_finished_counts_no_more) {
    TestServer server{sharing_room_for_messages()};
    for (int round = 0; round < 5; ++round) {
        auto client = open_client(server);
        client.send(first_fragment(binary, std::string(900'000, 'x')));
        if (round % 2 == 0) client.send(last_fragment("x"));
        client.send(frame(ping, "there"));
        EXPECT_EQ(client.read_frame().opcode, unsigned{pong});
    }
    for (std::size_t i = 0; i < 5; ++i)
        EXPECT_EQ(server.await_close(i).cause, WSECHO_CLOSE_TCP);
}

}  // namespace
}  // namespace wsecho::test
