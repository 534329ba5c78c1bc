// What callbacks may and may not do: throw, stop, destroy, close each other.
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

void expect_1011(const TestServer& server, RawClient& client) {
    EXPECT_EQ(client.take_close().close_code(), 1011U);
    const auto close = server.await_close();
    EXPECT_EQ(close.code, 1011U);
    EXPECT_EQ(close.cause, WSECHO_CLOSE_LOCAL);
    EXPECT_EQ(close.initiator, WSECHO_INITIATOR_LOCAL);
    EXPECT_EQ(server.statistics().callback_failures, 1U);
}

TEST(callback, a_message_callback_that_throws_closes_its_connection_and_no_other) {
    TestServer server{default_options(),
                      {.on_message = [](TestServer& self, const Message& message) {
                          if (message.payload == "throw") throw std::runtime_error("as asked");
                          echo(self, message);
                      }}};
    auto good = open_client(server);
    auto bad = open_client(server);
    bad.send(frame(text, "throw") + frame(text, "not delivered"));
    expect_1011(server, bad);
    good.send_text("go on");
    EXPECT_EQ(good.read_text(), "go on");
    EXPECT_EQ(server.record().messages.size(), 2U);
}

TEST(callback, what_is_thrown_need_not_be_an_exception) {
    TestServer server{default_options(),
                      {.on_message = [](TestServer&, const Message&) { throw 42; }}};
    auto client = open_client(server);
    client.send_text("anything");
    expect_1011(server, client);
}

TEST(callback, an_open_callback_that_throws_closes_its_connection) {
    TestServer server{default_options(),
                      {.on_open = [](TestServer&, Id) { throw std::runtime_error("no"); }}};
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request() + frame(text, "not delivered"));
    EXPECT_EQ(client.read_response().status, 101);
    EXPECT_EQ(client.read_frame().close_code(), 1011U);
    client.hang_up();
    EXPECT_EQ(server.await_close().code, 1011U);
    EXPECT_TRUE(server.record().messages.empty());
}

TEST(callback, a_heartbeat_callback_that_throws_closes_its_connection) {
    TestServer server{default_options(), {.on_heartbeat = [](TestServer&, const Heartbeat&) {
                          throw std::runtime_error("no");
                      }}};
    auto client = open_client(server);
    wsecho_connection_ping(server.get(), server.await_open());
    client.send(frame(pong, client.read_frame().payload));
    expect_1011(server, client);
}

TEST(callback, a_close_callback_that_throws_is_counted_and_the_server_goes_on) {
    TestServer server{default_options(),
                      {.on_message = echo, .on_close = [](TestServer&, const Close&) {
                           throw std::runtime_error("no");
                       }}};
    open_client(server).hang_up();
    server.await_close();
    eventually("it to be counted", [&] { return server.statistics().callback_failures == 1; });
    auto next = open_client(server);
    next.send_text("still here");
    EXPECT_EQ(next.read_text(), "still here");
}

TEST(callback, stop_and_destroy_inside_any_callback_are_refused_and_do_nothing) {
    std::atomic<int> refused{0};
    const auto try_to_end = [&](const TestServer& self) {
        if (wsecho_server_stop(self.get()) == WSECHO_ERR_IN_CALLBACK) ++refused;
        if (wsecho_server_destroy(self.get()) == WSECHO_ERR_IN_CALLBACK) ++refused;
    };
    auto options = default_options();
    options.threads = 2;
    TestServer server{
        options,
        {.on_open = [&](TestServer& self, Id) { try_to_end(self); },
         .on_message =
             [&](TestServer& self, const Message& message) {
                 try_to_end(self);
                 echo(self, message);
             },
         .on_close = [&](TestServer& self, const Close&) { try_to_end(self); },
         .on_heartbeat = [&](TestServer& self, const Heartbeat&) { try_to_end(self); }}};
    auto client = open_client(server);
    client.send_text("still served");
    EXPECT_EQ(client.read_text(), "still served");
    wsecho_connection_ping(server.get(), server.await_open());
    client.send(frame(pong, client.read_frame().payload));
    server.await_heartbeat();
    client.hang_up();
    server.await_close();
    server.stop();
    EXPECT_EQ(refused, 8);
}

TEST(callback, another_server_may_be_stopped_and_destroyed_inside_one) {
    auto other = std::make_unique<TestServer>();
    std::atomic<int> result{-1};
    TestServer server{default_options(), {.on_message = [&](TestServer& self, const Message& got) {
                          result = other->destroy();
                          echo(self, got);
                      }}};
    auto client = open_client(server);
    client.send_text("end the other");
    EXPECT_EQ(client.read_text(), "end the other");
    EXPECT_EQ(result, WSECHO_OK);
}

TEST(callback, one_connection_may_close_another) {
    TestServer server{default_options(), {.on_message = [](TestServer& self, const Message& got) {
                          for (const Id id : self.record().opened)
                              if (id != got.id) self.close(id, 4000, "the other said so");
                          echo(self, got);
                      }}};
    auto first = open_client(server);
    auto second = open_client(server);
    server.await_open(1);
    first.send_text("close it");
    EXPECT_EQ(second.take_close().close_reason(), "the other said so");
    EXPECT_EQ(first.read_text(), "close it");
}

TEST(callback, close_callbacks_may_close_each_others_connections) {
    auto options = default_options();
    options.close_timeout_ms = 100;
    TestServer server{options, {.on_close = [](TestServer& self, const Close&) {
                          for (const Id id : self.record().opened)
                              self.close(id, 1000);
                      }}};
    auto clients = open_clients(server, 10);
    clients[0].reset();
    server.await("all to be closed",
                 [](const Record& record) { return record.closes.size() == 10; });
}

TEST(callback, an_empty_message_needs_no_payload) {
    TestServer server{
        default_options(), {.on_open = [](TestServer& self, Id id) {
            EXPECT_EQ(wsecho_connection_send(self.get(), id, WSECHO_TEXT, nullptr, 0), WSECHO_OK);
            EXPECT_EQ(wsecho_connection_close(self.get(), id, 1000, nullptr, 0), WSECHO_OK);
        }}};
    auto client = open_client(server);
    EXPECT_EQ(client.read_text(), "");
    EXPECT_EQ(client.take_close().close_reason(), "");
}

TEST(callback, a_greeting_in_the_open_callback_follows_the_handshake) {
    TestServer server{default_options(), {.on_open = [](TestServer& self, Id id) {
                          self.send_text(id, "welcome");
                          self.send_text(id, "make yourself at home");
                      }}};
    auto client = open_client(server);
    EXPECT_EQ(client.read_text(), "welcome");
    EXPECT_EQ(client.read_text(), "make yourself at home");
}

TEST(callback, none_is_needed) {
    wsecho_server* server = nullptr;
    const auto options = default_options();
    ASSERT_EQ(wsecho_server_create(&server, &options, nullptr, nullptr), WSECHO_OK);
    ASSERT_EQ(wsecho_server_start(server), WSECHO_OK);
    auto client = RawClient::tcp(wsecho_server_port(server));
    client.shake_hands();
    client.send(frame(text, "into the void") + frame(ping, "but alive"));
    EXPECT_EQ(client.read_frame().payload, "but alive");
    client.hang_up();
    EXPECT_EQ(wsecho_server_destroy(server), WSECHO_OK);
}

}  // namespace
}  // namespace wsecho::test
