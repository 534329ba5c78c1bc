// Connections that this side makes: as good as those that come, and made again when they end.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "support/raw_client.h"
#include "support/raw_server.h"
#include "support/test_dialer.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

std::string url_of(const TestServer& server, const std::string& target = "/") {
    return "ws://127.0.0.1:" + std::to_string(server.port()) + target;
}

using Words = std::vector<std::string>;

TEST(dialer, talks_to_a_server_of_ours_and_tells_each_change_in_its_place) {
    TestServer server{default_options(), {.on_message = echo}};
    TestServer host{no_listener()};
    EXPECT_EQ(host.port(), -1);
    TestDialer dialer{host, url_of(server)};
    const auto connected = dialer.await_change(WSECHO_DIALER_CONNECTED);
    EXPECT_EQ(connected.url, url_of(server));
    EXPECT_EQ(connected.connection, wsecho_dialer_connection(dialer.get(), 0));
    EXPECT_EQ(wsecho_dialer_get_state(dialer.get()), WSECHO_DIALER_CONNECTED);
    EXPECT_EQ(host.state(connected.connection), WSECHO_STATE_OPEN);

    EXPECT_EQ(dialer.send_text("over there and back"), WSECHO_OK);
    const auto message = dialer.await_message();
    EXPECT_EQ(message.payload, "over there and back");
    EXPECT_EQ(message.id, connected.connection);

    EXPECT_EQ(dialer.stop(), WSECHO_OK);
    dialer.await_change(WSECHO_DIALER_IDLE);
    EXPECT_EQ(dialer.record().all,
              (Words{"connecting", "connected", "open", "message", "close", "idle"}));
    EXPECT_EQ(server.await_close().code, 1001U);
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_PEER);
    EXPECT_EQ(wsecho_dialer_connection(dialer.get(), 0), 0U);
    EXPECT_EQ(host.send_text(connected.connection, "x"), WSECHO_ERR_GONE);
}

TEST(dialer, may_dial_the_server_that_it_lives_on) {
    auto options = default_options();
    options.threads = 2;
    TestServer server{options, {.on_message = echo}};
    TestDialer dialer{server, url_of(server)};
    dialer.await_change(WSECHO_DIALER_CONNECTED);
    server.await_open();
    EXPECT_EQ(server.statistics().connections, 2U) << "either end is one";
    dialer.send_text("to myself");
    EXPECT_EQ(dialer.await_message().payload, "to myself");
}

TEST(dialer, asks_as_rfc_6455_wants_with_a_new_key_each_time) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host, endpoint.url("/path?a=b")};
    std::set<std::string> keys;
    for (int i = 0; i < 3; ++i) {
        auto peer = endpoint.accept();
        const auto request = peer.shake_hands();
        EXPECT_TRUE(request.starts_with("GET /path?a=b HTTP/1.1\r\n")) << request;
        EXPECT_EQ(header_of(request, "Host"), "127.0.0.1:" + std::to_string(endpoint.port()));
        EXPECT_EQ(header_of(request, "Sec-WebSocket-Version"), "13");
        EXPECT_EQ(header_of(request, "Sec-WebSocket-Extensions"), "");
        keys.insert(header_of(request, "Sec-WebSocket-Key"));
        EXPECT_EQ(header_of(request, "Sec-WebSocket-Key").size(), 24U);
    }
    EXPECT_EQ(keys.size(), 3U);
}

TEST(dialer, masks_messages_of_each_size_from_whichever_thread) {
    TestServer server{default_options(), {.on_message = echo}};
    TestServer host{no_listener()};
    TestDialer dialer{host, url_of(server), dialer_options(), {.on_open = [](TestDialer& self, Id) {
                          self.send_text("on the loop");
                      }}};
    EXPECT_EQ(dialer.await_message().payload, "on the loop");
    std::size_t n = 1;
    for (const std::size_t size : {0U, 1U, 125U, 126U, 4096U, 65535U, 65536U, 1000000U}) {
        const std::string payload(size, 'x');
        EXPECT_EQ(dialer.send_text(payload), WSECHO_OK);
        EXPECT_EQ(dialer.await_message(n++).payload, payload);
    }
}

