// Start, stop and destroy: in order, out of order, with connections open, and a thousand times.
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/gate.h"
#include "support/process.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

// Clients that answer the close frame, each on a thread of its own; get() is the code they saw.
std::future<unsigned> polite(RawClient client) {
    return std::async(std::launch::async, [client = std::move(client)]() mutable {
        return client.take_close().close_code();
    });
}

TEST(stop, it_tells_every_peer_1001_and_returns_behind_the_close_callbacks) {
    auto options = default_options();
    options.threads = 2;
    options.close_timeout_ms = 3'600'000;  // the answers end it, not the time
    TestServer server{options};
    std::vector<std::future<unsigned>> clients;
    for (std::size_t i = 0; i < 10; ++i)
        clients.push_back(polite(open_client(server)));
    EXPECT_EQ(server.stop(), WSECHO_OK);

    const auto closes = server.record().closes;
    EXPECT_EQ(closes.size(), 10U);
    for (const Close& close : closes) {
        EXPECT_EQ(close.code, 1001U);
        EXPECT_EQ(close.cause, WSECHO_CLOSE_DRAIN);
        EXPECT_EQ(close.initiator, WSECHO_INITIATOR_LOCAL);
    }
    for (auto& client : clients)
        EXPECT_EQ(client.get(), 1001U);
    EXPECT_EQ(server.statistics().closes[WSECHO_CLOSE_DRAIN], 10U);
    EXPECT_EQ(server.statistics().connections, 0U);
}

TEST(stop, peers_that_do_not_answer_are_waited_for_no_longer_than_the_close_timeout) {
    auto options = default_options();
    options.close_timeout_ms = 150;
    TestServer server{options};
    auto silent = open_client(server);
    auto half = RawClient::tcp(server.port());
    half.send("GET / HTTP/1.1\r\n");
    eventually("the half request", [&] {
        return server.statistics().bytes_received == silent.bytes_sent() + half.bytes_sent();
    });
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(server.stop(), WSECHO_OK);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds{150});
    ASSERT_EQ(server.record().closes.size(), 1U);
    EXPECT_EQ(server.record().closes[0].cause, WSECHO_CLOSE_DRAIN);
    EXPECT_EQ(silent.read_frame().close_code(), 1001U);
    half.read_to_end();
}

