// What becomes of messages for a peer that reads too slowly, by each policy, and by the messages'
// own terms.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <numeric>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/lazy_reader.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

constexpr std::size_t queue_bound = 256UL * 1024;

wsecho_server_options options_with(wsecho_backpressure_policy policy) {
    auto options = default_options();
    options.max_queued_bytes = queue_bound;
    options.heartbeat_interval_ms = 0;
    options.backpressure_policy = policy;
    return options;
}

// Does something on the loop's own thread, where a send acts at once.
class OnLoop {
  public:
    explicit OnLoop(const wsecho_server_options& options)
        : server_{options,
                  {.on_message =
                       [this](TestServer& self, const Message& message) {
                           if (message.payload == "do it")
                               done_.set_value(work_());
                           else
                               echo(self, message);
                       }}},
          witness_{open_client(server_)} {
        server_.await_open();
    }
    TestServer& server() { return server_; }
    RawClient& witness() { return witness_; }

    int run(std::function<int()> work) {
        work_ = std::move(work);
        done_ = {};
        witness_.send_text("do it");
        return done_.get_future().get();
    }
    // What the loop was given before has been dealt with.
    void been_round() {
        for (int i = 0; i < 2; ++i) {
            witness_.send_text("been round?");
            witness_.read_text();
        }
    }

  private:
    std::function<int()> work_;
    std::promise<int> done_;
    TestServer server_;
    RawClient witness_;
};

int send_with(TestServer& server, Id id, const std::string& payload, std::uint64_t key,
              std::uint32_t lifetime_ms = 0, int* queued = nullptr) {
    wsecho_message_terms terms = WSECHO_MESSAGE_TERMS_INIT;
    terms.key = key;
    terms.lifetime_ms = lifetime_ms;
    return wsecho_connection_send_with(server.get(), id, WSECHO_TEXT, payload.data(),
                                       payload.size(), &terms, queued);
}

// Until bytes wait for the peer, so that whatever is sent next does, too; how many messages. More
// than the kernel takes later when it makes a little room.
int fill_kernel(OnLoop& loop, Id id) {
    constexpr std::size_t enough = 20'000;
    int sent = 0;
    while (loop.server().queued_bytes(id) < enough && sent < more_than_enough) {
        loop.server().send_text(id, numbered(sent++));
        loop.been_round();
    }
    return sent;
}

std::vector<int> read_numbers(RawClient& client, const std::string& until) {
    std::vector<int> numbers;
    for (std::string payload = client.read_text(); payload != until; payload = client.read_text())
        numbers.push_back(number_of(payload));
    return numbers;
}

// Nothing came twice, and all in their order.
void expect_increasing(const std::vector<int>& numbers) {
    EXPECT_TRUE(std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal{}) ==
                numbers.end());
}

// --- drop oldest ---

TEST(backpressure_policy, the_oldest_make_room_for_the_newest) {
    constexpr int count = 3000;
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    std::uint64_t most = 0;
    int result = WSECHO_OK;
    for (int turn = 0; turn < 10; ++turn)
        loop.run([&, turn] {
            for (int i = 0; i < count / 10; ++i) {
                result =
                    std::min(result, loop.server().send_text(id, numbered(turn * count / 10 + i)));
                most = std::max(most, loop.server().queued_bytes(id));
            }
            return 0;
        });
    EXPECT_EQ(result, WSECHO_OK) << "each is taken";
    EXPECT_LE(most, queue_bound);
    const auto statistics = loop.server().statistics();
    EXPECT_GT(statistics.messages_dropped, 0U);
    EXPECT_EQ(statistics.messages_refused, 0U);

    loop.server().send_text(id, "the end");
    const auto numbers = read_numbers(client, "the end");
    expect_increasing(numbers);
    EXPECT_EQ(numbers.back(), count - 1);
    EXPECT_EQ(numbers.size() + loop.server().statistics().messages_dropped,
              static_cast<std::size_t>(count));
    eventually("nothing queued", [&] { return loop.server().statistics().bytes_queued == 0; });
}

TEST(backpressure_policy, the_oldest_make_room_for_what_other_threads_send_too) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    for (int i = 0; i < 2000; ++i) {
        int result = WSECHO_OK;
        eventually("the loop to have dropped some", [&] {
            result = loop.server().send_text(id, numbered(i));
            return result != WSECHO_ERR_BACKPRESSURE;
        });
        ASSERT_EQ(result, WSECHO_OK);
        ASSERT_LE(loop.server().queued_bytes(id), 2 * queue_bound);
    }
    loop.been_round();
    EXPECT_LE(loop.server().queued_bytes(id), queue_bound);
    EXPECT_GT(loop.server().statistics().messages_dropped, 0U);
    loop.server().send_text(id, "the end");
    const auto numbers = read_numbers(client, "the end");
    expect_increasing(numbers);
    EXPECT_EQ(numbers.back(), 1999);
}

