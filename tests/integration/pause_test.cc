// Reading that is paused and resumed: what waits meanwhile, what does not count, what ends it.
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/process.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

constexpr std::size_t kernel_room = 64UL * 1024 * 1024;  // more than any socket's buffers hold

int pause_reading(TestServer& server, Id id) {
    return wsecho_connection_pause_reading(server.get(), id);
}
int resume_reading(TestServer& server, Id id) {
    return wsecho_connection_resume_reading(server.get(), id);
}

// The first; those behind it go on.
void pause_when_open(TestServer& server, Id id) {
    if (server.record().opened.size() != 1) return;
    EXPECT_EQ(pause_reading(server, id), WSECHO_OK);
}

// Pauses behind each message.
void pause_behind(TestServer& server, const Message& message) {
    EXPECT_EQ(pause_reading(server, message.id), WSECHO_OK);
}

// The loop has read every letter of this thread when its pong has come.
void await_loop(TestServer& server) {
    auto other = open_client(server);
    other.send(frame(ping, "x"));
    EXPECT_EQ(other.read_frame().opcode, pong);
}

std::string many_texts(int count) {
    std::string frames;
    for (int i = 0; i < count; ++i)
        frames += frame(text, std::to_string(i));
    return frames;
}

TEST(pause, messages_read_already_wait_in_their_order) {
    TestServer server{default_options(), {.on_message = pause_behind}};
    auto client = open_client(server);
    client.send(many_texts(100));
    for (std::size_t i = 0; i < 100; ++i) {
        const Message message = server.await_message(i);
        EXPECT_EQ(message.payload, std::to_string(i));
        EXPECT_EQ(server.record().messages.size(), i + 1);
        EXPECT_EQ(resume_reading(server, message.id), WSECHO_OK);
    }
}

TEST(pause, a_message_cut_anywhere_goes_on_where_it_was) {
    TestServer server{default_options(), {.on_message = pause_behind}};
    auto client = open_client(server);
    client.send_in_pieces(many_texts(20), 3);
    for (std::size_t i = 0; i < 20; ++i) {
        const Message message = server.await_message(i);
        EXPECT_EQ(message.payload, std::to_string(i));
        EXPECT_EQ(resume_reading(server, message.id), WSECHO_OK);
    }
}

TEST(pause, what_came_with_the_handshake_waits_too) {
    TestServer server{default_options(), {.on_open = pause_when_open}};
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request() + many_texts(3));
    EXPECT_EQ(client.read_response().status, 101);
    await_loop(server);
    EXPECT_TRUE(server.record().messages.empty());
    EXPECT_EQ(resume_reading(server, server.await_open()), WSECHO_OK);
    EXPECT_EQ(server.await_message(2).payload, "2");
}

TEST(pause, a_resume_in_the_same_callback_loses_nothing) {
    TestServer server{default_options(),
                      {.on_message = [](TestServer& itself, const Message& told) {
                          pause_behind(itself, told);
                          EXPECT_EQ(resume_reading(itself, told.id), WSECHO_OK);
                          echo(itself, told);
                      }}};
    auto client = open_client(server);
    client.send(many_texts(1000));
    for (int i = 0; i < 1000; ++i)
        ASSERT_EQ(client.read_text(), std::to_string(i));
}

TEST(pause, both_are_idempotent) {
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    EXPECT_EQ(resume_reading(server, id), WSECHO_OK);
    EXPECT_EQ(pause_reading(server, id), WSECHO_OK);
    EXPECT_EQ(pause_reading(server, id), WSECHO_OK);
    await_loop(server);
    client.send_text("waits");
    EXPECT_EQ(resume_reading(server, id), WSECHO_OK);
    EXPECT_EQ(resume_reading(server, id), WSECHO_OK);
    EXPECT_EQ(server.await_message().payload, "waits");
}

TEST(pause, a_pause_behind_a_resume_holds) {
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    EXPECT_EQ(pause_reading(server, id), WSECHO_OK);
    EXPECT_EQ(resume_reading(server, id), WSECHO_OK);
    EXPECT_EQ(pause_reading(server, id), WSECHO_OK);
    await_loop(server);
    client.send_text("waits");
    await_loop(server);
    EXPECT_TRUE(server.record().messages.empty());
    EXPECT_EQ(resume_reading(server, id), WSECHO_OK);
    EXPECT_EQ(server.await_message().payload, "waits");
}

TEST(pause, the_peer_is_held_back_by_tcp) {
    TestServer server{default_options(), {.on_open = pause_when_open}};
    auto client = open_client(server);
    const std::string payload(64UL * 1024, 'x');
    auto sending = std::async(std::launch::async, [&] {
        for (std::size_t sent = 0; sent < kernel_room; sent += payload.size())
            client.send_binary(payload);
    });
    await_loop(server);
    EXPECT_LT(server.statistics().bytes_received, 1024U);  // the two requests, and a ping
    EXPECT_EQ(resume_reading(server, server.await_open()), WSECHO_OK);
    sending.get();
    server.await_message(kernel_room / payload.size() - 1);
}

TEST(pause, sending_goes_on) {
    TestServer server{default_options(), {.on_open = pause_when_open}};
    auto client = open_client(server);
    EXPECT_EQ(server.send_text(server.await_open(), "one way"), WSECHO_OK);
    EXPECT_EQ(client.read_text(), "one way");
}

