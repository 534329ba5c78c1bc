// Peers that do not read: the send says so, nothing is half-sent, and what was accepted arrives.
#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <optional>
#include <string>

#include "support/frames.h"
#include "support/gate.h"
#include "support/lazy_reader.h"
#include "support/process.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

constexpr std::size_t queue_bound = 256UL * 1024;
wsecho_server_options small_queue() {
    auto options = default_options();
    options.max_queued_bytes = queue_bound;
    options.heartbeat_interval_ms = 0;
    return options;
}

// Sends until it is refused; how many were accepted so far.
int fill(TestServer& server, Id id, int& result, int accepted = 0) {
    while ((result = server.send_text(id, numbered(accepted))) == WSECHO_OK &&
           accepted < more_than_enough)
        ++accepted;
    return accepted;
}

// Full for good: also after the loop has been round and the kernel has taken what it takes.
int fill_for_good(TestServer& server, Id id, RawClient& witness) {
    int accepted = 0;
    for (int before = -1; accepted != before;) {
        before = accepted;
        int result = WSECHO_OK;
        accepted = fill(server, id, result, accepted);
        EXPECT_EQ(result, WSECHO_ERR_BACKPRESSURE);
        EXPECT_LE(server.queued_bytes(id), queue_bound);
        for (int i = 0; i < 2; ++i) {
            witness.send_text("been round?");
            witness.read_text();
        }
    }
    return accepted;
}

void expect_all(RawClient& client, int accepted) {
    for (int i = 0; i < accepted; ++i)
        ASSERT_EQ(client.read_text(), numbered(i)) << "message " << i << " of " << accepted;
}

TEST(backpressure, a_full_queue_refuses_a_message_whole_and_keeps_what_it_took) {
    TestServer server{small_queue(), {.on_message = echo}};
    auto client = lazy_reader(server);
    const Id id = server.await_open();
    auto witness = open_client(server);

    const int accepted = fill_for_good(server, id, witness);
    EXPECT_EQ(server.send_text(id, numbered(accepted)), WSECHO_ERR_BACKPRESSURE);
    EXPECT_STREQ(wsecho_error_detail(), wsecho_strerror(WSECHO_ERR_BACKPRESSURE));

    expect_all(client, accepted);
    eventually("an empty queue", [&] { return server.queued_bytes(id) == 0; });
    EXPECT_EQ(server.send_text(id, "room again"), WSECHO_OK);
    EXPECT_EQ(client.read_text(), "room again");
    eventually("nothing queued", [&] { return server.statistics().bytes_queued == 0; });
}

TEST(backpressure, it_meets_a_callback_in_the_same_way) {
    std::promise<int> told_accepted;
    std::promise<int> told_result;
    TestServer server{small_queue(), {.on_message = [&](TestServer& self, const Message& message) {
                          int result = WSECHO_OK;
                          told_accepted.set_value(fill(self, message.id, result));
                          told_result.set_value(result);
                      }}};
    auto client = lazy_reader(server);
    client.send_text("flood me");
    const int accepted = told_accepted.get_future().get();
    EXPECT_EQ(told_result.get_future().get(), WSECHO_ERR_BACKPRESSURE);
    EXPECT_GT(accepted, 10);
    expect_all(client, accepted);
    EXPECT_EQ(server.statistics().messages_refused, 1U);
}

TEST(backpressure, a_message_that_the_kernel_takes_in_part_arrives_whole) {
    std::string payload(4'000'000, '\0');
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>((i * 31 + i / 251) % 256);
    std::promise<std::uint64_t> told_queued;
    TestServer server{default_options(), {.on_message = [&](TestServer& self, const Message& got) {
                          EXPECT_EQ(self.send_binary(got.id, payload), WSECHO_OK);
                          told_queued.set_value(self.queued_bytes(got.id));
                      }}};
    auto client = lazy_reader(server);
    client.send_text("go on");
    const auto queued = told_queued.get_future().get();
    EXPECT_GT(queued, 0U) << "the kernel took it all: this test proves nothing";
    EXPECT_LT(queued, payload.size());
    EXPECT_TRUE(client.read_frame().payload == payload);
}

