// Messages with terms: a key by which a newer one replaces those that wait, a time after which they
// are not sent.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "support/lazy_reader.h"
#include "support/on_loop.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

int send_with(TestServer& server, Id id, const std::string& payload, std::uint64_t key,
              std::uint32_t lifetime_ms = 0, int* queued = nullptr) {
    wsecho_message_terms terms = WSECHO_MESSAGE_TERMS_INIT;
    terms.key = key;
    terms.lifetime_ms = lifetime_ms;
    return wsecho_connection_send_with(server.get(), id, WSECHO_TEXT, payload.data(),
                                       payload.size(), &terms, queued);
}

// --- keys ---

TEST(message_terms, a_newer_message_of_a_key_replaces_the_one_that_waits) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    fill_kernel(loop, id);
    loop.run([&] {
        for (int price = 1; price <= 100; ++price) {
            EXPECT_EQ(send_with(loop.server(), id, "1001: " + std::to_string(price), 1), WSECHO_OK);
            EXPECT_EQ(send_with(loop.server(), id, "1002: " + std::to_string(price), 2), WSECHO_OK);
        }
        return loop.server().send_text(id, "the end");
    });
    std::vector<std::string> prices;
    for (auto payload = client.read_text(); payload != "the end"; payload = client.read_text())
        if (payload.starts_with("100") && payload.find(": ") == 4) prices.push_back(payload);
    EXPECT_EQ(prices, (std::vector<std::string>{"1001: 100", "1002: 100"}));
    EXPECT_EQ(loop.server().statistics().messages_replaced, 198U);
}

TEST(message_terms, a_peer_that_keeps_up_gets_every_message_of_a_key) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    const Id id = loop.server().await_open();
    for (int i = 0; i < 100; ++i) {
        ASSERT_EQ(send_with(loop.server(), id, std::to_string(i), 1), WSECHO_OK);
        ASSERT_EQ(loop.witness().read_text(), std::to_string(i));
    }
    EXPECT_EQ(loop.server().statistics().messages_replaced, 0U);
}

TEST(message_terms, where_the_queue_is_full_a_newer_one_has_the_place_of_the_old) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    fill_kernel(loop, id);
    loop.run([&] {
        EXPECT_EQ(send_with(loop.server(), id, "old", 1), WSECHO_OK);
        while (loop.server().send_text(id, "x") == WSECHO_OK) {
        }
        EXPECT_EQ(send_with(loop.server(), id, "new", 1), WSECHO_OK);
        EXPECT_EQ(send_with(loop.server(), id, "new", 2), WSECHO_ERR_BACKPRESSURE);
        return 0;
    });
    std::string payload;
    while ((payload = client.read_text()) != "new")
        ASSERT_NE(payload, "old");
}

TEST(message_terms, what_is_broadcast_with_a_key_replaces_for_the_slow_alone) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    fill_kernel(loop, id);
    wsecho_message_terms terms = WSECHO_MESSAGE_TERMS_INIT;
    terms.key = 5;
    for (int i = 0; i < 50; ++i) {
        wsecho_message* message = nullptr;
        const std::string payload = "9:" + std::to_string(i);
        ASSERT_EQ(wsecho_message_prepare_with(&message, WSECHO_TEXT, payload.data(), payload.size(),
                                              &terms),
                  WSECHO_OK);
        EXPECT_EQ(wsecho_broadcast_prepared(loop.server().get(), message, 0), WSECHO_OK);
        wsecho_message_release(message);
        EXPECT_EQ(loop.witness().read_text(), payload);
    }
    loop.server().send_text(id, "the end");
    std::vector<std::string> got;
    for (auto payload = client.read_text(); payload != "the end"; payload = client.read_text())
        if (payload.starts_with("9:") && payload.size() < 10) got.push_back(payload);
    EXPECT_EQ(got, std::vector<std::string>{"9:49"});
    EXPECT_EQ(loop.server().statistics().messages_replaced, 49U);
}

// --- deadlines ---

void let_pass(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    eventually("the time to be over", [&] { return std::chrono::steady_clock::now() > end; });
}

TEST(message_terms, what_has_waited_longer_than_its_lifetime_is_not_sent) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    const int sent = fill_kernel(loop, id);
    loop.run([&] {
        EXPECT_EQ(send_with(loop.server(), id, "7: too late", 0, 5), WSECHO_OK);
        EXPECT_EQ(send_with(loop.server(), id, "8: in time", 0, 3'600'000), WSECHO_OK);
        return loop.server().send_text(id, "the end");
    });
    let_pass(std::chrono::milliseconds{10});
    auto numbers = read_numbers(client, "the end");
    EXPECT_EQ(numbers.size(), static_cast<std::size_t>(sent) + 1);
    EXPECT_EQ(numbers.back(), 8);
    EXPECT_EQ(loop.server().statistics().messages_late, 1U);
    eventually("nothing queued", [&] { return loop.server().statistics().bytes_queued == 0; });
}