TEST(backpressure_policy, a_broadcast_drops_the_oldest_of_the_slow_and_nothing_of_the_others) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    loop.server().await_open(1);
    constexpr int count = 2000;
    for (int i = 0; i < count; ++i) {
        ASSERT_EQ(loop.server().broadcast_text(numbered(i)), WSECHO_OK);
        ASSERT_EQ(number_of(loop.witness().read_text()), i);
    }
    ASSERT_EQ(loop.server().broadcast_text("the end"), WSECHO_OK);
    EXPECT_EQ(loop.witness().read_text(), "the end");
    const auto numbers = read_numbers(client, "the end");
    expect_increasing(numbers);
    EXPECT_EQ(numbers.back(), count - 1);
    EXPECT_EQ(numbers.size() + loop.server().statistics().messages_dropped,
              static_cast<std::size_t>(count));
}

TEST(backpressure_policy, nothing_is_dropped_for_a_message_that_finds_no_room_in_the_end) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    const int sent = fill_kernel(loop, id);
    const std::string too_large(queue_bound - 20, 'x');  // beside what cannot be dropped
    EXPECT_EQ(loop.run([&] { return loop.server().send_text(id, too_large); }),
              WSECHO_ERR_BACKPRESSURE);
    EXPECT_EQ(loop.server().statistics().messages_dropped, 0U);
    loop.server().send_text(id, "the end");
    EXPECT_EQ(read_numbers(client, "the end").size(), static_cast<std::size_t>(sent));
}

TEST(backpressure_policy, a_close_comes_behind_all_that_was_not_dropped) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    const int first = fill_kernel(loop, id);
    loop.run([&] {
        for (int i = first; i < first + 20; ++i)
            loop.server().send_text(id, numbered(i));
        return loop.server().close(id, 1000, "done");
    });
    for (int i = 0; i < first + 20; ++i)
        ASSERT_EQ(number_of(client.read_text()), i);
    EXPECT_EQ(client.take_close().payload.substr(2), "done");
}

TEST(backpressure_policy, tiny_messages_that_wait_are_bounded_by_their_number) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_DROP_OLDEST)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    const int sent = fill_kernel(loop, id);
    constexpr std::size_t tiny = 10'000;
    constexpr std::size_t most = queue_bound / 256;
    loop.run([&] {
        for (std::size_t i = 0; i < tiny; ++i)
            loop.server().send_text(id, "1");
        return 0;
    });
    EXPECT_GE(loop.server().statistics().messages_dropped, tiny - most);
    loop.server().send_text(id, "the end");
    const auto numbers = read_numbers(client, "the end");
    EXPECT_EQ(numbers.size() + loop.server().statistics().messages_dropped,
              static_cast<std::size_t>(sent) + tiny);
}

// --- close ---

void expect_cut_off(OnLoop& loop, Id id) {
    const Close close = loop.server().await_close();
    EXPECT_EQ(close.id, id);
    EXPECT_EQ(close.cause, WSECHO_CLOSE_SLOW_CONSUMER);
    EXPECT_EQ(close.code, 1006U);
    EXPECT_EQ(close.initiator, WSECHO_INITIATOR_LOCAL);
    EXPECT_GT(close.numbers.bytes_unsent, 0U);
    eventually("its end", [&] { return loop.server().state(id) == WSECHO_STATE_GONE; });
    EXPECT_EQ(loop.server().statistics().closes[WSECHO_CLOSE_SLOW_CONSUMER], 1U);
    eventually("nothing queued", [&] { return loop.server().statistics().bytes_queued == 0; });
    loop.been_round();  // the others live on
}

TEST(backpressure_policy, a_peer_whose_queue_is_full_is_cut_off) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_CLOSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    EXPECT_EQ(loop.run([&] {
        int result = WSECHO_OK;
        for (int i = 0; i < more_than_enough && result == WSECHO_OK; ++i)
            result = loop.server().send_text(id, numbered(i));
        return result;
    }),
              WSECHO_ERR_BACKPRESSURE);
    expect_cut_off(loop, id);
    client.read_to_end();
}

TEST(backpressure_policy, a_peer_whose_queue_other_threads_fill_is_cut_off) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_CLOSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    int result = WSECHO_OK;
    for (int i = 0; i < more_than_enough && result == WSECHO_OK; ++i)
        result = loop.server().send_text(id, numbered(i));
    EXPECT_EQ(result, WSECHO_ERR_BACKPRESSURE);
    expect_cut_off(loop, id);
}