// The first may be held back for a moment, and the kernel then take a part of it.
TEST(backpressure, two_answers_to_a_message_stay_in_their_order_as_the_kernel_fills_up) {
    int answers = 0;
    TestServer server{default_options(), {.on_message = [&](TestServer& self, const Message& each) {
                          if (each.payload != "two, please") return echo(self, each);
                          for (int i = 0; i < 2; ++i)
                              self.send_text(each.id, numbered(answers++));
                      }}};
    auto client = lazy_reader(server);
    const Id id = server.await_open();
    auto witness = open_client(server);
    int asked = 0;
    const auto ask = [&] {
        client.send_text("two, please");
        server.await_message(2 * static_cast<std::size_t>(asked++));
        witness.send_text("been round?");
        witness.read_text();
    };
    while (server.queued_bytes(id) == 0) {
        ASSERT_LT(asked, more_than_enough);
        ask();
    }
    for (int i = 0; i < 20; ++i)
        ask();
    expect_all(client, 2 * asked);
}

// They are held back for a moment: what the kernel then does not take has its place in the queue.
TEST(backpressure, many_small_answers_to_a_message_keep_to_the_bound_as_the_kernel_fills_up) {
    constexpr std::size_t bound = 5000;
    auto options = small_queue();
    options.max_queued_bytes = bound;
    int accepted = 0;
    bool full = false;
    const auto small = [](int n) { return std::to_string(n) + ":" + std::string(100, 'x'); };
    TestServer server{options, {.on_message = [&](TestServer& self, const Message& each) {
                          if (each.payload != "many, please") return echo(self, each);
                          for (int i = 0; i < 250 && !full; ++i) {
                              full = self.send_text(each.id, small(accepted)) != WSECHO_OK;
                              if (!full) ++accepted;
                          }
                      }}};
    auto client = lazy_reader(server);
    const Id id = server.await_open();
    auto witness = open_client(server);
    for (std::size_t asked = 0; server.queued_bytes(id) == 0; ++asked) {
        ASSERT_LT(asked, static_cast<std::size_t>(more_than_enough));
        client.send_text("many, please");
        server.await_message(2 * asked);
        witness.send_text("been round?");
        witness.read_text();
        ASSERT_LE(server.queued_bytes(id), bound);
    }
    for (int i = 0; i < accepted; ++i)
        ASSERT_EQ(client.read_text(), small(i));
}

TEST(backpressure, a_queue_that_is_longer_than_the_kernels_buffers_drains_bit_by_bit) {
    auto options = default_options();
    options.max_queued_bytes = 32UL * 1024 * 1024;
    TestServer server{options};
    auto client = lazy_reader(server);
    const Id id = server.await_open();
    int result = WSECHO_OK;
    const int accepted = fill(server, id, result);
    expect_all(client, accepted);
}

// The answer is held back when the end of the stream is found, and the kernel takes a part of it.
// The loop is kept in a callback meanwhile, so that it finds message and end at once.
TEST(backpressure, a_last_message_of_a_peer_that_does_not_read_ends_its_connection_alone) {
    const std::string message(4000, 'x');
    std::optional<Gate> gate;
    const TemporaryFolder folder;
    const auto path = folder.file("socket");  // its buffers are small
    auto options = default_options();
    options.unix_path = path.c_str();
    options.heartbeat_interval_ms = 0;
    TestServer server{options, {.on_message = [&](TestServer& self, const Message& each) {
                          if (each.payload != "wait") return echo(self, each);
                          gate->pass();
                      }}};
    std::size_t seen = 0;
    const auto send = [&](RawClient& client) {
        client.send_text(message);
        server.await_message(seen++);
    };

    const auto lazy = [&] {
        auto client = RawClient::unix_socket(path);
        client.shake_hands();
        return client;
    };

    // How many the kernel takes for a peer that does not read, to find the one it takes a part of.
    auto first = lazy();
    const Id id = server.await_open();
    while (server.queued_bytes(id) == 0)
        send(first);
    const std::size_t full = seen;
    auto keeper = open_client(server);
    for (std::size_t before = full - std::min<std::size_t>(full, 4); before <= full; ++before) {
        auto client = lazy();
        for (std::size_t i = 0; i < before; ++i)
            send(client);
        gate.emplace();
        keeper.send_text("wait");
        gate->await();
        client.send_text(message);
        client.shut_down_writing();
        gate->open();
        seen += 2;
        client.read_to_end();
    }
    keeper.send_text("still there?");
    EXPECT_EQ(keeper.read_text(), "still there?");
}