TEST(dialer, has_another_mask_for_each_frame) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host, endpoint.url()};
    auto peer = endpoint.accept();
    peer.shake_hands();
    const auto id = dialer.await_change(WSECHO_DIALER_CONNECTED).connection;
    for (int i = 0; i < 100; ++i)
        ASSERT_EQ(host.send_text(id, "the same"), WSECHO_OK);
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(peer.read_text(), "the same");  // which throws without a mask
}

TEST(dialer, gets_what_goes_to_many_in_its_order) {
    TestServer server{default_options(), {.on_message = echo}};
    TestServer host{no_listener()};
    auto options = dialer_options();
    options.connections = 2;
    TestDialer dialer{host, url_of(server), options};
    dialer.await_change(WSECHO_DIALER_CONNECTED, 1);
    for (unsigned i = 0; i < 2; ++i)
        EXPECT_EQ(wsecho_subscribe(host.get(), wsecho_dialer_connection(dialer.get(), i), "news"),
                  WSECHO_OK);
    wsecho_message* prepared = nullptr;
    ASSERT_EQ(wsecho_message_prepare(&prepared, WSECHO_TEXT, "prepared", 8), WSECHO_OK);
    EXPECT_EQ(wsecho_publish(host.get(), "news", WSECHO_TEXT, "published", 9, 0, nullptr),
              WSECHO_OK);
    EXPECT_EQ(host.broadcast_text("broadcast"), WSECHO_OK);
    for (unsigned i = 0; i < 2; ++i)
        EXPECT_EQ(wsecho_connection_send_prepared(
                      host.get(), wsecho_dialer_connection(dialer.get(), i), prepared),
                  WSECHO_OK);
    wsecho_message_release(prepared);
    server.await("all of it", [](const Record& record) { return record.messages.size() == 6; });
    for (const Id id : server.record().opened) {
        Words got;
        for (const Message& message : server.record().messages)
            if (message.id == id) got.push_back(message.payload);
        EXPECT_EQ(got, (Words{"published", "broadcast", "prepared"}));
    }
}

TEST(dialer, pings_and_answers_pings) {
    auto options = default_options();
    options.heartbeat_interval_ms = 20;
    TestServer server{options};
    TestServer host{no_listener()};
    auto dialed = dialer_options();
    dialed.heartbeat_interval_ms = 20;
    TestDialer dialer{host, url_of(server), dialed};
    const auto id = dialer.await_change(WSECHO_DIALER_CONNECTED).connection;
    server.await_heartbeat(3);
    wsecho_round_trips trips{};
    trips.version = WSECHO_ROUND_TRIPS_VERSION;
    trips.size = sizeof trips;
    eventually("an answer to a ping of the dialer's",
               [&] { return wsecho_connection_round_trips(host.get(), id, &trips) == WSECHO_OK; });
}

TEST(dialer, pauses_and_resumes_its_reading) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host, endpoint.url(), dialer_options(), {.on_open = [&](TestDialer&, Id id) {
                          wsecho_connection_pause_reading(host.get(), id);
                      }}};
    auto peer = endpoint.accept();
    const auto request = peer.read_request();
    // The first comes with the answer: it is not told too early, nor lost.
    peer.send(acceptance_of(request) + frame(text, "first", {.masked = false}));
    peer.send_text("second");
    const auto id = dialer.await_change(WSECHO_DIALER_CONNECTED).connection;
    EXPECT_EQ(host.send_text(id, "sent meanwhile"), WSECHO_OK);
    EXPECT_EQ(peer.read_text(), "sent meanwhile");
    EXPECT_TRUE(dialer.record().messages.empty());
    EXPECT_EQ(wsecho_connection_resume_reading(host.get(), id), WSECHO_OK);
    EXPECT_EQ(dialer.await_message(0).payload, "first");
    EXPECT_EQ(dialer.await_message(1).payload, "second");
}

TEST(dialer, takes_frames_that_come_with_the_answer) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host, endpoint.url()};
    auto peer = endpoint.accept();
    const auto request = peer.read_request();
    peer.send(acceptance_of(request) + frame(text, "at once", {.masked = false}) +
              frame(text, "and more", {.masked = false}));
    EXPECT_EQ(dialer.await_message(0).payload, "at once");
    EXPECT_EQ(dialer.await_message(1).payload, "and more");
    EXPECT_EQ(dialer.record().all,
              (Words{"connecting", "connected", "open", "message", "message"}));
}

