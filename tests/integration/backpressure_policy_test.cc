// What becomes of messages for a peer that reads too slowly, by each policy.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "support/lazy_reader.h"
#include "support/on_loop.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

// --- drop oldest ---

TEST(backpressure_policy, the_oldest_make_room_for_the_newest) {
    constexpr int count = 3000;
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    std::uint64_t most = 0;
    int result = WSECHO_OK;
    for (int turn = 0; turn < 10; ++turn)
        loop.run([&, turn] {
            for (int i = 0; i < count / 10; ++i) {
                result =
                    std::min(result, loop.server().send_text(id, numbered(turn * count / 10 + i)));
                most = std::max(most, loop.server().queued_bytes(id));
            }
            return 0;
        });
    EXPECT_EQ(result, WSECHO_OK) << "each is taken";
    EXPECT_LE(most, queue_bound);
    const auto statistics = loop.server().statistics();
    EXPECT_GT(statistics.messages_dropped, 0U);
    EXPECT_EQ(statistics.messages_refused, 0U);

    loop.server().send_text(id, "the end");
    const auto numbers = read_numbers(client, "the end");
    expect_increasing(numbers);
    EXPECT_EQ(numbers.back(), count - 1);
    EXPECT_EQ(numbers.size() + loop.server().statistics().messages_dropped,
              static_cast<std::size_t>(count));
    eventually("nothing queued", [&] { return loop.server().statistics().bytes_queued == 0; });
}

TEST(backpressure_policy, the_oldest_make_room_for_what_other_threads_send_too) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    for (int i = 0; i < 2000; ++i) {
        int result = WSECHO_OK;
        eventually("the loop to have dropped some", [&] {
            result = loop.server().send_text(id, numbered(i));
            return result != WSECHO_ERR_BACKPRESSURE;
        });
        ASSERT_EQ(result, WSECHO_OK);
        ASSERT_LE(loop.server().queued_bytes(id), 2 * queue_bound);
    }
    loop.been_round();
    EXPECT_LE(loop.server().queued_bytes(id), queue_bound);
    EXPECT_GT(loop.server().statistics().messages_dropped, 0U);
    loop.server().send_text(id, "the end");
    const auto numbers = read_numbers(client, "the end");
    expect_increasing(numbers);
    EXPECT_EQ(numbers.back(), 1999);
}

TEST(backpressure_policy, a_broadcast_drops_the_oldest_of_the_slow_and_nothing_of_the_others) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    loop.server().await_open(1);
    constexpr int count = 2000;
    for (int i = 0; i < count; ++i) {
        ASSERT_EQ(loop.server().broadcast_text(numbered(i)), WSECHO_OK);
        ASSERT_EQ(number_of(loop.witness().read_text()), i);
    }
    ASSERT_EQ(loop.server().broadcast_text("the end"), WSECHO_OK);
    EXPECT_EQ(loop.witness().read_text(), "the end");
    const auto numbers = read_numbers(client, "the end");
    expect_increasing(numbers);
    EXPECT_EQ(numbers.back(), count - 1);
    EXPECT_EQ(numbers.size() + loop.server().statistics().messages_dropped,
              static_cast<std::size_t>(count));
}

TEST(backpressure_policy, nothing_is_dropped_for_a_message_that_finds_no_room_in_the_end) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    const int sent = fill_kernel(loop, id);
    const std::string too_large(queue_bound - 20, 'x');  // beside what cannot be dropped
    EXPECT_EQ(loop.run([&] { return loop.server().send_text(id, too_large); }),
              WSECHO_ERR_BACKPRESSURE);
    EXPECT_EQ(loop.server().statistics().messages_dropped, 0U);
    loop.server().send_text(id, "the end");
    EXPECT_EQ(read_numbers(client, "the end").size(), static_cast<std::size_t>(sent));
}

TEST(backpressure_policy, a_close_comes_behind_all_that_was_not_dropped) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    const int first = fill_kernel(loop, id);
    loop.run([&] {
        for (int i = first; i < first + 20; ++i)
            loop.server().send_text(id, numbered(i));
        return loop.server().close(id, 1000, "done");
    });
    for (int i = 0; i < first + 20; ++i)
        ASSERT_EQ(number_of(client.read_text()), i);
    EXPECT_EQ(client.take_close().payload.substr(2), "done");
}

TEST(backpressure_policy, tiny_messages_that_wait_are_bounded_by_their_number) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    const int sent = fill_kernel(loop, id);
    constexpr std::size_t tiny = 10'000;
    constexpr std::size_t most = queue_bound / 256;
    loop.run([&] {
        for (std::size_t i = 0; i < tiny; ++i)
            loop.server().send_text(id, "1");
        return 0;
    });
    EXPECT_GE(loop.server().statistics().messages_dropped, tiny - most);
    loop.server().send_text(id, "the end");
    const auto numbers = read_numbers(client, "the end");
    EXPECT_EQ(numbers.size() + loop.server().statistics().messages_dropped,
              static_cast<std::size_t>(sent) + tiny);
}