TEST(stop, what_was_sent_before_it_arrives) {
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    for (int i = 0; i < 100; ++i)
        ASSERT_EQ(server.send_text(id, std::string(10'000, 'x')), WSECHO_OK);
    auto stopping = std::async(std::launch::async, [&] { return server.stop(); });
    for (int i = 0; i < 100; ++i)
        EXPECT_EQ(client.read_text().size(), 10'000U);
    EXPECT_EQ(client.take_close().close_code(), 1001U);
    EXPECT_EQ(stopping.get(), WSECHO_OK);
}

TEST(stop, nobody_new_is_let_in) {
    TestServer server;
    const int port = server.port();
    server.stop();
    EXPECT_THROW(RawClient::tcp(port), std::system_error);
}

TEST(stop, a_peer_whose_request_is_not_whole_is_told_503) {
    TestServer server;
    auto client = RawClient::tcp(server.port());
    client.send("GET / HTTP/1.1\r\n");
    eventually("the bytes arrived", [&] { return server.statistics().bytes_received > 0; });
    server.stop();
    EXPECT_EQ(client.read_response().status, 503);
    EXPECT_EQ(server.statistics().refusals[WSECHO_REFUSED_LIMIT], 1U);
    EXPECT_EQ(server.statistics().refusals[WSECHO_REFUSED_DISCONNECTED], 0U);
}

// The loop is kept in a callback meanwhile, so that it hears of both in the same pass.
TEST(stop, who_knocks_in_the_same_moment_does_not_hold_it_up) {
    for (int round = 0; round < 10; ++round) {
        SCOPED_TRACE(round);
        Gate gate;
        auto options = default_options();
        options.handshake_timeout_ms = 3'600'000;
        TestServer server{options,
                          {.on_message = [&](TestServer&, const Message&) { gate.pass(); }}};
        auto client = open_client(server);
        const int port = server.port();
        client.send_text("wait");
        gate.await();
        auto stopped = std::async(std::launch::async, [&] { return server.stop(); });
        auto late = RawClient::tcp(port);
        gate.open();
        EXPECT_EQ(client.take_close().close_code(), 1001U);
        EXPECT_EQ(stopped.get(), WSECHO_OK);
        EXPECT_EQ(server.destroy(), WSECHO_OK);
        late.read_to_end();
    }
}

TEST(stop, it_may_come_twice_at_once_and_before_the_start) {
    TestServer idle{TestServer::NotStarted{}, default_options()};
    EXPECT_EQ(idle.stop(), WSECHO_OK);

    auto options = default_options();
    options.close_timeout_ms = 100;
    TestServer server{options};
    auto client = open_client(server);
    auto other = std::async(std::launch::async, [&] { return server.stop(); });
    EXPECT_EQ(server.stop(), WSECHO_OK);
    EXPECT_EQ(other.get(), WSECHO_OK);
    EXPECT_EQ(server.stop(), WSECHO_OK);
    EXPECT_EQ(server.record().closes.size(), 1U);
}

TEST(start, a_server_is_started_once) {
    TestServer server;
    EXPECT_EQ(server.start(), WSECHO_ERR_WRONG_STATE);
    server.stop();
    EXPECT_EQ(server.start(), WSECHO_ERR_WRONG_STATE);
}

TEST(start, before_it_every_id_is_gone) {
    TestServer server{TestServer::NotStarted{}, default_options()};
    EXPECT_EQ(server.send_text(1, "x"), WSECHO_ERR_GONE);
    EXPECT_EQ(server.state(1), WSECHO_STATE_GONE);
}

TEST(start, it_says_in_the_log_where_it_listens) {
    TestServer server;
    const auto log = server.record().log;
    ASSERT_FALSE(log.empty());
    EXPECT_NE(log[0].find("127.0.0.1:" + std::to_string(server.port())), std::string::npos)
        << log[0];
    EXPECT_EQ(log[0].find('\n'), std::string::npos);
}

TEST(destroy, connections_that_are_open_are_closed_first) {
    use_library_once();
    const auto descriptors = open_descriptors();
    {
        auto options = default_options();
        options.close_timeout_ms = 100;
        TestServer server{options};
        auto polite_one = polite(open_client(server));
        auto silent = open_client(server);
        EXPECT_EQ(server.destroy(), WSECHO_OK);
        EXPECT_EQ(server.record().closes.size(), 2U);
        EXPECT_EQ(polite_one.get(), 1001U);
        EXPECT_EQ(silent.read_frame().close_code(), 1001U);
    }
    EXPECT_EQ(open_descriptors(), descriptors);
}

TEST(destroy, it_may_come_without_a_start_and_to_null) {
    wsecho_server* server = nullptr;
    ASSERT_EQ(wsecho_server_create(&server, nullptr, nullptr, nullptr), WSECHO_OK);
    EXPECT_EQ(wsecho_server_destroy(server), WSECHO_OK);
    EXPECT_EQ(wsecho_server_destroy(nullptr), WSECHO_OK);
}

TEST(create, a_bad_option_is_named_and_makes_no_server) {
    auto options = default_options();
    options.path = "no slash";
    wsecho_server* server = reinterpret_cast<wsecho_server*>(&options);
    EXPECT_EQ(wsecho_server_create(&server, &options, nullptr, nullptr), WSECHO_ERR_INVALID_OPTION);
    EXPECT_EQ(server, nullptr);
    EXPECT_NE(std::string{wsecho_error_detail()}.find("path"), std::string::npos);
}

TEST(create, options_and_their_texts_are_copied) {
    std::optional<std::string> path{"/chat"};
    auto options = default_options();
    options.path = path->c_str();
    TestServer server{TestServer::NotStarted{}, options};
    path->assign(5, '#');
    path.reset();
    ASSERT_EQ(server.start(), WSECHO_OK);
    EXPECT_NO_THROW(open_client(server, "/chat"));
}

TEST(two_servers, they_live_side_by_side) {
    TestServer first{default_options(), {.on_message = echo}};
    TestServer second{default_options(), {.on_message = echo}};
    auto of_first = open_client(first);
    auto of_second = open_client(second);
    first.broadcast_text("to the first's");
    second.broadcast_text("to the second's");
    EXPECT_EQ(of_first.read_text(), "to the first's");
    EXPECT_EQ(of_second.read_text(), "to the second's");
    of_first.hang_up();
    first.destroy();
    of_second.send_text("and one alone");
    EXPECT_EQ(of_second.read_text(), "and one alone");
}

TEST(lifecycle, a_thousand_starts_and_stops_leave_nothing_behind) {
    use_library_once();
    const auto descriptors = open_descriptors();
    const auto threads = running_threads();
    for (int cycle = 0; cycle < 1000; ++cycle) {
        SCOPED_TRACE(cycle);
        auto options = default_options();
        options.threads = 1 + static_cast<std::uint32_t>(cycle % 3);
        TestServer server{options, {.on_message = echo}};
        if (cycle % 5 == 0) {
            auto leaves = open_client(server);
            leaves.send_text("hello");
            EXPECT_EQ(leaves.read_text(), "hello");
            auto stays = polite(open_client(server));
            if (cycle % 2 == 0) leaves.hang_up();
            if (cycle % 2 == 1) leaves.send(close_frame(1000));
            EXPECT_EQ(server.stop(), WSECHO_OK);
            EXPECT_EQ(stays.get(), 1001U);
            EXPECT_EQ(server.record().closes.size(), 2U);
        }
        if (cycle % 2 == 0) server.stop();
        ASSERT_EQ(server.destroy(), WSECHO_OK);
        ASSERT_EQ(open_descriptors(), descriptors);
        // The kernel lists a thread for a moment after it was joined.
        eventually("the loops' threads to end", [&] { return running_threads() == threads; });
    }
}

}  // namespace
}  // namespace wsecho::test
