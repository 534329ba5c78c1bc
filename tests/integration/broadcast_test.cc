// One message to every connection: on every loop, from any thread, from inside callbacks.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

wsecho_server_options on_loops(std::uint32_t threads) {
    auto options = default_options();
    options.threads = threads;
    return options;
}

TEST(broadcast, everybody_gets_it_once) {
    TestServer server;
    auto clients = open_clients(server, 10);
    EXPECT_EQ(server.broadcast_text("to all"), WSECHO_OK);
    EXPECT_EQ(server.broadcast_text("the end"), WSECHO_OK);
    for (auto& client : clients) {
        EXPECT_EQ(client.read_text(), "to all");
        EXPECT_EQ(client.read_text(), "the end");
        EXPECT_TRUE(client.is_silent());
    }
    EXPECT_EQ(server.statistics().messages_sent, 20U) << "once for each peer";
}

TEST(broadcast, one_may_be_left_out) {
    TestServer server;
    auto alice = open_client(server);
    const Id alice_id = server.await_open(0);
    auto bob = open_client(server);
    server.await_open(1);
    server.broadcast_text("not for Alice", alice_id);
    server.broadcast_text("for both");
    EXPECT_EQ(alice.read_text(), "for both");
    EXPECT_EQ(bob.read_text(), "not for Alice");
    EXPECT_EQ(bob.read_text(), "for both");
}

TEST(broadcast, a_stale_id_leaves_nobody_out) {
    TestServer server;
    auto gone = open_client(server);
    const Id gone_id = server.await_open(0);
    gone.hang_up();
    server.await_close();
    auto client = open_client(server);  // perhaps in the same slot
    server.await_open(1);
    server.broadcast_text("hello", gone_id);
    EXPECT_EQ(client.read_text(), "hello");
}

TEST(broadcast, binary_and_empty_and_large_messages_arrive_as_they_are) {
    TestServer server{on_loops(2)};
    auto clients = open_clients(server, 6);
    const std::string large(1'000'000, '\xFE');
    EXPECT_EQ(wsecho_broadcast(server.get(), WSECHO_BINARY, large.data(), large.size(), 0),
              WSECHO_OK);
    EXPECT_EQ(wsecho_broadcast(server.get(), WSECHO_TEXT, nullptr, 0, 0), WSECHO_OK);
    for (auto& client : clients) {
        const Frame frame = client.read_frame();
        EXPECT_EQ(frame.opcode, binary);
        EXPECT_TRUE(frame.payload == large);
        EXPECT_EQ(client.read_text(), "");
    }
}

TEST(broadcast, it_reaches_the_connections_of_three_loops_from_a_callback_of_one) {
    TestServer server{on_loops(3), {.on_message = [](TestServer& self, const Message& message) {
                          self.broadcast_text(message.payload, message.id);
                      }}};
    auto clients = open_clients(server, 45);
    for (std::uint32_t loop = 0; loop < 3; ++loop)
        ASSERT_GT(server.statistics(loop).connections, 0U);

    clients[0].send_text("from the first");
    for (std::size_t i = 1; i < clients.size(); ++i)
        EXPECT_EQ(clients[i].read_text(), "from the first");
    clients[1].send_text("from the second");
    EXPECT_EQ(clients[0].read_text(), "from the second") << "and not its own";
}

TEST(broadcast, what_one_callback_sends_and_broadcasts_keeps_its_order) {
    TestServer server{default_options(), {.on_message = [](TestServer& self, const Message& got) {
                          self.broadcast_text("1");
                          self.send_text(got.id, "2");
                          self.broadcast_text("3", got.id);
                          wsecho_connection_ping(self.get(), got.id);
                          self.broadcast_text("4");
                          self.close(got.id, 1000, "5");
                          self.broadcast_text("6");
                      }}};
    auto sender = open_client(server);
    auto other = open_client(server);
    server.await_open(1);
    sender.send_text("go");
    EXPECT_EQ(sender.read_text(), "1");
    EXPECT_EQ(sender.read_text(), "2");
    EXPECT_EQ(sender.read_frame().opcode, ping);
    EXPECT_EQ(sender.read_text(), "4");
    EXPECT_EQ(sender.take_close().close_reason(), "5");
    for (const char* expected : {"1", "3", "4", "6"})
        EXPECT_EQ(other.read_text(), expected);
    EXPECT_TRUE(other.is_silent());
}