// --- close ---

void expect_cut_off(OnLoop& loop, Id id) {
    const Close close = loop.server().await_close();
    EXPECT_EQ(close.id, id);
    EXPECT_EQ(close.cause, WSECHO_CLOSE_SLOW_CONSUMER);
    EXPECT_EQ(close.code, 1006U);
    EXPECT_EQ(close.initiator, WSECHO_INITIATOR_LOCAL);
    EXPECT_GT(close.numbers.bytes_unsent, 0U);
    eventually("its end", [&] { return loop.server().state(id) == WSECHO_STATE_GONE; });
    EXPECT_EQ(loop.server().statistics().closes[WSECHO_CLOSE_SLOW_CONSUMER], 1U);
    eventually("nothing queued", [&] { return loop.server().statistics().bytes_queued == 0; });
    loop.been_round();  // the others live on
}

TEST(backpressure_policy, a_peer_whose_queue_is_full_is_cut_off) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_CLOSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    EXPECT_EQ(loop.run([&] {
        int result = WSECHO_OK;
        for (int i = 0; i < more_than_enough && result == WSECHO_OK; ++i)
            result = loop.server().send_text(id, numbered(i));
        return result;
    }),
              WSECHO_ERR_BACKPRESSURE);
    expect_cut_off(loop, id);
    client.read_to_end();
}

TEST(backpressure_policy, a_peer_whose_queue_other_threads_fill_is_cut_off) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_CLOSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    int result = WSECHO_OK;
    for (int i = 0; i < more_than_enough && result == WSECHO_OK; ++i)
        result = loop.server().send_text(id, numbered(i));
    EXPECT_EQ(result, WSECHO_ERR_BACKPRESSURE);
    expect_cut_off(loop, id);
}

TEST(backpressure_policy, a_peer_that_cannot_keep_up_with_broadcasts_is_cut_off) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_CLOSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    for (int i = 0; i < more_than_enough && loop.server().record().closes.empty(); ++i) {
        ASSERT_EQ(loop.server().broadcast_text(numbered(i)), WSECHO_OK);
        ASSERT_EQ(number_of(loop.witness().read_text()), i);
    }
    expect_cut_off(loop, id);
}

// --- whose policy ---

TEST(backpressure_policy, a_path_has_its_own) {
    TestServer server{TestServer::NotStarted{}, options_with(WSECHO_BACKPRESSURE_REFUSE)};
    wsecho_path_options path = WSECHO_PATH_OPTIONS_INIT;
    path.backpressure_policy = WSECHO_BACKPRESSURE_CLOSE;
    ASSERT_EQ(wsecho_server_add_path(server.get(), "/close", &path, nullptr, nullptr), WSECHO_OK);
    ASSERT_EQ(server.start(), WSECHO_OK);
    auto refusing = lazy_reader(server);
    const Id stays = server.await_open();
    auto closing = lazy_reader(server, "/close");
    eventually("both to be open", [&] { return server.statistics().connections == 2; });
    for (int i = 0; i < more_than_enough && server.statistics().connections == 2; ++i)
        ASSERT_EQ(server.broadcast_text(numbered(i)), WSECHO_OK);
    eventually("one to be cut off",
               [&] { return server.statistics().closes[WSECHO_CLOSE_SLOW_CONSUMER] == 1; });
    EXPECT_EQ(server.state(stays), WSECHO_STATE_OPEN);
}

TEST(backpressure_policy, a_connection_may_have_its_own_from_any_time_on) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    int result = WSECHO_OK;
    for (int i = 0; i < more_than_enough && result == WSECHO_OK; ++i)
        result = loop.server().send_text(id, numbered(i));
    ASSERT_EQ(result, WSECHO_ERR_BACKPRESSURE);
    ASSERT_EQ(wsecho_connection_set_backpressure_policy(loop.server().get(), id,
                                                        WSECHO_BACKPRESSURE_CLOSE),
              WSECHO_OK);
    while (loop.server().send_text(id, numbered(0)) == WSECHO_OK) {
    }
    EXPECT_EQ(loop.server().await_close().cause, WSECHO_CLOSE_SLOW_CONSUMER);
}

TEST(backpressure_policy, setting_it_tells_what_is_wrong) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    wsecho_server* const server = loop.server().get();
    const Id id = loop.server().await_open();
    const auto set = [](wsecho_server* of, Id whose, int policy) {
        return wsecho_connection_set_backpressure_policy(of, whose, policy);
    };
    EXPECT_EQ(set(nullptr, id, 0), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(set(server, id, -1), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(set(server, id, 3), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(set(server, id + 1, 0), WSECHO_ERR_GONE);
    EXPECT_EQ(loop.run([&] {
        loop.server().close(id, 1000);
        return set(server, id, 0);
    }),
              WSECHO_ERR_CLOSING);
}

}  // namespace
}  // namespace wsecho::test