TEST(pause, a_silent_pause_is_no_missing_heartbeat_and_no_idle_time) {
    auto options = default_options();
    options.heartbeat_interval_ms = 30;
    options.heartbeat_timeout_ms = 30;
    options.idle_timeout_ms = 50;
    TestServer server{options, {.on_open = pause_when_open}};
    auto client = open_client(server);
    auto clock = open_client(server);  // is not paused: silent, it is ended
    server.await_close();
    EXPECT_NE(server.await_close().id, server.await_open());
    EXPECT_EQ(server.state(server.await_open()), WSECHO_STATE_OPEN);
    EXPECT_EQ(resume_reading(server, server.await_open()), WSECHO_OK);
    EXPECT_EQ(server.await_close(1).id, server.await_open());  // now they count
}

TEST(pause, a_ping_sent_before_the_pause_may_be_answered_after_it) {
    auto options = default_options();
    options.heartbeat_interval_ms = 0;
    options.heartbeat_timeout_ms = 10'000;
    TestServer server{options, {.on_open = [](TestServer& itself, Id id) {
                          EXPECT_EQ(wsecho_connection_ping(itself.get(), id), WSECHO_OK);
                          pause_when_open(itself, id);
                      }}};
    auto client = open_client(server);
    client.send(frame(pong, client.read_frame().payload));
    EXPECT_EQ(resume_reading(server, server.await_open()), WSECHO_OK);
    server.await_heartbeat();
}

TEST(pause, a_close_from_our_side_reads_the_answer) {
    TestServer server{default_options(), {.on_open = pause_when_open}};
    auto client = open_client(server);
    const Id id = server.await_open();
    client.send_text("not told of any more");
    EXPECT_EQ(server.close(id, 1000), WSECHO_OK);
    EXPECT_EQ(client.take_close().close_code(), 1000U);
    EXPECT_EQ(server.await_close().code, 1000U);
    EXPECT_TRUE(server.record().messages.empty());
}

TEST(pause, one_that_is_closing_can_be_neither_paused_nor_resumed) {
    TestServer server{default_options(), {.on_open = [](TestServer& itself, Id id) {
                          EXPECT_EQ(itself.close(id, 1000), WSECHO_OK);
                          EXPECT_EQ(pause_reading(itself, id), WSECHO_ERR_CLOSING);
                          EXPECT_EQ(resume_reading(itself, id), WSECHO_ERR_CLOSING);
                      }}};
    auto client = open_client(server);
    EXPECT_EQ(client.read_frame().opcode, test::close);
    const Id id = server.await_open();
    EXPECT_EQ(pause_reading(server, id), WSECHO_ERR_CLOSING);
    EXPECT_EQ(resume_reading(server, id), WSECHO_ERR_CLOSING);
}

TEST(pause, one_that_is_gone_is_gone) {
    TestServer server;
    auto client = open_client(server);
    client.hang_up();
    const Id id = server.await_close().id;
    eventually("the id to be stale", [&] { return server.state(id) == WSECHO_STATE_GONE; });
    EXPECT_EQ(pause_reading(server, id), WSECHO_ERR_GONE);
    EXPECT_EQ(resume_reading(server, id), WSECHO_ERR_GONE);
}

TEST(pause, a_stop_ends_it) {
    TestServer server{default_options(), {.on_open = pause_when_open}};
    auto client = open_client(server);
    auto stopping = std::async(std::launch::async, [&] { return server.stop(); });
    EXPECT_EQ(client.take_close().close_code(), 1001U);
    EXPECT_EQ(stopping.get(), WSECHO_OK);
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_DRAIN);
}

TEST(pause, what_a_peer_sent_before_it_left_is_told_after_the_pause) {
    TestServer server{default_options(), {.on_open = pause_when_open}};
    auto client = open_client(server);
    client.send(many_texts(2));
    client.hang_up();
    await_loop(server);
    EXPECT_EQ(resume_reading(server, server.await_open()), WSECHO_OK);
    EXPECT_EQ(server.await_message(1).payload, "1");
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_TCP);
}

TEST(pause, a_reset_during_it_is_noticed_at_the_resume) {
    TestServer server{default_options(), {.on_open = pause_when_open}};
    auto client = open_client(server);
    client.reset();
    await_loop(server);
    const int resumed = resume_reading(server, server.await_open());
    EXPECT_TRUE(resumed == WSECHO_OK || resumed == WSECHO_ERR_GONE);
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_TCP);
}

TEST(pause, a_broken_one_does_not_keep_its_loop_awake) {
    auto options = default_options();
    options.heartbeat_interval_ms = 50;
    TestServer server{options, {.on_open = pause_when_open}};
    auto client = open_client(server);
    auto clock = open_client(server);
    const auto of_ten_heartbeats = [&] {  // about half a second
        const auto before = cpu_time();
        for (int i = 0; i < 10; ++i)
            clock.send(frame(pong, clock.read_frame().payload));
        return cpu_time() - before;
    };
    const auto usual = of_ten_heartbeats();
    client.reset();
    EXPECT_LT(of_ten_heartbeats(), usual + std::chrono::milliseconds{150});
}

}  // namespace
}  // namespace wsecho::test
