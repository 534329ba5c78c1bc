// Dialed connections whose endpoint reads too slowly, or sends too much: as good as those that
// come.
#include <gtest/gtest.h>

#include <algorithm>

#include "support/identity.h"
#include "support/lazy_reader.h"
#include "support/on_loop.h"
#include "support/raw_server.h"
#include "support/test_dialer.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

wsecho_dialer_options dialer_with(wsecho_backpressure_policy policy) {
    auto options = dialer_options();
    options.max_queued_bytes = queue_bound;
    options.backpressure_policy = static_cast<std::uint64_t>(policy);
    return options;
}

int send_keyed(wsecho_server* server, Id id, const std::string& payload, std::uint64_t key,
               std::uint32_t lifetime_ms = 0) {
    wsecho_message_terms terms = WSECHO_MESSAGE_TERMS_INIT;
    terms.key = key;
    terms.lifetime_ms = lifetime_ms;
    return wsecho_connection_send_with(server, id, WSECHO_TEXT, payload.data(), payload.size(),
                                       &terms, nullptr);
}

std::vector<int> read_numbers(RawPeer& peer, const std::string& until) {
    std::vector<int> numbers;
    for (std::string payload = peer.read_text(); payload != until; payload = peer.read_text())
        numbers.push_back(number_of(payload));
    return numbers;
}

// Sends more than its queue takes, on its loop; what a peer reads of it then.
void expect_the_newest(TestServer& host, TestDialer& dialer, RawPeer& peer, int count) {
    const auto numbers = read_numbers(peer, "the end");
    expect_increasing(numbers);
    EXPECT_EQ(numbers.back(), count - 1);
    const auto statistics = host.statistics();
    EXPECT_GT(statistics.messages_dropped, 0U);
    EXPECT_EQ(statistics.messages_refused, 0U);
    EXPECT_EQ(numbers.size() + statistics.messages_dropped, static_cast<std::size_t>(count));
    eventually("nothing queued", [&] { return host.statistics().bytes_queued == 0; });
    EXPECT_TRUE(dialer.record().closes.empty());
}

constexpr int many = 1000;

DialHooks sending_many(TestServer& host, std::uint64_t* most = nullptr) {
    return {.on_open = [&host, most](TestDialer&, Id id) {
        for (int i = 0; i < many; ++i) {
            EXPECT_EQ(host.send_text(id, numbered(i)), WSECHO_OK) << "each is taken";
            if (most != nullptr) *most = std::max(*most, host.queued_bytes(id));
        }
        EXPECT_EQ(host.send_text(id, "the end"), WSECHO_OK);
    }};
}

TEST(dialer_backpressure, the_queue_is_held_to_its_bound) {
    RawServer endpoint;
    TestServer host{no_listener()};
    auto options = dialer_options();
    options.max_queued_bytes = 1000;
    TestDialer dialer{host, endpoint.url(), options};
    auto peer = endpoint.accept();
    peer.shake_hands();
    dialer.await_change(WSECHO_DIALER_CONNECTED);
    EXPECT_EQ(dialer.send_text(std::string(993, 'x')), WSECHO_ERR_TOO_BIG);
    EXPECT_EQ(dialer.send_text(std::string(992, 'x')), WSECHO_OK) << "and 8 bytes of header";
    EXPECT_EQ(peer.read_text(), std::string(992, 'x'));
    int result = WSECHO_OK;
    while (result == WSECHO_OK)
        result = dialer.send_text(std::string(992, 'x'));
    EXPECT_EQ(result, WSECHO_ERR_BACKPRESSURE);
}

TEST(dialer_backpressure, the_oldest_make_room_for_the_newest) {
    RawServer endpoint;
    TestServer host{no_listener()};
    std::uint64_t most = 0;
    TestDialer dialer{host, endpoint.url(), dialer_with(WSECHO_BACKPRESSURE_DROP_OLDEST),
                      sending_many(host, &most)};
    auto peer = endpoint.accept();
    peer.shake_hands();
    expect_the_newest(host, dialer, peer, many);
    EXPECT_LE(most, queue_bound);
}

TEST(dialer_backpressure, what_is_encrypted_is_encrypted_when_its_turn_comes) {
    const Identity identity;
    const std::string authority = identity.authority_file();
    RawServer endpoint;
    TestServer host{no_listener()};
    auto options = dialer_with(WSECHO_BACKPRESSURE_DROP_OLDEST);
    options.tls_ca_file = authority.c_str();
    TestDialer dialer{host, endpoint.secure_url(), options, sending_many(host)};
    auto peer = endpoint.accept();
    ASSERT_TRUE(peer.secure(identity));
    peer.shake_hands();
    expect_the_newest(host, dialer, peer, many);
}

