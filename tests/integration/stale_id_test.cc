// Ids that outlive their connections, used by many threads while connections come and go: an
// error number each time, and never a crash. The thread sanitizer looks on.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

constexpr int hammering_threads = 8;
constexpr std::size_t connections_each = 400;

// The ids of the latest connections, most of them stale soon.
class LatestIds {
  public:
    void add(Id id) { ids_[next_++ % ids_.size()].store(id); }
    [[nodiscard]] Id at(std::size_t index) const { return ids_[index % ids_.size()].load(); }

  private:
    std::array<std::atomic<Id>, 16> ids_{};
    std::atomic<std::size_t> next_{0};
};

void expect_one_of(int result, const std::set<int>& allowed) {
    EXPECT_TRUE(allowed.contains(result)) << result << ": " << wsecho_strerror(result);
}

// Every function that takes an id, once.
void call_everything(TestServer& server, Id id, std::size_t round) {
    std::array<char, 64> buffer{};
    const std::set<int> fine_or_gone{WSECHO_OK, WSECHO_ERR_GONE};
    const std::set<int> or_closing{WSECHO_OK, WSECHO_ERR_GONE, WSECHO_ERR_CLOSING};
    const std::set<int> or_full{WSECHO_OK, WSECHO_ERR_GONE, WSECHO_ERR_CLOSING,
                                WSECHO_ERR_BACKPRESSURE};
    expect_one_of(server.send_text(id, "hammered"), or_full);
    expect_one_of(wsecho_connection_ping(server.get(), id), or_closing);
    expect_one_of(
        wsecho_connection_remote_address(server.get(), id, buffer.data(), buffer.size(), nullptr),
        fine_or_gone);
    expect_one_of(wsecho_connection_uri(server.get(), id, buffer.data(), buffer.size(), nullptr),
                  fine_or_gone);
    expect_one_of(wsecho_connection_query(server.get(), id, buffer.data(), buffer.size(), nullptr),
                  fine_or_gone);
    expect_one_of(
        wsecho_connection_header(server.get(), id, "Host", buffer.data(), buffer.size(), nullptr),
        fine_or_gone);
    expect_one_of(wsecho_connection_set_user(server.get(), id, &server), fine_or_gone);
    void* const user = wsecho_connection_user(server.get(), id);
    EXPECT_TRUE(user == nullptr || user == &server);
    EXPECT_LE(server.queued_bytes(id), default_options().max_queued_bytes);
    EXPECT_NE(static_cast<int>(server.state(id)), 1) << "no such state";
    if (round % 8 == 0) {
        EXPECT_EQ(server.broadcast_text("to the others", id), WSECHO_OK);
    }
    if (round % 32 == 0) expect_one_of(server.close(id, 4000, "hammered"), or_closing);
}

// Opens connections one after another, and ends them in every manner.
void come_and_go(const TestServer& server) {
    for (std::size_t i = 0; i < connections_each; ++i) {
        auto client = open_client(server);
        switch (i % 4) {
            case 0:  // hangs up
                break;
            case 1:
                client.reset();
                break;
            default:
                client.send(frame(text, "hello") + close_frame(1000));
                client.read_to_end();
        }
    }
}

TEST(stale_ids, eight_threads_hammer_connections_that_come_and_go) {
    LatestIds latest;
    auto options = default_options();
    options.threads = 2;
    TestServer server{options,
                      {.on_open = [&](TestServer&, Id id) { latest.add(id); }, .on_message = echo}};
    {
        std::vector<std::jthread> hammers;
        for (std::size_t t = 0; t < hammering_threads; ++t)
            hammers.emplace_back([&, t](const std::stop_token& stop) {
                for (std::size_t round = t; !stop.stop_requested(); ++round)
                    call_everything(server, latest.at(round), round);
            });
        std::jthread one{[&] { come_and_go(server); }};
        std::jthread other{[&] { come_and_go(server); }};
        one.join();
        other.join();
    }
    constexpr std::size_t total = 2 * connections_each;
    server.await("every close", [](const Record& record) { return record.closes.size() == total; });
    server.stop();
    EXPECT_EQ(server.record().closes.size(), total);
    const auto statistics = server.statistics();
    EXPECT_EQ(statistics.connections, 0U);
    EXPECT_EQ(statistics.connections_total, total);
    EXPECT_EQ(statistics.bytes_queued, 0U);
}

TEST(stale_ids, an_id_is_never_given_out_twice) {
    TestServer server;
    std::set<Id> ids;
    for (std::size_t i = 0; i < 200; ++i) {
        open_client(server).hang_up();
        EXPECT_TRUE(ids.insert(server.await_close(i).id).second);
    }
    EXPECT_FALSE(ids.contains(0));
}

TEST(stale_ids, a_stale_id_does_not_touch_the_connection_that_has_its_place) {
    TestServer server;
    open_client(server).hang_up();
    const Id stale = server.await_close().id;
    eventually("the id to be stale", [&] { return server.state(stale) == WSECHO_STATE_GONE; });
    auto client = open_client(server);
    const Id fresh = server.await_open(1);
    EXPECT_EQ(static_cast<std::uint32_t>(stale), static_cast<std::uint32_t>(fresh)) << "same slot";

    EXPECT_EQ(server.send_text(stale, "to a ghost"), WSECHO_ERR_GONE);
    EXPECT_EQ(server.close(stale, 1000), WSECHO_ERR_GONE);
    EXPECT_EQ(server.send_text(fresh, "to you"), WSECHO_OK);
    EXPECT_EQ(client.read_text(), "to you");
}

TEST(stale_ids, calls_go_on_while_the_server_stops) {
    LatestIds latest;
    auto options = default_options();
    options.threads = 2;
    options.close_timeout_ms = 50;
    TestServer server{options, {.on_open = [&](TestServer&, Id id) { latest.add(id); }}};
    const auto clients = open_clients(server, 16);
    std::atomic<int> calls{0};
    std::vector<std::jthread> hammers;
    for (std::size_t t = 0; t < 4; ++t)
        hammers.emplace_back([&, t](const std::stop_token& stop) {
            for (std::size_t round = t; !stop.stop_requested(); ++round) {
                server.send_text(latest.at(round), "still there?");
                wsecho_connection_ping(server.get(), latest.at(round));
                server.broadcast_text("anybody?");
                static_cast<void>(server.state(latest.at(round)));
                ++calls;
            }
        });
    eventually("some calls", [&] { return calls > 100; });
    EXPECT_EQ(server.stop(), WSECHO_OK);
    const int before = calls;
    eventually("calls behind the stop", [&] { return calls > before + 100; });
    EXPECT_EQ(server.send_text(latest.at(0), "x"), WSECHO_ERR_GONE);
}

}  // namespace
}  // namespace wsecho::test
