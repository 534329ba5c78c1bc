// The drain: what peers get, when they are told, who is cut off, and what is reported.
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::uint32_t an_hour = 3'600'000;

struct Drained {
    int result = WSECHO_OK;
    wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;
};

// The answers end it, not the time, unless the test says otherwise.
wsecho_drain_options patient() {
    wsecho_drain_options options = WSECHO_DRAIN_OPTIONS_INIT;
    options.deadline_ms = an_hour;
    return options;
}

Drained drain(wsecho_server* server, const wsecho_drain_options& options) {
    Drained drained;
    drained.result = wsecho_server_drain(server, &options, &drained.report);
    return drained;
}

// On another thread; all loops have begun with it when this returns.
std::future<Drained> begin_drain(const TestServer& server, const wsecho_drain_options& options) {
    auto draining = std::async(std::launch::async,
                               [handle = server.get(), options] { return drain(handle, options); });
    eventually("the drain's begin", [&] { return server.port() == -1; });
    return draining;
}

void expect_ends(const Drained& drained, std::uint64_t answered, std::uint64_t left,
                 std::uint64_t broken, std::uint64_t forced) {
    EXPECT_EQ(drained.result, WSECHO_OK);
    EXPECT_EQ(drained.report.connections, answered + left + broken + forced);
    EXPECT_EQ(drained.report.answered, answered);
    EXPECT_EQ(drained.report.left, left);
    EXPECT_EQ(drained.report.broken, broken);
    EXPECT_EQ(drained.report.forced, forced);
}

// Reads so many texts of this size, then the close frame, which it answers.
std::future<Frame> reader(RawClient client, std::size_t texts = 0, std::size_t size = 0) {
    return std::async(std::launch::async, [client = std::move(client), texts, size]() mutable {
        for (std::size_t i = 0; i < texts; ++i)
            EXPECT_EQ(client.read_text().size(), size);
        return client.take_close();
    });
}