TEST(backpressure_policy, a_peer_that_cannot_keep_up_with_broadcasts_is_cut_off) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_CLOSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    for (int i = 0; i < more_than_enough && loop.server().record().closes.empty(); ++i) {
        ASSERT_EQ(loop.server().broadcast_text(numbered(i)), WSECHO_OK);
        ASSERT_EQ(number_of(loop.witness().read_text()), i);
    }
    expect_cut_off(loop, id);
}

// --- whose policy ---

TEST(backpressure_policy, a_path_has_its_own) {
    TestServer server{TestServer::NotStarted{}, options_with(WSECHO_BACKPRESSURE_REFUSE)};
    wsecho_path_options path = WSECHO_PATH_OPTIONS_INIT;
    path.backpressure_policy = WSECHO_BACKPRESSURE_CLOSE;
    ASSERT_EQ(wsecho_server_add_path(server.get(), "/close", &path, nullptr, nullptr), WSECHO_OK);
    ASSERT_EQ(server.start(), WSECHO_OK);
    auto refusing = lazy_reader(server);
    const Id stays = server.await_open();
    auto closing = lazy_reader(server, "/close");
    eventually("both to be open", [&] { return server.statistics().connections == 2; });
    for (int i = 0; i < more_than_enough && server.statistics().connections == 2; ++i)
        ASSERT_EQ(server.broadcast_text(numbered(i)), WSECHO_OK);
    eventually("one to be cut off",
               [&] { return server.statistics().closes[WSECHO_CLOSE_SLOW_CONSUMER] == 1; });
    EXPECT_EQ(server.state(stays), WSECHO_STATE_OPEN);
}

TEST(backpressure_policy, a_connection_may_have_its_own_from_any_time_on) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    auto client = lazy_reader(loop.server());
    const Id id = loop.server().await_open(1);
    int result = WSECHO_OK;
    for (int i = 0; i < more_than_enough && result == WSECHO_OK; ++i)
        result = loop.server().send_text(id, numbered(i));
    ASSERT_EQ(result, WSECHO_ERR_BACKPRESSURE);
    ASSERT_EQ(wsecho_connection_set_backpressure_policy(loop.server().get(), id,
                                                        WSECHO_BACKPRESSURE_CLOSE),
              WSECHO_OK);
    while (loop.server().send_text(id, numbered(0)) == WSECHO_OK) {
    }
    EXPECT_EQ(loop.server().await_close().cause, WSECHO_CLOSE_SLOW_CONSUMER);
}

TEST(backpressure_policy, setting_it_tells_what_is_wrong) {
    OnLoop loop{options_with(WSECHO_BACKPRESSURE_REFUSE)};
    wsecho_server* const server = loop.server().get();
    const Id id = loop.server().await_open();
    const auto set = [](wsecho_server* of, Id whose, int policy) {
        return wsecho_connection_set_backpressure_policy(of, whose, policy);
    };
    EXPECT_EQ(set(nullptr, id, 0), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(set(server, id, -1), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(set(server, id, 3), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(set(server, id + 1, 0), WSECHO_ERR_GONE);
    EXPECT_EQ(loop.run([&] {
        loop.server().close(id, 1000);
        return set(server, id, 0);
    }),
              WSECHO_ERR_CLOSING);
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

TEST(queue_budget, all_queues_together_have_no_more_and_who_keeps_up_is_served) {
    constexpr std::uint64_t budget = 1'000'000;
    constexpr std::uint64_t uncounted = 4096 + 4;
    auto options = options_with(WSECHO_BACKPRESSURE_REFUSE);
    options.max_queued_bytes = 64UL * 1024 * 1024;
    options.max_queued_bytes_total = budget;
    OnLoop loop{options};
    std::vector<RawClient> clients;
    std::vector<int> sent;
    for (std::size_t i = 0; i < 3; ++i) {
        clients.push_back(lazy_reader(loop.server()));
        const Id id = loop.server().await_open(i + 1);
        sent.push_back(0);
        int result = WSECHO_OK;
        while ((result = loop.server().send_text(id, numbered(sent[i]))) == WSECHO_OK) {
            ++sent[i];
            EXPECT_LE(loop.server().statistics().bytes_queued, budget + (i + 1) * uncounted);
        }
        EXPECT_EQ(result, WSECHO_ERR_BACKPRESSURE);
        loop.been_round();
    }
    for (std::size_t i = 0; i < 3; ++i)
        for (int n = 0; n < sent[i]; ++n)
            ASSERT_EQ(number_of(clients[i].read_text()), n);
    eventually("nothing queued", [&] { return loop.server().statistics().bytes_queued == 0; });
    EXPECT_EQ(loop.server().send_text(loop.server().await_open(1), "room again"), WSECHO_OK);
}

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