TEST(broadcast, many_large_ones_of_one_callback_reach_each_peer_in_order) {
    // Two of three are for everybody, the third leaves out who asked.
    const auto nth = [](std::size_t i) {
        return std::string(9'000 + i, static_cast<char>('a' + i % 26));
    };
    TestServer server{default_options(), {.on_message = [&](TestServer& self, const Message& got) {
                          for (std::size_t i = 0; i < 60; ++i)
                              self.broadcast_text(nth(i), i % 3 == 2 ? got.id : 0);
                      }}};
    auto sender = open_client(server);
    auto others = open_clients(server, 5);
    sender.send_text("go");
    for (std::size_t i = 0; i < 60; ++i) {
        for (auto& other : others)
            ASSERT_TRUE(other.read_text() == nth(i)) << i;
        if (i % 3 != 2) {
            ASSERT_TRUE(sender.read_text() == nth(i)) << i;
        }
    }
    EXPECT_TRUE(sender.is_silent());
}

TEST(broadcast, one_from_the_open_callback_reaches_the_newcomer_unless_it_is_left_out) {
    TestServer server{default_options(), {.on_open = [](TestServer& self, Id id) {
                          self.broadcast_text("somebody has come");
                          self.broadcast_text("who has come?", id);
                      }}};
    auto first = open_client(server);
    EXPECT_EQ(first.read_text(), "somebody has come");
    auto second = open_client(server);
    EXPECT_EQ(second.read_text(), "somebody has come");
    EXPECT_EQ(first.read_text(), "somebody has come");
    EXPECT_EQ(first.read_text(), "who has come?");
    EXPECT_TRUE(second.is_silent());
}

TEST(broadcast, threads_may_broadcast_at_once_and_each_keeps_its_order) {
    constexpr int threads = 4;
    constexpr int each = 250;
    TestServer server{on_loops(2)};
    auto clients = open_clients(server, 8);
    std::vector<std::jthread> senders;
    senders.reserve(threads);
    for (int t = 0; t < threads; ++t)
        senders.emplace_back([&server, t] {
            for (int i = 0; i < each; ++i)
                EXPECT_EQ(server.broadcast_text(std::to_string(t) + " " + std::to_string(i)),
                          WSECHO_OK);
        });
    for (auto& client : clients) {
        std::vector<int> next(threads, 0);
        for (int i = 0; i < threads * each; ++i) {
            const std::string payload = client.read_text();
            const auto sender = static_cast<std::size_t>(payload[0] - '0');
            ASSERT_EQ(payload.substr(2), std::to_string(next[sender]++));
        }
    }
}

TEST(broadcast, those_who_come_and_go_meanwhile_do_no_harm) {
    TestServer server{on_loops(2)};
    auto steady = open_client(server);
    server.await_open();
    std::jthread traffic{[&](const std::stop_token& stop) {
        for (int i = 0; !stop.stop_requested(); ++i) {
            auto client = open_client(server);
            if (i % 2 == 0) client.reset();
        }
    }};
    for (int i = 0; i < 500; ++i) {
        ASSERT_EQ(server.broadcast_text(std::to_string(i)), WSECHO_OK);
        ASSERT_EQ(steady.read_text(), std::to_string(i));
    }
}

TEST(broadcast, a_farewell_from_the_close_callback_reaches_the_others_at_once) {
    auto options = default_options();
    options.close_timeout_ms = 100;
    options.heartbeat_interval_ms = 0;  // nothing else wakes the loop
    TestServer server{options, {.on_close = [](TestServer& self, const Close&) {
                          self.broadcast_text("one has left");
                          self.broadcast_text("and is missed");
                      }}};
    auto stays = open_client(server);
    auto leaves = open_client(server);
    // It does not answer the close: the time for it runs out, and ends it.
    server.close(server.await_open(1), 1000);
    EXPECT_EQ(stays.read_text(), "one has left");
    EXPECT_EQ(stays.read_text(), "and is missed");
}

TEST(broadcast, nobody_connected_is_no_error) {
    TestServer server{on_loops(2)};
    EXPECT_EQ(server.broadcast_text("hello?"), WSECHO_OK);
    EXPECT_EQ(server.statistics().messages_sent, 0U);
}

TEST(broadcast, only_a_running_server_does_it) {
    TestServer server{TestServer::NotStarted{}, default_options()};
    EXPECT_EQ(server.broadcast_text("too early"), WSECHO_ERR_WRONG_STATE);
    ASSERT_EQ(server.start(), WSECHO_OK);
    EXPECT_EQ(server.broadcast_text("now"), WSECHO_OK);
    server.stop();
    EXPECT_EQ(server.broadcast_text("too late"), WSECHO_ERR_WRONG_STATE);
    EXPECT_EQ(wsecho_broadcast(server.get(), WSECHO_TEXT, nullptr, 1, 0),
              WSECHO_ERR_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace wsecho::test
