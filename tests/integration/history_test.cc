// What channels keep: who comes back gets what it missed, and then what comes, each once.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "support/gate.h"
#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

constexpr const char* news = "news";

int keep(const TestServer& server, std::uint32_t messages, std::uint64_t bytes = 1U << 20U) {
    wsecho_history history = WSECHO_HISTORY_INIT;
    history.max_messages = messages;
    history.max_bytes = bytes;
    return wsecho_channel_set_history(server.get(), news, &history);
}

std::uint64_t publish(const TestServer& server, std::string_view text, const char* channel = news) {
    std::uint64_t number = 0;
    EXPECT_EQ(
        wsecho_publish(server.get(), channel, WSECHO_TEXT, text.data(), text.size(), 0, &number),
        WSECHO_OK);
    return number;
}

wsecho_missed subscribe_after(const TestServer& server, Id id, std::uint64_t after,
                              std::uint64_t epoch = 0) {
    wsecho_missed missed{WSECHO_MISSED_VERSION, sizeof missed, 0, 0, 0, 0};
    EXPECT_EQ(wsecho_subscribe_after(server.get(), id, news, epoch, after, &missed), WSECHO_OK);
    return missed;
}

// A client and its id.
struct Peer {
    explicit Peer(TestServer& server, std::size_t number = 0)
        : client(open_client(server)), id(server.await_open(number)) {}
    void expect(const std::vector<std::string>& texts) {
        for (const auto& text : texts)
            EXPECT_EQ(client.read_text(), text);
    }
    RawClient client;
    Id id;
};

TEST(history, who_comes_back_gets_what_it_missed_and_then_what_comes) {
    TestServer server;
    ASSERT_EQ(keep(server, 100), WSECHO_OK);
    for (const char* text : {"one", "two", "three"})
        publish(server, text);
    Peer peer{server};
    const auto missed = subscribe_after(server, peer.id, 1);
    publish(server, "four");
    peer.expect({"two", "three", "four"});
    EXPECT_NE(missed.epoch, 0U);
    EXPECT_EQ(missed.first, 2U);
    EXPECT_EQ(missed.newest, 3U);
    EXPECT_EQ(missed.is_complete, 1);
}

TEST(history, who_missed_nothing_is_told_so) {
    TestServer server;
    keep(server, 100);
    publish(server, "one");
    Peer peer{server};
    const auto missed = subscribe_after(server, peer.id, 1);
    EXPECT_EQ(missed.first, 2U);
    EXPECT_EQ(missed.is_complete, 1);
    publish(server, "two");
    peer.expect({"two"});
}

TEST(history, what_is_not_kept_any_more_is_told_to_be_missing) {
    TestServer server;
    keep(server, 2);
    for (const char* text : {"one", "two", "three"})
        publish(server, text);
    Peer peer{server};
    const auto missed = subscribe_after(server, peer.id, 0);
    peer.expect({"two", "three"});
    EXPECT_EQ(missed.first, 2U);
    EXPECT_EQ(missed.is_complete, 0);
}

TEST(history, frames_are_kept_up_to_their_bytes) {
    TestServer server;
    keep(server, 100, 10);
    for (const char* text : {"abc", "def", "ghi"})  // five bytes each, with the header
        publish(server, text);
    Peer peer{server};
    EXPECT_EQ(subscribe_after(server, peer.id, 0).first, 2U);
    peer.expect({"def", "ghi"});
}

TEST(history, a_number_of_another_epoch_is_not_believed) {
    TestServer server;
    keep(server, 100);
    publish(server, "one");
    publish(server, "two");
    Peer peer{server};
    const auto missed = subscribe_after(server, peer.id, 2, 4711);
    peer.expect({"one", "two"});
    EXPECT_EQ(missed.is_complete, 0);
    Peer other{server, 1};
    EXPECT_EQ(subscribe_after(server, other.id, 1, missed.epoch).is_complete, 1);
    other.expect({"two"});
}

TEST(history, without_one_a_peer_learns_whether_it_missed_something) {
    TestServer server;
    Peer member{server};
    const auto first = subscribe_after(server, member.id, 0);
    EXPECT_EQ(first.newest, 0U);
    EXPECT_EQ(first.is_complete, 1);
    publish(server, "one");
    Peer peer{server, 1};
    const auto missed = subscribe_after(server, peer.id, 0, first.epoch);
    EXPECT_EQ(missed.first, 2U);
    EXPECT_EQ(missed.is_complete, 0);
}

