// The application answers handshakes: at once or later, from any thread, with what the peer then
// really receives.
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>

#include "support/frames.h"
#include "support/gate.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

using Hook = std::function<void(TestServer&, Id, const wsecho_handshake&)>;

Callbacks answering(Hook hook) {
    Callbacks callbacks;
    callbacks.on_handshake = std::move(hook);
    callbacks.on_message = echo;
    return callbacks;
}

Response asked(const TestServer& server, std::string_view more_headers = {}) {
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request("/chat?room=1", more_headers));
    return client.read_response();
}

// A server that has told of a handshake, and a client that waits for its answer.
struct Asking {
    explicit Asking(const wsecho_server_options& options = default_options(),
                    std::string_view behind_the_request = {})
        : server(options, answering([this](TestServer&, Id asking, const wsecho_handshake&) {
                     told.set_value(asking);
                 })),
          client(RawClient::tcp(server.port())) {
        client.send(upgrade_request().append(behind_the_request));
        id = told.get_future().get();
    }
    int accept() { return wsecho_handshake_accept(server.get(), id, nullptr); }

    std::promise<Id> told;
    TestServer server;
    RawClient client;
    Id id = 0;
};

TEST(handshake_hook, it_sees_what_the_peer_asks_for) {
    std::string seen;
    TestServer server{default_options(),
                      answering([&](TestServer& self, Id id, const wsecho_handshake& asked) {
                          seen.append(asked.method).append(" ").append(asked.uri);
                          seen.append("?").append(asked.query).append("\n");
                          for (std::size_t i = 0; i < asked.subprotocol_count; ++i)
                              seen.append(asked.subprotocols[i]).append(";");
                          for (std::size_t i = 0; i < asked.header_count; ++i)
                              if (std::string{asked.headers[i].name} == "X-Token")
                                  seen.append(asked.headers[i].value);
                          seen.append("\n").append(asked.remote_address);
                          EXPECT_EQ(self.state(id), WSECHO_STATE_ASKING);
                          wsecho_handshake_accept(self.get(), id, nullptr);
                      })};
    auto client = RawClient::tcp(server.port());
    client.shake_hands("/chat?room=1", "Sec-WebSocket-Protocol: v2, v1\r\nX-Token:  abc \r\n");
    EXPECT_EQ(seen, "GET /chat?room=1\nv2;v1;abc\n" + client.local_address());
}

TEST(handshake_hook, an_acceptance_chooses_a_subprotocol_and_adds_headers_and_a_pointer) {
    int mine = 0;
    TestServer server{
        default_options(), answering([&](TestServer& self, Id id, const wsecho_handshake&) {
            const wsecho_header cookie{"Set-Cookie", "id=7"};
            wsecho_acceptance acceptance = WSECHO_ACCEPTANCE_INIT;
            acceptance.subprotocol = "v1";
            acceptance.headers = &cookie;
            acceptance.header_count = 1;
            acceptance.connection_user = &mine;
            EXPECT_EQ(wsecho_handshake_accept(self.get(), id, &acceptance), WSECHO_OK);
        })};
    auto client = RawClient::tcp(server.port());
    client.send(upgrade_request("/", "Sec-WebSocket-Protocol: v2, v1\r\n"));
    const auto response = client.read_response();
    EXPECT_EQ(response.status, 101);
    EXPECT_EQ(response.header("Sec-WebSocket-Protocol"), "v1");
    EXPECT_EQ(response.header("Set-Cookie"), "id=7");
    EXPECT_EQ(response.header("Sec-WebSocket-Accept"), sample_accept);
    EXPECT_EQ(wsecho_connection_user(server.get(), server.await_open()), &mine);
}