TEST(dialer, takes_an_answer_that_comes_byte_by_byte) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host, endpoint.url()};
    auto peer = endpoint.accept();
    const auto request = peer.read_request();
    for (const char byte : acceptance_of(request))
        peer.send({&byte, 1});
    dialer.await_change(WSECHO_DIALER_CONNECTED);
}

TEST(dialer, fails_a_server_that_masks_with_1002) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host, endpoint.url()};
    auto peer = endpoint.accept();
    peer.shake_hands();
    peer.send(frame(text, "masked"));
    EXPECT_EQ(peer.read_frame().close_code(), 1002U);
    peer.hang_up();
    const auto closed = dialer.await_close();
    EXPECT_EQ(closed.cause, WSECHO_CLOSE_PROTOCOL);
    EXPECT_EQ(closed.code, 1002U);
    EXPECT_EQ(dialer.await_change(WSECHO_DIALER_DISCONNECTED).failure, WSECHO_DIAL_LOST);
}

// RFC 6455, section 7.1.1.
TEST(dialer, leaves_it_to_the_server_to_hang_up) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host, endpoint.url()};
    auto peer = endpoint.accept();
    peer.shake_hands();
    peer.send(frame(close,
                    "\x03\xE8"
                    "bye",
                    {.masked = false}));
    EXPECT_EQ(peer.read_frame().close_code(), 1000U);
    peer.read_to_end();
    EXPECT_TRUE(dialer.record().closes.empty()) << "it waits for the other end";
    peer.hang_up();
    const auto closed = dialer.await_close();
    EXPECT_EQ(closed.code, 1000U);
    EXPECT_EQ(closed.reason, "bye");
    EXPECT_EQ(closed.cause, WSECHO_CLOSE_PEER);
}

TEST(dialer, connects_again_when_it_was_hung_up_on) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host, endpoint.url()};
    endpoint.accept().shake_hands();
    const auto lost = dialer.await_change(WSECHO_DIALER_DISCONNECTED);
    EXPECT_EQ(lost.failure, WSECHO_DIAL_LOST);
    EXPECT_EQ(lost.connection, dialer.record().opened[0]);
    EXPECT_FALSE(lost.has_given_up);
    auto peer = endpoint.accept();
    peer.shake_hands();
    const auto again = dialer.await_change(WSECHO_DIALER_CONNECTED, 1);
    EXPECT_NE(again.connection, lost.connection);
    dialer.await("both opens", [](const DialRecord& record) { return record.opened.size() == 2; });
    EXPECT_EQ(dialer.record().all, (Words{"connecting", "connected", "open", "close",
                                          "disconnected", "connecting", "connected", "open"}));
}

TEST(dialer, connects_again_where_the_application_closed) {
    TestServer server;
    TestServer host{no_listener()};
    TestDialer dialer{host, url_of(server)};
    const auto id = dialer.await_change(WSECHO_DIALER_CONNECTED).connection;
    EXPECT_EQ(host.close(id, 4000, "once more"), WSECHO_OK);
    EXPECT_EQ(server.await_close().code, 4000U);
    dialer.await_change(WSECHO_DIALER_CONNECTED, 1);
}

TEST(dialer, sends_what_is_remembered_first_on_each_connection) {
    RawServer endpoint;
    TestServer host{no_listener()};
    auto options = dialer_options();
    options.retry_first_ms = options.retry_max_ms = 1;
    TestDialer dialer{host, endpoint.url(), options, {.on_state = [](auto& self, const auto& to) {
                          if (to.state == WSECHO_DIALER_CONNECTED) self.send_text("hello");
                      }}};
    auto first = endpoint.accept();
    EXPECT_EQ(dialer.remember("a", "subscribe a"), WSECHO_OK);
    EXPECT_EQ(dialer.remember("b", "subscribe b"), WSECHO_OK);
    first.shake_hands();
    for (const char* const expected : {"subscribe a", "subscribe b", "hello"})
        EXPECT_EQ(first.read_text(), expected);
    EXPECT_EQ(dialer.remember("a", "subscribe a anew"), WSECHO_OK);
    EXPECT_EQ(dialer.remember("c", "subscribe c"), WSECHO_OK);
    EXPECT_EQ(wsecho_dialer_forget(dialer.get(), "b"), WSECHO_OK);
    EXPECT_EQ(wsecho_dialer_forget(dialer.get(), "b"), WSECHO_ERR_NOT_FOUND);
    first.hang_up();
    auto second = endpoint.accept();
    second.shake_hands();
    for (const char* const expected : {"subscribe a anew", "subscribe c", "hello"})
        EXPECT_EQ(second.read_text(), expected);
}

