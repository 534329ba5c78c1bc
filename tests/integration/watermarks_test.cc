// How full queues are: told of one peer's, and bounded for all together.
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/lazy_reader.h"
#include "support/on_loop.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

// --- watermarks ---

TEST(watermarks, the_high_one_is_told_once_and_then_the_low_one) {
    auto options = options_with(WSECHO_BACKPRESSURE_REFUSE);
    options.high_watermark_bytes = 100'000;
    options.low_watermark_bytes = 20'000;
    OnLoop loop{options};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    int sent = fill_kernel(loop, id);
    EXPECT_TRUE(loop.server().record().watermarks.empty());
    loop.run([&] {
        while (loop.server().send_text(id, numbered(sent)) == WSECHO_OK)
            ++sent;
        return 0;
    });
    const Watermark high = loop.server().await_watermark();
    EXPECT_EQ(high.id, id);
    EXPECT_TRUE(high.is_high);
    EXPECT_GE(high.queued_bytes, 100'000U);
    loop.been_round();
    EXPECT_EQ(loop.server().record().watermarks.size(), 1U);

    for (int i = 0; i < sent; ++i)
        client.read_text();
    const Watermark low = loop.server().await_watermark(1);
    EXPECT_FALSE(low.is_high);
    EXPECT_LE(low.queued_bytes, 20'000U);
    EXPECT_EQ(loop.server().statistics().high_watermarks, 1U);
}

TEST(watermarks, what_other_threads_send_to_a_peer_that_takes_nothing_is_told_at_once) {
    auto options = options_with(WSECHO_BACKPRESSURE_REFUSE);
    options.high_watermark_bytes = 100'000;
    OnLoop loop{options};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    fill_kernel(loop, id);
    while (loop.server().queued_bytes(id) < 100'000)
        ASSERT_EQ(loop.server().send_text(id, numbered(0)), WSECHO_OK);
    loop.been_round();
    EXPECT_EQ(loop.server().record().watermarks.size(), 1U) << "not at the next ping";
}

TEST(watermarks, what_the_pass_itself_writes_is_not_told) {
    auto options = options_with(WSECHO_BACKPRESSURE_REFUSE);
    options.high_watermark_bytes = 10'000;
    OnLoop loop{options};
    const Id id = loop.server().await_open();
    std::uint64_t most = 0;
    loop.run([&] {
        for (int i = 0; i < 10; ++i)
            loop.server().send_text(id, numbered(i));
        most = loop.server().queued_bytes(id);
        return 0;
    });
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(loop.witness().read_text(), numbered(i));
    loop.been_round();
    EXPECT_TRUE(loop.server().record().watermarks.empty());
}

TEST(watermarks, a_callback_that_throws_closes_its_connection) {
    auto options = options_with(WSECHO_BACKPRESSURE_REFUSE);
    options.high_watermark_bytes = 1000;
    TestServer server{options, {.on_watermark = [](TestServer&, const Watermark&) {
                          throw std::runtime_error{"on purpose"};
                      }}};
    auto client = lazy_reader(server);
    const Id id = server.await_open();
    eventually("the failure", [&] {
        server.send_text(id, numbered(0));
        return server.statistics().callback_failures == 1;
    });
    EXPECT_EQ(server.state(id), WSECHO_STATE_CLOSING);
}

// --- the budget of all queues ---

TEST(queue_budget, a_broadcast_keeps_to_it) {
    constexpr std::uint64_t budget = 500'000;
    auto options = options_with(WSECHO_BACKPRESSURE_DROP_OLDEST);
    options.max_queued_bytes_total = budget;
    OnLoop loop{options};
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < 4; ++i) {
        clients.push_back(lazy_reader(loop.server()));
        loop.server().await_open(i + 1);
    }
    for (int i = 0; i < 1500; ++i) {
        ASSERT_EQ(loop.server().broadcast_text(numbered(i)), WSECHO_OK);
        ASSERT_EQ(number_of(loop.witness().read_text()), i);
        ASSERT_LE(loop.server().statistics().bytes_queued, budget + 4 * (4096 + 4));
    }
    EXPECT_GT(loop.server().statistics().messages_dropped, 0U);
    for (auto& client : clients) {
        std::vector<int> numbers;
        while (numbers.empty() || numbers.size() < 5)
            numbers.push_back(number_of(client.read_text()));
        expect_increasing(numbers);
    }
}

}  // namespace
}  // namespace wsecho::test