TEST(message_terms, what_is_late_makes_room_in_a_full_queue) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    fill_kernel(loop, id);
    const std::string large(queue_bound / 2, 'x');
    loop.run([&] {
        EXPECT_EQ(send_with(loop.server(), id, large, 0, 50), WSECHO_OK);
        return send_with(loop.server(), id, large, 0, 0);
    });
    let_pass(std::chrono::milliseconds{60});
    EXPECT_EQ(loop.run([&] { return loop.server().send_text(id, large); }), WSECHO_OK);
    EXPECT_EQ(loop.server().statistics().messages_late, 1U);
}

TEST(message_terms, a_message_that_is_late_already_is_refused_as_such) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    const Id id = loop.server().await_open();
    wsecho_message_terms terms = WSECHO_MESSAGE_TERMS_INIT;
    terms.lifetime_ms = 1;
    wsecho_message* message = nullptr;
    ASSERT_EQ(wsecho_message_prepare_with(&message, WSECHO_TEXT, "x", 1, &terms), WSECHO_OK);
    let_pass(std::chrono::milliseconds{3});
    const auto send = [&] {
        return wsecho_connection_send_prepared(loop.server().get(), id, message);
    };
    EXPECT_EQ(send(), WSECHO_ERR_LATE);
    EXPECT_STREQ(wsecho_error_detail(), "the message's deadline is over");
    EXPECT_EQ(loop.run(send), WSECHO_ERR_LATE);
    EXPECT_EQ(wsecho_broadcast_prepared(loop.server().get(), message, 0), WSECHO_OK);
    wsecho_message_release(message);
    eventually("it to be counted", [&] { return loop.server().statistics().messages_late == 1; });
    loop.been_round();
}

TEST(message_terms, a_send_tells_whether_the_message_waits) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    int queued = -1;
    loop.run([&] { return send_with(loop.server(), id, "at once", 0, 0, &queued); });
    EXPECT_EQ(queued, 0) << "the kernel has it";
    EXPECT_EQ(client.read_text(), "at once");
    send_with(loop.server(), id, "by the door", 0, 0, &queued);
    EXPECT_EQ(queued, 1) << "its loop has not seen it";
    fill_kernel(loop, id);
    loop.run([&] { return send_with(loop.server(), id, "behind", 0, 0, &queued); });
    EXPECT_EQ(queued, 1);
    EXPECT_EQ(send_with(loop.server(), id + 1, "to nobody", 0, 0, &queued), WSECHO_ERR_GONE);
    EXPECT_EQ(queued, 0);
}

TEST(message_terms, they_tell_what_is_wrong) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    wsecho_server* const server = loop.server().get();
    const Id id = loop.server().await_open();
    wsecho_message* message = nullptr;
    wsecho_message_terms terms = WSECHO_MESSAGE_TERMS_INIT;
    EXPECT_EQ(wsecho_message_prepare_with(nullptr, WSECHO_TEXT, "x", 1, &terms),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_message_prepare_with(&message, 3, "x", 1, &terms),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_message_prepare_with(&message, WSECHO_TEXT, nullptr, 1, &terms),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_send_with(nullptr, id, WSECHO_TEXT, "x", 1, &terms, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_send_with(server, id, 3, "x", 1, &terms, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_send_with(server, id, WSECHO_TEXT, nullptr, 1, &terms, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    const std::string too_big(queue_bound, 'x');
    EXPECT_EQ(wsecho_connection_send_with(server, id, WSECHO_TEXT, too_big.data(), too_big.size(),
                                          &terms, nullptr),
              WSECHO_ERR_TOO_BIG);
    terms.version = 2;
    EXPECT_EQ(wsecho_message_prepare_with(&message, WSECHO_TEXT, "x", 1, &terms),
              WSECHO_ERR_VERSION);
    EXPECT_EQ(wsecho_connection_send_with(server, id, WSECHO_TEXT, "x", 1, &terms, nullptr),
              WSECHO_ERR_VERSION);
    terms = WSECHO_MESSAGE_TERMS_INIT;
    terms.size = 4;
    EXPECT_EQ(wsecho_message_prepare_with(&message, WSECHO_TEXT, "x", 1, &terms),
              WSECHO_ERR_INVALID_OPTION);
    EXPECT_EQ(message, nullptr);
    EXPECT_EQ(loop.run([&] {
        loop.server().close(id, 1000);
        return send_with(loop.server(), id, "x", 1);
    }),
              WSECHO_ERR_CLOSING);
}

}  // namespace
}  // namespace wsecho::test