TEST(dialer, remembers_no_more_than_fits_the_queue) {
    TestServer host{no_listener()};
    auto options = dialer_options();
    options.max_queued_bytes = 1000;
    RawServer endpoint;
    TestDialer dialer{host, endpoint.url(), options};
    EXPECT_EQ(dialer.remember("a", std::string(993, 'x')), WSECHO_ERR_TOO_BIG);
    EXPECT_EQ(dialer.remember("a", std::string(492, 'x')), WSECHO_OK);
    EXPECT_EQ(dialer.remember("b", std::string(492, 'x')), WSECHO_OK);
    EXPECT_EQ(dialer.remember("c", ""), WSECHO_ERR_LIMIT);
    EXPECT_EQ(dialer.remember("b", std::string(486, 'x')), WSECHO_OK);
    EXPECT_EQ(dialer.remember("c", ""), WSECHO_OK);
    auto peer = endpoint.accept();
    peer.shake_hands();
    for (const std::size_t size : {492U, 486U, 0U})
        EXPECT_EQ(peer.read_text().size(), size);
}

TEST(dialer, offers_subprotocols_and_sends_headers) {
    RawServer endpoint;
    TestServer host{no_listener()};
    auto options = dialer_options();
    const wsecho_header headers[] = {{"X-Token", "secret"}, {"Origin", "http://here"}};
    options.subprotocols = "chat.v2, chat.v1";
    options.headers = headers;
    options.header_count = 2;
    TestDialer dialer{host, endpoint.url("/a?b=c"), options};
    auto peer = endpoint.accept();
    const auto request = peer.shake_hands("Sec-WebSocket-Protocol: chat.v1\r\nX-Node: 7\r\n");
    EXPECT_EQ(header_of(request, "Sec-WebSocket-Protocol"), "chat.v2, chat.v1");
    EXPECT_EQ(header_of(request, "X-Token"), "secret");
    EXPECT_EQ(header_of(request, "Origin"), "http://here");

    const auto id = dialer.await_change(WSECHO_DIALER_CONNECTED).connection;
    std::array<char, 64> value{};
    ASSERT_EQ(wsecho_connection_header(host.get(), id, "sec-websocket-protocol", value.data(),
                                       value.size(), nullptr),
              WSECHO_OK);
    EXPECT_STREQ(value.data(), "chat.v1");
    ASSERT_EQ(
        wsecho_connection_header(host.get(), id, "X-Node", value.data(), value.size(), nullptr),
        WSECHO_OK);
    EXPECT_STREQ(value.data(), "7");
    EXPECT_EQ(
        wsecho_connection_header(host.get(), id, "X-Token", value.data(), value.size(), nullptr),
        WSECHO_ERR_NOT_FOUND);
    EXPECT_EQ(host.ask(wsecho_connection_uri, id), "/a");
    EXPECT_EQ(host.ask(wsecho_connection_query, id), "b=c");
    EXPECT_EQ(host.ask(wsecho_connection_remote_address, id),
              "127.0.0.1:" + std::to_string(endpoint.port()));
}