TEST(handshake_hook, a_rejection_arrives_whole_and_opens_nothing) {
    const std::string body(60'000, 'b');
    TestServer server{default_options(),
                      answering([&](TestServer& self, Id id, const wsecho_handshake&) {
                          const wsecho_header challenge{"WWW-Authenticate", "Bearer"};
                          wsecho_rejection rejection = WSECHO_REJECTION_INIT;
                          rejection.status = 401;
                          rejection.headers = &challenge;
                          rejection.header_count = 1;
                          rejection.body = body.data();
                          rejection.body_length = body.size();
                          EXPECT_EQ(wsecho_handshake_reject(self.get(), id, &rejection), WSECHO_OK);
                      })};
    auto client = RawClient::unconnected(4096);  // which the answer does not fit
    client.connect_to(server.port());
    client.send(upgrade_request());
    const auto response = client.read_response();
    EXPECT_EQ(response.status, 401);
    EXPECT_EQ(response.header("WWW-Authenticate"), "Bearer");
    EXPECT_EQ(response.body, body);
    client.read_to_end();
    const auto statistics = server.statistics();
    EXPECT_EQ(statistics.refusals[WSECHO_REFUSED_REJECTED], 1U);
    EXPECT_EQ(statistics.connections_total, 0U);
    EXPECT_TRUE(server.record().closes.empty());
}

TEST(handshake_hook, an_answer_may_come_later_from_another_thread) {
    Asking asking{default_options(), frame(text, "too eager")};
    EXPECT_TRUE(asking.client.is_silent());
    EXPECT_EQ(asking.server.send_text(asking.id, "not yet"), WSECHO_ERR_GONE);
    EXPECT_EQ(asking.accept(), WSECHO_OK);
    EXPECT_EQ(asking.client.read_response().status, 101);
    EXPECT_EQ(asking.client.read_text(), "too eager") << "what came behind the request is not lost";
    EXPECT_EQ(asking.server.await_open(), asking.id);
}

TEST(handshake_hook, a_handshake_is_answered_once) {
    Asking asking;
    EXPECT_EQ(asking.accept(), WSECHO_OK);
    EXPECT_EQ(wsecho_handshake_reject(asking.server.get(), asking.id, nullptr),
              WSECHO_ERR_WRONG_STATE);
    EXPECT_EQ(asking.client.read_response().status, 101);
    asking.server.await_open();
    EXPECT_EQ(asking.accept(), WSECHO_ERR_WRONG_STATE);
}

TEST(handshake_hook, without_an_answer_in_time_the_peer_gets_503) {
    auto options = default_options();
    options.handshake_timeout_ms = 500;
    Asking asking{options};
    EXPECT_EQ(asking.client.read_response().status, 503);
    EXPECT_EQ(asking.server.statistics().refusals[WSECHO_REFUSED_TIMEOUT], 1U);
    EXPECT_NE(asking.accept(), WSECHO_OK);
}

TEST(handshake_hook, a_peer_that_has_left_is_gone) {
    Asking asking;
    asking.client.reset();
    eventually("the peer to be missed",
               [&] { return asking.server.state(asking.id) == WSECHO_STATE_GONE; });
    EXPECT_EQ(asking.accept(), WSECHO_ERR_GONE);
    EXPECT_EQ(asking.server.statistics().refusals[WSECHO_REFUSED_DISCONNECTED], 1U);
}

// A server whose loop is kept in a callback, so that it finds at once all that happens meanwhile.
struct Held {
    explicit Held(std::function<void(TestServer&, const Close&)> on_close = nullptr)
        : server(default_options(), callbacks(std::move(on_close))), holder(open_client(server)) {
        server.await_open();
        waiter.send(upgrade_request("/wait"));
        id = told.get_future().get();
        holder.send_text("hold the loop");
        gate.await();
    }
    Callbacks callbacks(std::function<void(TestServer&, const Close&)> on_close) {
        Callbacks callbacks;
        callbacks.on_handshake = [this](TestServer& self, Id asking,
                                        const wsecho_handshake& asked) {
            if (std::string_view{asked.uri} == "/wait")
                told.set_value(asking);
            else
                wsecho_handshake_accept(self.get(), asking, nullptr);
        };
        callbacks.on_message = [this](TestServer&, const Message& message) {
            if (message.payload != "hold the loop") return;
            gate.pass();
        };
        callbacks.on_close = std::move(on_close);
        return callbacks;
    }

    std::promise<Id> told;
    Gate gate;
    TestServer server;
    RawClient holder;
    RawClient waiter = RawClient::tcp(server.port());  // whose handshake was told of
    Id id = 0;
};

TEST(handshake_hook, who_leaves_after_being_accepted_is_opened_and_closed) {
    int mine = 0;
    void* told = nullptr;
    Held held{[&](TestServer& self, const Close& close) {
        if (told == nullptr) told = wsecho_connection_user(self.get(), close.id);
    }};
    wsecho_acceptance acceptance = WSECHO_ACCEPTANCE_INIT;
    acceptance.connection_user = &mine;
    EXPECT_EQ(wsecho_handshake_accept(held.server.get(), held.id, &acceptance), WSECHO_OK);
    held.waiter.reset();
    held.gate.open();
    EXPECT_EQ(held.server.await_open(1), held.id);
    EXPECT_EQ(held.server.await_close().id, held.id);
    held.server.destroy();
    EXPECT_EQ(told, &mine);
}

// More than may come before the answer, but the answer is there when it is looked at.
TEST(handshake_hook, what_a_peer_sends_as_it_is_accepted_is_not_lost) {
    Held held;
    EXPECT_EQ(wsecho_handshake_accept(held.server.get(), held.id, nullptr), WSECHO_OK);
    const std::string text(20'000, 'x');
    held.waiter.send_text(text);
    held.gate.open();
    EXPECT_EQ(held.waiter.read_response().status, 101);
    held.server.await_open(1);
    EXPECT_EQ(held.server.await_message(1).payload, text);
}

TEST(handshake_hook, who_was_accepted_as_the_server_stops_is_told_1001) {
    Held held;
    std::thread stopping{[&] { held.server.stop(); }};
    EXPECT_EQ(wsecho_handshake_accept(held.server.get(), held.id, nullptr), WSECHO_OK);
    held.gate.open();
    EXPECT_EQ(held.waiter.read_response().status, 101);
    EXPECT_EQ(held.waiter.take_close().close_code(), 1001U);
    EXPECT_EQ(held.holder.take_close().close_code(), 1001U);
    stopping.join();
    EXPECT_EQ(held.server.await_open(1), held.id);
}

TEST(handshake_hook, a_hook_that_throws_is_500_for_the_peer) {
    TestServer server{default_options(), answering([](TestServer&, Id, const wsecho_handshake&) {
                          throw std::runtime_error("no");
                      })};
    EXPECT_EQ(asked(server).status, 500);
    EXPECT_EQ(server.statistics().callback_failures, 1U);
}

TEST(handshake_hook, wrong_answers_are_refused_with_words_and_leave_the_handshake_open) {
    TestServer server{
        default_options(), answering([](TestServer& self, Id id, const wsecho_handshake&) {
            wsecho_acceptance acceptance = WSECHO_ACCEPTANCE_INIT;
            acceptance.subprotocol = "v3";
            EXPECT_EQ(wsecho_handshake_accept(self.get(), id, &acceptance),
                      WSECHO_ERR_INVALID_ARGUMENT);
            EXPECT_STREQ(wsecho_error_detail(), "subprotocol: 'v3' was not offered");
            wsecho_rejection rejection = WSECHO_REJECTION_INIT;
            rejection.status = 200;
            EXPECT_EQ(wsecho_handshake_reject(self.get(), id, &rejection),
                      WSECHO_ERR_INVALID_ARGUMENT);
            rejection = WSECHO_REJECTION_INIT;
            rejection.body_length = 1;
            EXPECT_EQ(wsecho_handshake_reject(self.get(), id, &rejection),
                      WSECHO_ERR_INVALID_ARGUMENT);
            rejection.version = 99;
            EXPECT_EQ(wsecho_handshake_reject(self.get(), id, &rejection), WSECHO_ERR_VERSION);
            EXPECT_EQ(wsecho_handshake_reject(self.get(), id, nullptr), WSECHO_OK);
        })};
    EXPECT_EQ(asked(server).status, 403);
}

TEST(handshake_hook, a_server_that_stops_tells_those_who_wait) {
    Asking asking;
    EXPECT_EQ(asking.server.stop(), WSECHO_OK);
    EXPECT_EQ(asking.client.read_response().status, 503);
}

TEST(handshake_hook, frames_before_the_answer_are_bounded) {
    Asking asking;
    asking.client.send_text(std::string(9000, 'x'));
    EXPECT_EQ(asking.client.read_response().status, 400);
}

TEST(handshake_hook, frames_that_came_with_the_request_are_bounded_too) {
    Asking asking{default_options(), frame(text, std::string(9000, 'x'))};
    EXPECT_EQ(asking.client.read_response().status, 400);
    EXPECT_NE(asking.accept(), WSECHO_OK);
}

TEST(handshake_hook, who_is_rejected_takes_no_place_while_it_reads_why) {
    auto options = default_options();
    options.max_connections = 1;
    TestServer server{options,
                      answering([](TestServer& self, Id id, const wsecho_handshake& asked) {
                          if (std::string_view{asked.uri} == "/in")
                              wsecho_handshake_accept(self.get(), id, nullptr);
                          else
                              wsecho_handshake_reject(self.get(), id, nullptr);
                      })};
    auto rejected = RawClient::tcp(server.port());
    rejected.send(upgrade_request("/out"));
    EXPECT_EQ(rejected.read_response().status, 403);
    auto other = RawClient::tcp(server.port());
    other.shake_hands("/in");  // though the first has not hung up
}

}  // namespace
}  // namespace wsecho::test