TEST(history, the_same_bounds_again_change_nothing_and_others_forget) {
    TestServer server;
    keep(server, 100);
    publish(server, "one");
    keep(server, 100);
    Peer peer{server};
    EXPECT_EQ(subscribe_after(server, peer.id, 0).is_complete, 1);
    peer.expect({"one"});
    keep(server, 99);
    EXPECT_EQ(publish(server, "two"), 2U);
    Peer other{server, 1};
    EXPECT_EQ(subscribe_after(server, other.id, 0).is_complete, 0);
    other.expect({"two"});
}

TEST(history, a_channel_is_kept_with_it_and_given_up_without) {
    auto options = default_options();
    options.max_channels = 1;
    TestServer server{options};
    EXPECT_EQ(publish(server, "before"), 0U);
    keep(server, 100);
    EXPECT_EQ(publish(server, "one"), 1U);
    Peer peer{server};
    EXPECT_EQ(wsecho_subscribe(server.get(), peer.id, "another"), WSECHO_ERR_LIMIT);
    EXPECT_EQ(wsecho_channel_set_history(server.get(), news, nullptr), WSECHO_OK);
    EXPECT_EQ(publish(server, "after"), 0U);
    EXPECT_EQ(wsecho_subscribe(server.get(), peer.id, "another"), WSECHO_OK);
    EXPECT_EQ(keep(server, 100), WSECHO_ERR_LIMIT);
    EXPECT_EQ(wsecho_channel_set_history(server.get(), news, nullptr), WSECHO_OK);
}

TEST(history, messages_can_carry_their_numbers) {
    TestServer server;
    Peer peer{server};
    EXPECT_EQ(wsecho_subscribe(server.get(), peer.id, news), WSECHO_OK);
    const std::string text = "[--------------------]";
    std::uint64_t number = 0;
    EXPECT_EQ(wsecho_publish_numbered(server.get(), news, WSECHO_TEXT, text.data(), text.size(), 1,
                                      0, &number),
              WSECHO_OK);
    EXPECT_EQ(number, 1U);
    peer.expect({"[                   1]"});
    EXPECT_EQ(text, "[--------------------]");
    const std::string binary = "....++++++++";
    EXPECT_EQ(wsecho_publish_numbered(server.get(), news, WSECHO_BINARY, binary.data(),
                                      binary.size(), 4, 0, nullptr),
              WSECHO_OK);
    EXPECT_EQ(peer.client.read_frame().payload, std::string("....\0\0\0\0\0\0\0\2", 12));
}

// The loop has letters of the channel unread, which are kept as well.
TEST(history, what_is_under_way_and_kept_comes_once) {
    Gate gate;
    Callbacks callbacks;
    callbacks.on_message = [&](TestServer& self, const Message& message) {
        gate.pass();
        EXPECT_EQ(subscribe_after(self, message.id, 0).is_complete, 1);
        publish(self, "three");
    };
    TestServer server{default_options(), callbacks};
    keep(server, 100);
    Peer peer{server};
    Peer member{server, 1};
    EXPECT_EQ(wsecho_subscribe(server.get(), member.id, news), WSECHO_OK);
    peer.client.send_text("wait");
    gate.await();
    publish(server, "one");
    publish(server, "two");
    gate.open();
    for (Peer* each : {&peer, &member})
        each->expect({"one", "two", "three"});
}

