// Calls from threads that are not the connection's own: they act, and in the order of each
// thread's calls.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "support/frames.h"
#include "support/gate.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

TEST(threads, send_ping_and_close_from_another_thread_reach_the_peer) {
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    std::jthread{[&] {
        EXPECT_EQ(server.send_text(id, "hello"), WSECHO_OK);
        EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_OK);
        EXPECT_EQ(server.close(id, 1000, "bye"), WSECHO_OK);
    }}.join();
    EXPECT_EQ(client.read_text(), "hello");
    EXPECT_EQ(client.read_frame().opcode, ping);
    EXPECT_EQ(client.take_close().close_reason(), "bye");
}

TEST(threads, thousands_of_messages_of_one_thread_arrive_in_its_order) {
    constexpr int count = 10'000;
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    std::jthread sender{[&] {
        for (int i = 0; i < count; ++i)
            EXPECT_EQ(server.send_text(id, std::to_string(i)), WSECHO_OK);
    }};
    for (int i = 0; i < count; ++i)
        ASSERT_EQ(client.read_text(), std::to_string(i));
}

TEST(threads, several_threads_send_to_one_connection_and_each_keeps_its_order) {
    constexpr int threads = 4;
    constexpr int each = 2000;
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    std::vector<std::jthread> senders;
    senders.reserve(threads);
    for (int t = 0; t < threads; ++t)
        senders.emplace_back([&server, id, t] {
            for (int i = 0; i < each; ++i)
                EXPECT_EQ(server.send_text(id, std::to_string(t) + " " + std::to_string(i)),
                          WSECHO_OK);
        });
    std::vector<int> next(threads, 0);
    for (int i = 0; i < threads * each; ++i) {
        const std::string payload = client.read_text();
        const auto sender = static_cast<std::size_t>(payload[0] - '0');
        ASSERT_EQ(payload.substr(2), std::to_string(next[sender]++));
    }
}

TEST(threads, kinds_of_calls_keep_their_order_too) {
    constexpr int rounds = 300;
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    for (int i = 0; i < rounds; ++i) {
        EXPECT_EQ(server.send_text(id, "sent"), WSECHO_OK);
        EXPECT_EQ(server.broadcast_text("broadcast"), WSECHO_OK);
        EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_OK);
        EXPECT_EQ(server.send_binary(id, std::string(5000, 'b')), WSECHO_OK);
    }
    EXPECT_EQ(server.close(id, 1000), WSECHO_OK);
    for (int i = 0; i < rounds; ++i) {
        ASSERT_EQ(client.read_text(), "sent");
        ASSERT_EQ(client.read_text(), "broadcast");
        ASSERT_EQ(client.read_frame().opcode, ping);
        ASSERT_EQ(client.read_frame().opcode, binary);
    }
    EXPECT_EQ(client.take_close().close_code(), 1000U);
}

TEST(threads, a_callback_may_send_to_a_connection_of_another_loop) {
    auto options = default_options();
    options.threads = 3;
    TestServer server{options, {.on_message = [](TestServer& self, const Message& message) {
                          for (const Id id : self.record().opened)
                              EXPECT_EQ(self.send_text(id, message.payload), WSECHO_OK);
                      }}};
    auto clients = open_clients(server, 30);
    clients[0].send_text("to each of you");
    for (auto& client : clients)
        EXPECT_EQ(client.read_text(), "to each of you");
}

TEST(threads, the_callbacks_of_a_connection_run_on_one_thread_that_is_not_ours) {
    std::mutex mutex;
    std::vector<std::thread::id> seen;
    const auto note = [&] {
        const std::scoped_lock lock{mutex};
        seen.push_back(std::this_thread::get_id());
    };
    TestServer server{default_options(),
                      {.on_open = [&](TestServer&, Id) { note(); },
                       .on_message = [&](TestServer&, const Message&) { note(); },
                       .on_close = [&](TestServer&, const Close&) { note(); },
                       .on_heartbeat = [&](TestServer&, const Heartbeat&) { note(); }}};
    auto client = open_client(server);
    client.send_text("message");
    server.await_message();
    wsecho_connection_ping(server.get(), server.await_open());
    client.send(frame(pong, client.read_frame().payload));
    server.await_heartbeat();
    client.hang_up();
    server.await_close();
    server.stop();
    ASSERT_EQ(seen.size(), 4U);
    for (const auto& id : seen) {
        EXPECT_EQ(id, seen[0]);
        EXPECT_NE(id, std::this_thread::get_id());
    }
}

TEST(threads, a_message_whose_connection_ends_before_its_turn_is_counted_as_refused) {
    Gate gate;
    TestServer server{default_options(), {.on_message = [&](TestServer& self, const Message& got) {
                          gate.pass();
                          self.close(got.id, 1000);
                      }}};
    auto client = open_client(server);
    client.send_text("hold the loop");
    gate.await();
    const Id id = server.await_open();
    EXPECT_EQ(server.send_text(id, "accepted, but behind the close"), WSECHO_OK);
    gate.open();
    EXPECT_EQ(client.take_close().close_code(), 1000U);
    server.await_close();
    eventually("it to be counted", [&] { return server.statistics().messages_refused == 1; });
    EXPECT_EQ(server.statistics().messages_sent, 0U);
    EXPECT_EQ(server.statistics().bytes_queued, 0U);
}

TEST(threads, error_details_are_each_threads_own) {
    TestServer server;
    EXPECT_EQ(server.close(1, 0), WSECHO_ERR_INVALID_ARGUMENT);
    const std::string ours = wsecho_error_detail();
    EXPECT_FALSE(ours.empty());
    std::jthread{[&] {
        EXPECT_STREQ(wsecho_error_detail(), "");
        EXPECT_EQ(server.send_text(1, "x"), WSECHO_ERR_GONE);
        EXPECT_STRNE(wsecho_error_detail(), "");
    }}.join();
    EXPECT_EQ(wsecho_error_detail(), ours);
}

}  // namespace
}  // namespace wsecho::test