TEST(dialer, keeps_a_pool_on_all_loops_and_endpoints) {
    TestServer one;
    TestServer other;
    auto host_options = no_listener();
    host_options.threads = 2;
    TestServer host{host_options};
    auto options = dialer_options();
    options.connections = 8;
    TestDialer dialer{host, url_of(one) + " " + url_of(other), options};
    dialer.await_change(WSECHO_DIALER_CONNECTED, 7);
    one.await("its half", [](const Record& record) { return record.opened.size() == 4; });
    other.await("its half", [](const Record& record) { return record.opened.size() == 4; });
    EXPECT_EQ(host.statistics(0).connections, 4U);
    EXPECT_EQ(host.statistics(1).connections, 4U);
    std::set<Id> ids;
    for (unsigned i = 0; i < 8; ++i)
        ids.insert(wsecho_dialer_connection(dialer.get(), i));
    EXPECT_EQ(ids.size(), 8U);
    EXPECT_EQ(wsecho_dialer_connection(dialer.get(), 8), 0U);

    one.stop();
    other.await("all of them", [](const Record& record) { return record.opened.size() >= 8; });
    eventually("all to be there", [&] { return host.statistics().connections == 8; });
}

TEST(dialer, goes_to_the_next_endpoint_where_the_first_is_down) {
    TestServer server;
    TestServer host{no_listener()};
    std::string nobody;
    {
        const RawServer gone;
        nobody = gone.url();
    }
    TestDialer dialer{host, nobody + " " + url_of(server)};
    const auto connected = dialer.await_change(WSECHO_DIALER_CONNECTED);
    EXPECT_EQ(connected.url, url_of(server));
    const auto failed = dialer.await_change(WSECHO_DIALER_DISCONNECTED);
    EXPECT_EQ(failed.failure, WSECHO_DIAL_CONNECT);
    EXPECT_EQ(failed.wait_ms, 0U);
    EXPECT_EQ(failed.failed_attempts, 1U);
}

TEST(dialer, resolves_names_off_its_loop) {
    TestServer server;
    TestServer host{no_listener()};
    TestDialer dialer{host, "ws://localhost:" + std::to_string(server.port())};
    dialer.await_change(WSECHO_DIALER_CONNECTED);
}

TEST(dialer, is_let_go_when_its_server_stops) {
    TestServer server;
    TestServer host{no_listener()};
    RawServer silent;
    std::string nobody;
    {
        const RawServer gone;
        nobody = gone.url();
    }
    auto slow = dialer_options();
    slow.retry_first_ms = slow.retry_max_ms = 1000000;
    TestDialer open{host, url_of(server)};
    TestDialer shaking_hands{host, silent.url()};
    TestDialer waiting{host, nobody, slow};
    open.await_change(WSECHO_DIALER_CONNECTED);
    auto peer = silent.accept();
    peer.read_request();
    waiting.await_change(WSECHO_DIALER_DISCONNECTED);
    EXPECT_EQ(host.stop(), WSECHO_OK);
    for (const TestDialer* each : {&open, &shaking_hands, &waiting}) {
        EXPECT_EQ(each->record().changes.back().state, WSECHO_DIALER_IDLE);
        EXPECT_EQ(wsecho_dialer_start(each->get()), WSECHO_ERR_WRONG_STATE);
    }
    EXPECT_EQ(open.record().closes.at(0).cause, WSECHO_CLOSE_DRAIN);
    EXPECT_EQ(server.await_close().code, 1001U);
    EXPECT_EQ(host.statistics().connections, 0U);
    EXPECT_EQ(open.destroy(), WSECHO_OK) << "without a loop that could answer";
}

TEST(dialer, is_drained_with_its_server) {
    TestServer server;
    TestServer host{no_listener()};
    TestDialer dialer{host, url_of(server)};
    dialer.await_change(WSECHO_DIALER_CONNECTED);
    wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;
    EXPECT_EQ(wsecho_server_drain(host.get(), nullptr, &report), WSECHO_OK);
    EXPECT_EQ(report.connections, 1U);
    EXPECT_EQ(report.answered, 1U);
    EXPECT_EQ(dialer.record().changes.back().state, WSECHO_DIALER_IDLE);
}

TEST(dialer, starts_again_behind_a_stop_at_once) {
    TestServer server;
    TestServer host{no_listener()};
    TestDialer dialer{host, url_of(server)};
    dialer.await_change(WSECHO_DIALER_CONNECTED);
    EXPECT_EQ(dialer.stop(), WSECHO_OK);
    EXPECT_EQ(wsecho_dialer_start(dialer.get()), WSECHO_OK);
    dialer.await_change(WSECHO_DIALER_CONNECTED, 1);
    dialer.await("both opens", [](const DialRecord& record) { return record.opened.size() == 2; });
    EXPECT_EQ(dialer.record().all, (Words{"connecting", "connected", "open", "close", "idle",
                                          "connecting", "connected", "open"}));
    EXPECT_EQ(wsecho_dialer_start(dialer.get()), WSECHO_OK) << "which changes nothing";
    EXPECT_EQ(dialer.send_text("still there"), WSECHO_OK);
}