TEST(dialer_backpressure, a_close_comes_behind_all_that_was_not_dropped) {
    RawServer endpoint;
    TestServer host{no_listener()};
    TestDialer dialer{host,
                      endpoint.url(),
                      dialer_with(WSECHO_BACKPRESSURE_DROP_OLDEST),
                      {.on_open = [&host](TestDialer&, Id id) {
                          for (int i = 0; i < many; ++i)
                              host.send_text(id, numbered(i));
                          wsecho_connection_close(host.get(), id, 4000, nullptr, 0);
                      }}};
    auto peer = endpoint.accept();
    peer.shake_hands();
    std::vector<int> numbers;
    auto next = peer.read_frame();
    for (; next.opcode == text; next = peer.read_frame())
        numbers.push_back(number_of(next.payload));
    expect_increasing(numbers);
    EXPECT_EQ(numbers.back(), many - 1);
    EXPECT_EQ(next.close_code(), 4000U);
}

// A dialed connection whose endpoint takes nothing any more; it lives where the test can be on the
// loop.
struct Stalled {
    explicit Stalled(wsecho_backpressure_policy policy)
        : loop{options_with(policy)},
          dialer{loop.server(), endpoint.url()},
          peer{endpoint.accept()} {
        peer.shake_hands();
        id = dialer.await_change(WSECHO_DIALER_CONNECTED).connection;
        sent = fill_kernel(loop, id);
    }
    RawServer endpoint;
    OnLoop loop;
    TestDialer dialer;
    RawPeer peer;
    Id id = 0;
    int sent = 0;
};

TEST(dialer_backpressure, a_newer_message_of_a_key_replaces_the_one_that_waits) {
    Stalled stalled{WSECHO_BACKPRESSURE_REFUSE};
    TestServer& host = stalled.loop.server();
    EXPECT_EQ(send_keyed(host.get(), stalled.id, "1: old", 7), WSECHO_OK);
    EXPECT_EQ(send_keyed(host.get(), stalled.id, "2: another's", 8), WSECHO_OK);
    stalled.loop.been_round();  // of another thread's, which come to the loop by its mailbox
    stalled.loop.run([&] {
        EXPECT_EQ(send_keyed(host.get(), stalled.id, "3: new", 7), WSECHO_OK);
        EXPECT_EQ(host.send_text(stalled.id, "4: plain"), WSECHO_OK);
        return host.send_text(stalled.id, "the end");
    });
    const auto numbers = read_numbers(stalled.peer, "the end");
    const std::vector<int> last{numbers.end() - 3, numbers.end()};
    EXPECT_EQ(last, (std::vector<int>{3, 2, 4}));
    EXPECT_EQ(numbers.size(), static_cast<std::size_t>(stalled.sent) + 3);
    EXPECT_EQ(host.statistics().messages_replaced, 1U);
    eventually("nothing queued", [&] { return host.statistics().bytes_queued == 0; });
}

TEST(dialer_backpressure, what_has_waited_longer_than_its_lifetime_is_not_sent) {
    Stalled stalled{WSECHO_BACKPRESSURE_REFUSE};
    TestServer& host = stalled.loop.server();
    stalled.loop.run([&] {
        EXPECT_EQ(send_keyed(host.get(), stalled.id, "7: too late", 0, 5), WSECHO_OK);
        EXPECT_EQ(send_keyed(host.get(), stalled.id, "8: in time", 0, 3'600'000), WSECHO_OK);
        return host.send_text(stalled.id, "the end");
    });
    const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds{10};
    eventually("the time to be over", [&] { return std::chrono::steady_clock::now() > end; });
    const auto numbers = read_numbers(stalled.peer, "the end");
    EXPECT_EQ(numbers.size(), static_cast<std::size_t>(stalled.sent) + 1);
    EXPECT_EQ(numbers.back(), 8);
    EXPECT_EQ(host.statistics().messages_late, 1U);
    eventually("nothing queued", [&] { return host.statistics().bytes_queued == 0; });
}

TEST(dialer_backpressure, the_oldest_make_room_for_what_other_threads_send_too) {
    Stalled stalled{WSECHO_BACKPRESSURE_DROP_OLDEST};
    TestServer& host = stalled.loop.server();
    int sent = stalled.sent;
    while (host.statistics().messages_dropped == 0) {
        ASSERT_EQ(host.send_text(stalled.id, numbered(sent++)), WSECHO_OK);
        stalled.loop.been_round();
    }
    ASSERT_EQ(host.send_text(stalled.id, "the end"), WSECHO_OK);
    const auto numbers = read_numbers(stalled.peer, "the end");
    expect_increasing(numbers);
    EXPECT_EQ(numbers.back(), sent - 1);
    EXPECT_EQ(numbers.size() + host.statistics().messages_dropped, static_cast<std::size_t>(sent));
    eventually("nothing queued", [&] { return host.statistics().bytes_queued == 0; });
}