TEST(history, nothing_is_lost_or_doubled_between_what_was_missed_and_what_comes) {
    auto options = default_options();
    options.threads = 2;
    TestServer server{options};
    keep(server, 100'000, 1U << 24U);
    constexpr std::uint64_t last = 3000;
    std::atomic<std::uint64_t> published{0};
    std::thread publisher{[&] {
        const std::string text(20, '-');
        while (published < last) {
            std::uint64_t number = 0;
            wsecho_publish_numbered(server.get(), news, WSECHO_TEXT, text.data(), text.size(), 0, 0,
                                    &number);
            published = number;
        }
    }};
    std::vector<Peer> peers;
    for (std::size_t i = 0; i < 20; ++i) {
        peers.emplace_back(server, i);
        EXPECT_EQ(subscribe_after(server, peers.back().id, 0).is_complete, 1);
    }
    publisher.join();
    for (Peer& peer : peers)
        for (std::uint64_t number = 1; number <= last; ++number)
            ASSERT_EQ(std::stoull(peer.client.read_text()), number);
}

TEST(history, what_is_wrong_is_refused_with_words) {
    TestServer server;
    Peer peer{server};
    wsecho_server* const it = server.get();
    const auto refused = [&](auto&& change) {
        wsecho_history history = WSECHO_HISTORY_INIT;
        change(history);
        return wsecho_channel_set_history(it, news, &history);
    };
    EXPECT_EQ(refused([](auto& history) { history.max_messages = 0; }), WSECHO_ERR_INVALID_OPTION);
    EXPECT_STREQ(wsecho_error_detail(), "max_messages: must be 1 to 1000000");
    EXPECT_EQ(refused([](auto& history) { history.max_messages = 1'000'001; }),
              WSECHO_ERR_INVALID_OPTION);
    EXPECT_EQ(refused([](auto& history) { history.max_bytes = 0; }), WSECHO_ERR_INVALID_OPTION);
    EXPECT_EQ(refused([](auto& history) { history.max_bytes = (1ULL << 32U) + 1; }),
              WSECHO_ERR_INVALID_OPTION);
    EXPECT_EQ(refused([](auto& history) { history.max_age_ms = 0; }), WSECHO_ERR_INVALID_OPTION);
    EXPECT_EQ(refused([](auto& history) { history.max_age_ms = 4'294'967'295; }),
              WSECHO_ERR_INVALID_OPTION);
    EXPECT_EQ(refused([](auto& history) { history.version = 2; }), WSECHO_ERR_VERSION);
    EXPECT_EQ(refused([](auto& history) { history.size = 8; }), WSECHO_ERR_VERSION);
    EXPECT_EQ(wsecho_channel_set_history(nullptr, news, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_channel_set_history(it, nullptr, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_channel_set_history(it, "", nullptr), WSECHO_ERR_INVALID_ARGUMENT);

    EXPECT_EQ(wsecho_subscribe_after(nullptr, peer.id, news, 0, 0, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_subscribe_after(it, peer.id, nullptr, 0, 0, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_subscribe_after(it, peer.id, "", 0, 0, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_subscribe_after(it, 0, news, 0, 0, nullptr), WSECHO_ERR_GONE);
    wsecho_missed missed{2, sizeof missed, 0, 0, 0, 0};
    EXPECT_EQ(wsecho_subscribe_after(it, peer.id, news, 0, 0, &missed), WSECHO_ERR_VERSION);
    EXPECT_EQ(wsecho_subscribe_after(it, peer.id, news, 0, 0, nullptr), WSECHO_OK);
    EXPECT_EQ(wsecho_subscribe_after(it, peer.id, news, 0, 0, nullptr), WSECHO_ERR_WRONG_STATE);
    EXPECT_STREQ(wsecho_error_detail(), "the connection is in this channel");

    const std::string text(20, '-');
    const auto numbered = [&](int type, std::size_t length, std::size_t at) {
        return wsecho_publish_numbered(it, news, type, text.data(), length, at, 0, nullptr);
    };
    EXPECT_EQ(numbered(WSECHO_TEXT, 20, 1), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(numbered(WSECHO_TEXT, 19, 0), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(numbered(WSECHO_BINARY, 20, 13), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(numbered(WSECHO_BINARY, 20, 12), WSECHO_OK);
    EXPECT_EQ(numbered(WSECHO_BINARY, 20, SIZE_MAX), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(numbered(3, 20, 0), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_publish_numbered(nullptr, news, WSECHO_TEXT, text.data(), 20, 0, 0, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    peer.client.hang_up();
    server.stop();
    EXPECT_EQ(numbered(WSECHO_TEXT, 20, 0), WSECHO_ERR_WRONG_STATE);
}

// Letters with what was missed are as heavy as that.
TEST(history, what_was_missed_does_not_wait_for_a_loop_without_bound) {
    Gate gate;
    Callbacks callbacks;
    callbacks.on_message = [&](TestServer&, const Message&) { gate.pass(); };
    TestServer server{default_options(), callbacks};
    keep(server, 100, 1U << 24U);
    const std::string megabyte(1U << 20U, 'x');
    for (int i = 0; i < 3; ++i)
        publish(server, megabyte);
    Peer peer{server};
    peer.client.send_text("wait");
    gate.await();
    int result = WSECHO_OK;
    for (int i = 0; i < 30 && result == WSECHO_OK; ++i) {
        result = wsecho_subscribe_after(server.get(), peer.id, news, 0, 0, nullptr);
        if (result == WSECHO_OK) wsecho_unsubscribe(server.get(), peer.id, news);
    }
    EXPECT_EQ(result, WSECHO_ERR_BACKPRESSURE);
    EXPECT_EQ(wsecho_channel_size(server.get(), news), 0U);
    gate.open();
}

}  // namespace
}  // namespace wsecho::test