TEST(dialer, may_be_stopped_and_started_in_its_own_callbacks_but_not_destroyed) {
    TestServer server;
    TestServer host{no_listener()};
    std::atomic<int> result{1};
    TestDialer dialer{
        host, url_of(server), dialer_options(), {.on_state = [&](TestDialer& self, const auto& to) {
            if (to.state == WSECHO_DIALER_CONNECTED) {
                result = self.destroy();
                self.stop();
            }
        }}};
    dialer.await_change(WSECHO_DIALER_IDLE);
    EXPECT_EQ(result, WSECHO_ERR_IN_CALLBACK);
}

TEST(dialer, tells_nothing_any_more_once_it_is_destroyed) {
    TestServer server;
    TestServer host{no_listener()};
    for (int i = 0; i < 50; ++i) {
        TestDialer dialer{host, url_of(server)};
        if (i % 2 == 0) dialer.await_change(WSECHO_DIALER_CONNECTED);
        EXPECT_EQ(dialer.destroy(), WSECHO_OK);
        const auto changes = dialer.record().changes;
        if (!changes.empty()) {
            EXPECT_EQ(changes.back().state, WSECHO_DIALER_IDLE);
        }
        EXPECT_EQ(dialer.record().opened.size(), dialer.record().closes.size());
    }
    eventually("all to have left", [&] { return host.statistics().connections == 0; });
}

TEST(dialer, without_callbacks_tells_its_server_s_event_queue) {
    TestServer server{default_options(),
                      {.on_open = [](TestServer& self, Id id) { self.send_text(id, "welcome"); }}};
    wsecho_event_queue* queue = nullptr;
    ASSERT_EQ(wsecho_event_queue_create(&queue, 100000), WSECHO_OK);
    const auto options = no_listener();
    wsecho_server* host = nullptr;
    ASSERT_EQ(wsecho_server_create(&host, &options, nullptr, nullptr), WSECHO_OK);
    ASSERT_EQ(wsecho_server_use_queue(host, queue), WSECHO_OK);
    ASSERT_EQ(wsecho_server_start(host), WSECHO_OK);
    auto dialed = dialer_options();
    const auto url = url_of(server);
    dialed.urls = url.c_str();
    wsecho_dialer* dialer = nullptr;
    int mine = 0;
    ASSERT_EQ(wsecho_dialer_create(&dialer, host, &dialed, nullptr, nullptr, &mine), WSECHO_OK);
    ASSERT_EQ(wsecho_dialer_start(dialer), WSECHO_OK);
    std::vector<int> types;
    eventually("an open and a message", [&] {
        std::array<wsecho_event, 8> events{};
        std::size_t count = 0;
        wsecho_event_queue_take(queue, events.data(), sizeof events[0], events.size(), &count);
        for (std::size_t i = 0; i < count; ++i) {
            types.push_back(events[i].type);
            EXPECT_EQ(events[i].user, &mine);
        }
        return types.size() >= 2;
    });
    EXPECT_EQ(types, (std::vector<int>{WSECHO_EVENT_OPEN, WSECHO_EVENT_MESSAGE}));
    EXPECT_EQ(wsecho_server_destroy(host), WSECHO_OK) << "and the dialer with it";
    wsecho_event_queue_destroy(queue);
}

TEST(dialer, counts_exceptions_of_its_state_callback) {
    TestServer server;
    TestServer host{no_listener()};
    TestDialer dialer{host, url_of(server), dialer_options(), {.on_state = [](auto&, const auto&) {
                          throw std::runtime_error{"thrown by the user"};
                      }}};
    dialer.await_change(WSECHO_DIALER_CONNECTED);
    dialer.await("its open", [](const DialRecord& record) { return record.opened.size() == 1; });
    EXPECT_EQ(host.statistics().callback_failures, 2U);
}

}  // namespace
}  // namespace wsecho::test