TEST(backpressure, every_refusal_is_counted_whatever_thread_was_refused) {
    TestServer server{small_queue()};
    auto client = lazy_reader(server);
    const Id id = server.await_open();
    int result = WSECHO_OK;
    fill(server, id, result);
    ASSERT_EQ(result, WSECHO_ERR_BACKPRESSURE);
    EXPECT_EQ(server.statistics().messages_refused, 1U);
}

TEST(backpressure, a_message_that_the_queue_can_never_hold_is_too_big) {
    std::promise<int> in_callback;
    TestServer server{
        small_queue(), {.on_message = [&](TestServer& self, const Message& message) {
            in_callback.set_value(self.send_binary(message.id, std::string(queue_bound, 'x')));
        }}};
    auto client = open_client(server);
    const Id id = server.await_open();
    EXPECT_EQ(server.send_binary(id, std::string(queue_bound, 'x')), WSECHO_ERR_TOO_BIG);
    EXPECT_EQ(server.broadcast_text(std::string(queue_bound, 'x')), WSECHO_ERR_TOO_BIG);
    client.send_text("now you");
    EXPECT_EQ(in_callback.get_future().get(), WSECHO_ERR_TOO_BIG);

    const std::string largest(queue_bound - 10, 'y');  // with its header it just fits
    EXPECT_EQ(server.send_binary(id, largest), WSECHO_OK);
    EXPECT_TRUE(client.read_frame().payload == largest);
}

TEST(backpressure, a_broadcast_passes_over_the_full_and_reaches_the_others) {
    TestServer server{small_queue()};
    auto lazy = lazy_reader(server);
    const Id full = server.await_open();
    auto reader = open_client(server);

    std::uint64_t broadcasts = 0;
    const std::string payload(100'000, 'b');
    while (server.statistics().messages_refused == 0) {
        ASSERT_LT(++broadcasts, 1000U);
        ASSERT_EQ(server.broadcast_text(payload), WSECHO_OK);
        EXPECT_TRUE(reader.read_text() == payload);
    }
    EXPECT_LE(server.queued_bytes(full), queue_bound);
    eventually("the last to be counted", [&] {
        const auto now = server.statistics();
        return now.messages_sent + now.messages_refused == 2 * broadcasts;
    });
    for (auto i = server.statistics().messages_sent - broadcasts; i > 0; --i)
        ASSERT_TRUE(lazy.read_text() == payload);
    EXPECT_TRUE(lazy.is_silent());
}

TEST(backpressure, a_peer_that_leaves_with_a_full_queue_leaves_nothing_queued) {
    TestServer server{small_queue(), {.on_message = echo}};
    auto client = lazy_reader(server);
    const Id id = server.await_open();
    auto witness = open_client(server);
    fill_for_good(server, id, witness);
    EXPECT_GT(server.queued_bytes(id), 0U);
    client.reset();
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_TCP);
    eventually("nothing queued", [&] { return server.statistics().bytes_queued == 0; });
    EXPECT_EQ(server.queued_bytes(id), 0U);
}

TEST(backpressure, pings_of_a_peer_that_does_not_read_do_not_fill_memory) {
    TestServer server{small_queue()};
    auto client = lazy_reader(server);
    const Id id = server.await_open();
    std::string pings;
    for (int i = 0; i < 1000; ++i)
        pings += frame(ping, std::string(125, 'p'));
    for (int i = 0; i < 100; ++i)
        client.send(pings);
    const auto sent = client.bytes_sent();
    eventually("all to be read", [&] { return server.statistics().bytes_received == sent; });
    EXPECT_LE(server.queued_bytes(id), queue_bound);
    EXPECT_EQ(server.state(id), WSECHO_STATE_OPEN);
}

}  // namespace
}  // namespace wsecho::test