TEST(dialer_backpressure, ends_where_that_is_the_policy_and_the_queue_is_full) {
    RawServer endpoint;
    TestServer host{no_listener()};
    auto options = dialer_with(WSECHO_BACKPRESSURE_CLOSE);
    TestDialer dialer{host, endpoint.url(), options};
    auto peer = endpoint.accept();
    peer.shake_hands();
    const auto id = dialer.await_change(WSECHO_DIALER_CONNECTED).connection;
    while (host.send_text(id, std::string(900, 'x')) == WSECHO_OK) {
    }
    EXPECT_EQ(dialer.await_close().cause, WSECHO_CLOSE_SLOW_CONSUMER);
    EXPECT_EQ(dialer.await_change(WSECHO_DIALER_DISCONNECTED).failure, WSECHO_DIAL_LOST);
}

TEST(dialer_backpressure, the_server_s_policy_holds_where_it_has_none) {
    RawServer endpoint;
    auto server_options = no_listener();
    server_options.backpressure_policy = WSECHO_BACKPRESSURE_CLOSE;
    TestServer host{server_options};
    auto options = dialer_options();
    options.max_queued_bytes = 1000;
    TestDialer dialer{host, endpoint.url(), options};
    auto peer = endpoint.accept();
    peer.shake_hands();
    const auto id = dialer.await_change(WSECHO_DIALER_CONNECTED).connection;
    while (host.send_text(id, std::string(900, 'x')) == WSECHO_OK) {
    }
    EXPECT_EQ(dialer.await_close().cause, WSECHO_CLOSE_SLOW_CONSUMER);
}

TEST(dialer_backpressure, its_watermarks_are_told) {
    RawServer endpoint;
    TestServer host{no_listener()};
    auto options = dialer_options();
    options.high_watermark_bytes = 100'000;
    options.low_watermark_bytes = 1000;
    TestDialer dialer{host, endpoint.url(), options};
    auto peer = endpoint.accept();
    peer.shake_hands();
    const auto id = dialer.await_change(WSECHO_DIALER_CONNECTED).connection;
    int sent = 0;
    while (host.statistics().high_watermarks == 0 && sent < more_than_enough)
        if (host.send_text(id, numbered(sent)) == WSECHO_OK) ++sent;
    dialer.await("the high watermark", [](const DialRecord& record) {
        return !record.watermarks.empty() && record.watermarks.front().is_high;
    });
    for (int i = 0; i < sent; ++i)
        peer.read_text();
    dialer.await("the low watermark", [](const DialRecord& record) {
        return record.watermarks.size() > 1 && !record.watermarks.back().is_high;
    });
}

TEST(dialer_rates, an_endpoint_that_sends_more_is_closed_where_that_was_asked_for) {
    RawServer endpoint;
    auto server_options = no_listener();
    server_options.max_messages_per_second = 1;
    TestServer host{server_options};
    auto options = dialer_options();
    options.max_messages_per_second = 5;
    options.rate_policy = WSECHO_RATE_CLOSE;
    TestDialer dialer{host, endpoint.url(), options};
    auto peer = endpoint.accept();
    peer.shake_hands();
    for (int i = 0; i < 6; ++i)
        peer.send_text("x");
    EXPECT_EQ(peer.read_frame().close_code(), 1008U);
    peer.hang_up();
    EXPECT_EQ(dialer.await_close().cause, WSECHO_CLOSE_LIMIT);
    EXPECT_EQ(dialer.record().messages.size(), 5U) << "not the server's rate";
}

TEST(dialer_rates, the_server_s_are_not_the_endpoints) {
    RawServer endpoint;
    auto server_options = no_listener();
    server_options.max_messages_per_second = 1;
    server_options.rate_policy = WSECHO_RATE_CLOSE;
    TestServer host{server_options};
    TestDialer dialer{host, endpoint.url()};
    auto peer = endpoint.accept();
    peer.shake_hands();
    for (int i = 0; i < 10; ++i)
        peer.send_text("x");
    dialer.await_message(9);
    EXPECT_TRUE(dialer.record().closes.empty());
}

}  // namespace
}  // namespace wsecho::test
