// Several loops in one server, and the numbers that they add up to.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "support/frames.h"
#include "support/process.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

constexpr std::uint32_t loops = 3;

wsecho_server_options on_three_loops() {
    auto options = default_options();
    options.threads = loops;
    return options;
}

TEST(loops, connections_are_spread_over_them_and_all_work) {
    TestServer server{on_three_loops(), {.on_message = echo}};
    EXPECT_EQ(wsecho_server_loops(server.get()), loops);
    auto clients = open_clients(server, 60);
    for (std::uint32_t loop = 0; loop < loops; ++loop)
        EXPECT_GT(server.statistics(loop).connections, 5U) << "loop " << loop;
    for (std::size_t i = 0; i < clients.size(); ++i)
        clients[i].send_text(std::to_string(i));
    for (std::size_t i = 0; i < clients.size(); ++i)
        EXPECT_EQ(clients[i].read_text(), std::to_string(i));
}

TEST(loops, none_means_one_for_each_core) {
    auto options = default_options();
    options.threads = 0;
    use_library_once();  // and a sanitizer has its own thread by now
    const auto before = running_threads();
    TestServer server{options};
    const auto cores = std::thread::hardware_concurrency();
    EXPECT_EQ(wsecho_server_loops(server.get()), cores);
    EXPECT_EQ(running_threads() - before, cores);
    open_client(server);
}

// The numbers between `size` and the end of the struct, one by one.
std::vector<std::uint64_t> numbers_of(const wsecho_statistics& statistics) {
    constexpr std::size_t begin = offsetof(wsecho_statistics, connections);
    std::vector<std::uint64_t> numbers((sizeof statistics - begin) / sizeof(std::uint64_t));
    std::memcpy(numbers.data(), reinterpret_cast<const char*>(&statistics) + begin,
                sizeof statistics - begin);
    return numbers;
}

TEST(statistics, the_loops_add_up_to_the_total) {
    auto options = on_three_loops();
    options.path = "/";
    TestServer server{options, {.on_message = echo}};
    for (int i = 0; i < 30; ++i) {
        auto client = open_client(server);
        client.send_text("a message");
        client.read_text();
        client.send(i % 2 == 0 ? close_frame(1000) : frame(3, "violation"));
        client.read_frame();
        auto refused = RawClient::tcp(server.port());
        refused.send(upgrade_request("/elsewhere"));
        refused.read_response();
    }
    const auto staying = open_clients(server, 6);
    server.await("closes", [](const Record& record) { return record.closes.size() == 30; });
    eventually("six to be left", [&] { return server.statistics().connections == 6; });

    const auto total = server.statistics();
    EXPECT_EQ(total.connections_total, 36U);
    EXPECT_EQ(total.messages_received, 30U);
    EXPECT_EQ(total.messages_sent, 30U);
    EXPECT_EQ(total.closes[WSECHO_CLOSE_PEER], 15U);
    EXPECT_EQ(total.closes[WSECHO_CLOSE_PROTOCOL], 15U);
    EXPECT_EQ(total.refusals[WSECHO_REFUSED_NOT_FOUND], 30U);

    std::vector<std::uint64_t> sums(numbers_of(total).size(), 0);
    for (std::uint32_t loop = 0; loop < loops; ++loop) {
        const auto numbers = numbers_of(server.statistics(loop));
        std::transform(sums.begin(), sums.end(), numbers.begin(), sums.begin(), std::plus<>{});
    }
    EXPECT_EQ(sums, numbers_of(total));
}

TEST(statistics, bytes_are_those_on_the_wire) {
    TestServer server{default_options(), {.on_message = echo}};
    auto client = open_client(server);
    client.send(frame(ping, "ping") + frame(text, std::string(70'000, 'x')));
    client.read_frame();
    client.read_frame();
    client.send(close_frame(1000));
    client.read_frame();
    client.read_to_end();
    server.await_close();
    EXPECT_EQ(server.statistics().bytes_received, client.bytes_sent());
    EXPECT_EQ(server.statistics().bytes_sent, client.bytes_received());
}

TEST(statistics, they_are_answered_before_the_start_and_after_the_stop) {
    TestServer server{TestServer::NotStarted{}, on_three_loops()};
    EXPECT_EQ(server.statistics().connections_total, 0U);
    ASSERT_EQ(server.start(), WSECHO_OK);
    open_client(server).hang_up();
    server.await_close();
    server.stop();
    EXPECT_EQ(server.statistics().connections_total, 1U);
    EXPECT_EQ(server.statistics().closes[WSECHO_CLOSE_TCP], 1U);
}

TEST(statistics, a_loop_that_is_not_there_is_an_invalid_argument) {
    TestServer server{on_three_loops()};
    wsecho_statistics statistics{};
    statistics.version = WSECHO_STATISTICS_VERSION;
    statistics.size = sizeof statistics;
    EXPECT_EQ(wsecho_server_statistics(server.get(), 2, &statistics), WSECHO_OK);
    EXPECT_EQ(wsecho_server_statistics(server.get(), 3, &statistics), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_server_statistics(server.get(), 0, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    statistics.version = 0;
    EXPECT_EQ(wsecho_server_statistics(server.get(), 0, &statistics), WSECHO_ERR_VERSION);
}

TEST(statistics, they_may_be_read_while_the_loops_work) {
    TestServer server{on_three_loops(), {.on_message = echo}};
    const auto read_on = [&](const std::stop_token& stop) {
        while (!stop.stop_requested())
            EXPECT_LE(server.statistics().connections, 100U);
    };
    const std::jthread one{read_on};
    const std::jthread other{read_on};
    for (int i = 0; i < 50; ++i) {
        auto client = open_client(server);
        client.send_text("x");
        EXPECT_EQ(client.read_text(), "x");
    }
}

}  // namespace
}  // namespace wsecho::test