TEST(drain, each_peer_that_answers_gets_1001_and_all_that_was_queued_for_it) {
    auto options = default_options();
    options.threads = 2;
    options.close_timeout_ms = 1;  // does not count here
    TestServer server{options};
    auto clients = open_clients(server, 10);
    for (const Id id : server.record().opened)
        for (int i = 0; i < 30; ++i)
            ASSERT_EQ(server.send_text(id, std::string(100'000, 'x')), WSECHO_OK);
    auto draining = begin_drain(server, patient());
    std::vector<std::future<Frame>> readers;
    for (auto& client : clients)
        readers.push_back(reader(std::move(client), 30, 100'000));
    for (auto& each : readers) {
        const Frame told = each.get();
        EXPECT_EQ(told.close_code(), 1001U);
        EXPECT_EQ(told.close_reason(), "server stops");
    }
    const Drained drained = draining.get();
    expect_ends(drained, 10, 0, 0, 0);
    EXPECT_EQ(drained.report.bytes_unsent, 0U);
    const auto closes = server.record().closes;
    ASSERT_EQ(closes.size(), 10U);
    for (const Close& close : closes) {
        EXPECT_EQ(close.cause, WSECHO_CLOSE_DRAIN);
        EXPECT_EQ(close.initiator, WSECHO_INITIATOR_LOCAL);
        EXPECT_EQ(close.numbers.bytes_unsent, 0U);
        EXPECT_EQ(close.numbers.messages_sent, 30U);
    }
}

TEST(drain, code_and_reason_are_those_of_the_options) {
    TestServer server;
    auto client = reader(open_client(server));
    auto options = patient();
    options.code = 1012;
    options.reason =
        "gleich zur\xC3\xBC"
        "ck";
    expect_ends(drain(server.get(), options), 1, 0, 0, 0);
    const Frame told = client.get();
    EXPECT_EQ(told.close_code(), 1012U);
    EXPECT_EQ(told.close_reason(), options.reason);
    EXPECT_EQ(server.await_close().code, 1012U);
}

TEST(drain, who_is_not_told_yet_is_served_as_ever) {
    TestServer server{default_options(), {.on_message = echo}};
    auto first = open_client(server);
    server.await_open();
    auto second = open_client(server);
    const Id second_id = server.await_open(1);
    auto options = patient();
    options.spread_ms = an_hour - 1;
    auto draining = begin_drain(server, options);
    EXPECT_EQ(first.take_close().close_code(), 1001U);
    second.send_text("still there?");
    EXPECT_EQ(second.read_text(), "still there?");
    EXPECT_EQ(server.send_text(second_id, "from elsewhere"), WSECHO_OK);
    EXPECT_EQ(second.read_text(), "from elsewhere");
    EXPECT_EQ(server.state(second_id), WSECHO_STATE_OPEN);
    second.send(close_frame(1000));
    second.read_to_end();
    expect_ends(draining.get(), 1, 1, 0, 0);
    EXPECT_EQ(server.await_close(1).cause, WSECHO_CLOSE_PEER);
}

TEST(drain, the_close_frames_are_spread_and_none_comes_before_its_time) {
    auto options = default_options();
    options.threads = 2;
    TestServer server{options};
    std::vector<std::future<steady_clock::time_point>> told;
    for (auto& client : open_clients(server, 20))
        told.push_back(std::async(std::launch::async, [client = std::move(client)]() mutable {
            EXPECT_EQ(client.take_close().close_code(), 1001U);
            return steady_clock::now();
        }));
    const auto begin = steady_clock::now();
    auto spread = patient();
    spread.spread_ms = 500;
    expect_ends(drain(server.get(), spread), 20, 0, 0, 0);
    std::size_t in_the_second_half = 0;
    for (auto& each : told)
        if (each.get() - begin >= milliseconds{250}) ++in_the_second_half;
    // Of each loop's the half, rounded down.
    EXPECT_GE(in_the_second_half, 9U);
}

TEST(drain, at_the_deadline_who_has_not_answered_is_cut_off) {
    auto options = default_options();
    options.close_timeout_ms = an_hour;
    options.max_queued_bytes = 64U << 20U;
    TestServer server{options};
    auto polite = reader(open_client(server));
    auto silent = open_client(server);
    auto slow = open_client(server);
    const Id slow_id = server.await_open(2);
    for (int i = 0; i < 50; ++i)
        ASSERT_EQ(server.send_text(slow_id, std::string(1U << 20U, 'x')), WSECHO_OK);
    auto quick = patient();
    quick.deadline_ms = 200;
    const auto begin = steady_clock::now();
    const Drained drained = drain(server.get(), quick);
    EXPECT_GE(steady_clock::now() - begin, milliseconds{200});
    expect_ends(drained, 1, 0, 0, 2);
    EXPECT_EQ(polite.get().close_code(), 1001U);
    EXPECT_EQ(silent.read_frame().close_code(), 1001U);
    std::uint64_t unsent = 0;
    for (const Close& close : server.record().closes) {
        EXPECT_EQ(close.cause, WSECHO_CLOSE_DRAIN);
        EXPECT_EQ(close.code, 1001U);
        unsent += close.numbers.bytes_unsent;
    }
    EXPECT_GT(unsent, 0U);
    EXPECT_EQ(drained.report.bytes_unsent, unsent);
}

TEST(drain, with_code_0_nobody_is_told_and_who_stays_is_cut_off) {
    TestServer server;
    auto leaves = open_client(server);
    server.await_open();
    auto stays = open_client(server);
    server.await_open(1);
    leaves.send(close_frame(1000));
    leaves.read_to_end();
    server.await_close();
    auto options = patient();
    options.code = 0;
    options.deadline_ms = 100;
    const Drained drained = drain(server.get(), options);
    EXPECT_EQ(drained.result, WSECHO_OK);
    EXPECT_EQ(drained.report.forced, 1U);
    EXPECT_FALSE(stays.try_read_frame().has_value());
    const Close close = server.await_close(1);
    EXPECT_EQ(close.code, 1006U);
    EXPECT_EQ(close.cause, WSECHO_CLOSE_DRAIN);
}

TEST(drain, with_code_0_it_ends_when_the_last_has_left) {
    TestServer server;
    auto clients = open_clients(server, 3);
    auto options = patient();
    options.code = 0;
    auto draining = begin_drain(server, options);
    for (auto& client : clients) {
        client.send(close_frame(1000));
        client.read_to_end();
    }
    expect_ends(draining.get(), 0, 3, 0, 0);
}

TEST(drain, who_is_told_and_hangs_up_without_an_answer_is_broken) {
    TestServer server;
    auto client = open_client(server);
    auto draining = begin_drain(server, patient());
    EXPECT_EQ(client.read_frame().close_code(), 1001U);
    client.hang_up();
    expect_ends(draining.get(), 0, 0, 1, 0);
    EXPECT_EQ(server.await_close().cause, WSECHO_CLOSE_DRAIN);
}

TEST(drain, nobody_is_let_in_meanwhile_and_half_a_handshake_is_told_503) {
    TestServer server;
    const int port = server.port();
    auto client = open_client(server);
    auto half = RawClient::tcp(port);
    half.send("GET / HTTP/1.1\r\n");
    eventually("the half request", [&] {
        return server.statistics().bytes_received == client.bytes_sent() + half.bytes_sent();
    });
    auto draining = begin_drain(server, patient());
    EXPECT_THROW(RawClient::tcp(port), std::system_error);
    EXPECT_EQ(half.read_response().status, 503);
    client.take_close();
    expect_ends(draining.get(), 1, 0, 0, 0);
    EXPECT_EQ(server.statistics().refusals[WSECHO_REFUSED_LIMIT], 1U);
}

TEST(drain, a_stop_cuts_it_short) {
    TestServer server;
    auto told = open_client(server);
    server.await_open();
    auto not_told = open_client(server);
    server.await_open(1);
    auto options = patient();
    options.spread_ms = an_hour - 1;
    auto draining = begin_drain(server, options);
    EXPECT_EQ(told.read_frame().close_code(), 1001U);
    EXPECT_TRUE(not_told.is_silent());
    EXPECT_EQ(server.stop(), WSECHO_OK);
    expect_ends(draining.get(), 0, 0, 0, 2);
    EXPECT_EQ(not_told.read_frame().close_code(), 1001U);
    EXPECT_EQ(server.record().closes.size(), 2U);
}

TEST(drain, a_destroy_cuts_it_short) {
    TestServer server;
    auto silent = open_client(server);
    auto draining = begin_drain(server, patient());
    EXPECT_EQ(server.destroy(), WSECHO_OK);
    expect_ends(draining.get(), 0, 0, 0, 1);
}

TEST(drain, behind_it_the_server_is_stopped) {
    TestServer server;
    auto client = reader(open_client(server));
    const Id id = server.await_open();
    EXPECT_EQ(wsecho_server_drain(server.get(), nullptr, nullptr), WSECHO_OK);
    EXPECT_EQ(client.get().close_code(), 1001U);
    EXPECT_EQ(server.record().closes.size(), 1U);
    EXPECT_EQ(server.state(id), WSECHO_STATE_GONE);
    EXPECT_EQ(server.port(), -1);
    EXPECT_EQ(server.stop(), WSECHO_OK);
    EXPECT_EQ(server.start(), WSECHO_ERR_WRONG_STATE);
    EXPECT_EQ(server.statistics().closes[WSECHO_CLOSE_DRAIN], 1U);
}

TEST(drain, without_connections_it_ends_at_once) {
    TestServer server;
    expect_ends(drain(server.get(), patient()), 0, 0, 0, 0);
}

TEST(drain, only_a_server_that_runs_is_drained_and_only_once) {
    TestServer idle{TestServer::NotStarted{}, default_options()};
    EXPECT_EQ(drain(idle.get(), patient()).result, WSECHO_ERR_WRONG_STATE);

    TestServer server;
    auto client = open_client(server);
    auto draining = begin_drain(server, patient());
    EXPECT_EQ(drain(server.get(), patient()).result, WSECHO_ERR_WRONG_STATE);
    client.take_close();
    expect_ends(draining.get(), 1, 0, 0, 0);
    EXPECT_EQ(drain(server.get(), patient()).result, WSECHO_ERR_WRONG_STATE);
}

TEST(drain, it_may_not_be_called_in_a_callback) {
    std::promise<int> result;
    TestServer server{default_options(), {.on_open = [&](TestServer& its, Id) {
                          result.set_value(drain(its.get(), patient()).result);
                      }}};
    auto client = open_client(server);
    EXPECT_EQ(result.get_future().get(), WSECHO_ERR_IN_CALLBACK);
    EXPECT_EQ(server.state(server.await_open()), WSECHO_STATE_OPEN);
}

void expect_refused(const TestServer& server, int error, const std::string& words,
                    const std::function<void(wsecho_drain_options&)>& change) {
    wsecho_drain_options options = WSECHO_DRAIN_OPTIONS_INIT;
    change(options);
    EXPECT_EQ(drain(server.get(), options).result, error);
    EXPECT_EQ(std::string{wsecho_error_detail()}.substr(0, words.size()), words);
}

TEST(drain, a_wrong_option_is_named_and_nothing_is_done) {
    TestServer server;
    const auto option = [&](const char* field, auto&& change) {
        expect_refused(server, WSECHO_ERR_INVALID_OPTION, std::string{field} + ": ", change);
    };
    option("deadline_ms", [](auto& o) { o.deadline_ms = 0; });
    option("spread_ms", [](auto& o) { o.spread_ms = o.deadline_ms; });
    option("code", [](auto& o) { o.code = 1000; });
    option("reason", [](auto& o) { o.reason = "\xFF"; });
    option("size", [](auto& o) { --o.size; });
    expect_refused(server, WSECHO_ERR_VERSION, "drain options", [](auto& o) { ++o.version; });
    EXPECT_GT(server.port(), 0);
}

TEST(drain, a_report_of_another_version_is_refused_and_nothing_is_done) {
    TestServer server;
    wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;
    ++report.version;
    EXPECT_EQ(wsecho_server_drain(server.get(), nullptr, &report), WSECHO_ERR_VERSION);
    report = WSECHO_DRAIN_REPORT_INIT;
    --report.size;
    EXPECT_EQ(wsecho_server_drain(server.get(), nullptr, &report), WSECHO_ERR_VERSION);
    EXPECT_GT(server.port(), 0);
}

}  // namespace
}  // namespace wsecho::test
