// Channels: who is in one gets what is published to it, on whatever loop and from whatever thread.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/gate.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

int subscribe(const TestServer& server, Id id, const char* channel) {
    return wsecho_subscribe(server.get(), id, channel);
}

int unsubscribe(const TestServer& server, Id id, const char* channel) {
    return wsecho_unsubscribe(server.get(), id, channel);
}

// The number that the message got.
std::uint64_t publish(const TestServer& server, const char* channel, std::string_view text,
                      Id except = 0) {
    std::uint64_t number = 0;
    EXPECT_EQ(wsecho_publish(server.get(), channel, WSECHO_TEXT, text.data(), text.size(), except,
                             &number),
              WSECHO_OK);
    return number;
}

std::string channels_of(const TestServer& server, Id id) {
    return server.ask(wsecho_connection_channels, id);
}

// A client and its id.
struct Peer {
    explicit Peer(TestServer& server, std::size_t number = 0)
        : client(open_client(server)), id(server.await_open(number)) {}
    RawClient client;
    Id id;
};

TEST(channels, members_get_what_is_published_and_nobody_else) {
    TestServer server;
    Peer member{server};
    Peer other{server, 1};
    EXPECT_EQ(subscribe(server, member.id, "news"), WSECHO_OK);
    EXPECT_EQ(subscribe(server, other.id, "else"), WSECHO_OK);
    publish(server, "news", "for members");
    publish(server, "else", "for others");
    EXPECT_EQ(member.client.read_text(), "for members");
    EXPECT_EQ(other.client.read_text(), "for others");
}

TEST(channels, one_may_be_left_out) {
    TestServer server;
    Peer one{server};
    Peer other{server, 1};
    for (const Id id : {one.id, other.id})
        EXPECT_EQ(subscribe(server, id, "news"), WSECHO_OK);
    publish(server, "news", "not for one", one.id);
    publish(server, "news", "for both");
    EXPECT_EQ(one.client.read_text(), "for both");
    EXPECT_EQ(other.client.read_text(), "not for one");
}

TEST(channels, who_has_left_gets_nothing_more) {
    TestServer server;
    Peer peer{server};
    EXPECT_EQ(subscribe(server, peer.id, "news"), WSECHO_OK);
    publish(server, "news", "before");
    EXPECT_EQ(unsubscribe(server, peer.id, "news"), WSECHO_OK);
    publish(server, "news", "after");
    server.send_text(peer.id, "the end");
    EXPECT_EQ(peer.client.read_text(), "before");
    EXPECT_EQ(peer.client.read_text(), "the end");
    EXPECT_EQ(unsubscribe(server, peer.id, "news"), WSECHO_ERR_NOT_FOUND);
}

TEST(channels, a_member_is_one_once) {
    TestServer server;
    Peer peer{server};
    EXPECT_EQ(subscribe(server, peer.id, "news"), WSECHO_OK);
    EXPECT_EQ(subscribe(server, peer.id, "news"), WSECHO_OK);
    EXPECT_EQ(wsecho_channel_size(server.get(), "news"), 1U);
    publish(server, "news", "once");
    publish(server, "news", "twice");
    EXPECT_EQ(peer.client.read_text(), "once");
    EXPECT_EQ(peer.client.read_text(), "twice");
}

TEST(channels, they_can_be_asked_about) {
    TestServer server;
    Peer one{server};
    Peer other{server, 1};
    subscribe(server, one.id, "b");
    subscribe(server, one.id, "a");
    subscribe(server, other.id, "a");
    EXPECT_EQ(channels_of(server, one.id), "a\nb\n");
    EXPECT_EQ(wsecho_channel_size(server.get(), "a"), 2U);
    unsubscribe(server, one.id, "a");
    EXPECT_EQ(channels_of(server, one.id), "b\n");
    EXPECT_EQ(wsecho_channel_size(server.get(), "a"), 1U);
    EXPECT_EQ(wsecho_channel_size(server.get(), "nowhere"), 0U);
}

TEST(channels, messages_are_numbered_while_there_are_members) {
    TestServer server;
    Peer peer{server};
    EXPECT_EQ(publish(server, "news", "nobody there"), 0U);
    subscribe(server, peer.id, "news");
    EXPECT_EQ(publish(server, "news", "a"), 1U);
    EXPECT_EQ(publish(server, "news", "b"), 2U);
    unsubscribe(server, peer.id, "news");
    EXPECT_EQ(publish(server, "news", "c"), 0U);
    subscribe(server, peer.id, "news");
    EXPECT_NE(publish(server, "news", "d"), 0U);
}

TEST(channels, a_connection_that_ends_leaves_them_all_behind_its_close_callback) {
    std::string at_close;
    Callbacks callbacks;
    callbacks.on_close = [&](TestServer& self, const Close& close) {
        at_close = channels_of(self, close.id);
        EXPECT_EQ(subscribe(self, close.id, "late"), WSECHO_ERR_GONE);
    };
    TestServer server{default_options(), callbacks};
    Peer peer{server};
    subscribe(server, peer.id, "news");
    subscribe(server, peer.id, "weather");
    peer.client.reset();
    eventually("the channels to be empty", [&] {
        return wsecho_channel_size(server.get(), "news") +
                   wsecho_channel_size(server.get(), "weather") ==
               0;
    });
    server.stop();
    EXPECT_EQ(at_close, "news\nweather\n");
    EXPECT_EQ(subscribe(server, peer.id, "news"), WSECHO_ERR_GONE);
}

TEST(channels, they_span_all_loops_and_keep_a_publishers_order_across_them) {
    auto options = default_options();
    options.threads = 3;
    TestServer server{options};
    std::vector<Peer> peers;
    for (std::size_t i = 0; i < 12; ++i)
        peers.emplace_back(server, i);
    for (const auto& peer : peers)
        for (const char* channel : {"a", "b"})
            EXPECT_EQ(subscribe(server, peer.id, channel), WSECHO_OK);
    EXPECT_EQ(wsecho_channel_size(server.get(), "a"), 12U);
    for (int i = 0; i < 100; ++i)
        publish(server, i % 3 == 0 ? "a" : "b", std::to_string(i));
    for (auto& peer : peers)
        for (int i = 0; i < 100; ++i)
            ASSERT_EQ(peer.client.read_text(), std::to_string(i));
}

TEST(channels, what_is_published_in_a_callback_keeps_its_place_among_sends_and_broadcasts) {
    Callbacks callbacks;
    callbacks.on_open = [](TestServer& self, Id id) { subscribe(self, id, "news"); };
    callbacks.on_message = [](TestServer& self, const Message& message) {
        self.send_text(message.id, "1");
        self.broadcast_text("2");
        publish(self, "news", "3");
        self.send_text(message.id, "4");
        publish(self, "news", "5");
        self.broadcast_text("6");
        self.send_text(message.id, "7");
    };
    TestServer server{default_options(), callbacks};
    auto client = open_client(server);
    client.send_text("go");
    for (int i = 1; i <= 7; ++i)
        EXPECT_EQ(client.read_text(), std::to_string(i));
}

// The peer's loop is kept in a callback while the test publishes; then the callback goes on.
struct KeptLoop {
    explicit KeptLoop(std::function<void(TestServer&, Id)> then,
                      const wsecho_server_options& options = default_options())
        : server(options, callbacks(std::move(then))), peer(server) {}
    void keep() {
        peer.client.send_text("wait");
        gate.await();
    }
    Callbacks callbacks(std::function<void(TestServer&, Id)> then) {
        Callbacks made;
        made.on_message = [this, then = std::move(then)](TestServer& self, const Message& message) {
            gate.pass();
            then(self, message.id);
        };
        return made;
    }
    Gate gate;
    TestServer server;
    Peer peer;
};

TEST(channels, who_joins_does_not_get_what_was_published_before_and_is_under_way) {
    KeptLoop kept{[](TestServer& self, Id id) {
        EXPECT_EQ(subscribe(self, id, "news"), WSECHO_OK);
        publish(self, "news", "third");
    }};
    Peer other{kept.server, 1};
    subscribe(kept.server, other.id, "news");
    kept.keep();
    publish(kept.server, "news", "first");
    publish(kept.server, "news", "second");
    kept.gate.open();
    EXPECT_EQ(kept.peer.client.read_text(), "third");
    for (const char* text : {"first", "second", "third"})
        EXPECT_EQ(other.client.read_text(), text);
}

TEST(channels, who_leaves_still_gets_what_was_published_before_and_is_under_way) {
    KeptLoop kept{[](TestServer& self, Id id) {
        EXPECT_EQ(unsubscribe(self, id, "news"), WSECHO_OK);
        EXPECT_EQ(channels_of(self, id), "");
        publish(self, "news", "after");
        EXPECT_EQ(subscribe(self, id, "news"), WSECHO_OK);
        publish(self, "news", "joined again");
    }};
    subscribe(kept.server, kept.peer.id, "news");
    kept.keep();
    publish(kept.server, "news", "before");
    kept.gate.open();
    EXPECT_EQ(kept.peer.client.read_text(), "before");
    EXPECT_EQ(kept.peer.client.read_text(), "joined again");
}

TEST(channels, what_a_callback_publishes_comes_in_its_order_though_one_channel_is_behind) {
    KeptLoop kept{[](TestServer& self, Id) {
        publish(self, "a", "second");
        publish(self, "b", "third");
        publish(self, "a", "fourth");
    }};
    for (const char* channel : {"a", "b"})
        subscribe(kept.server, kept.peer.id, channel);
    kept.keep();
    publish(kept.server, "a", "first");
    kept.gate.open();
    for (const char* text : {"first", "second", "third", "fourth"})
        EXPECT_EQ(kept.peer.client.read_text(), text);
}

TEST(channels, who_leaves_in_a_callback_still_gets_what_was_published_in_it_before) {
    Callbacks callbacks;
    callbacks.on_message = [](TestServer& self, const Message& message) {
        publish(self, "news", "before");
        EXPECT_EQ(unsubscribe(self, message.id, "news"), WSECHO_OK);
        publish(self, "news", "after");
        EXPECT_EQ(subscribe(self, message.id, "news"), WSECHO_OK);
        publish(self, "news", "again");
    };
    callbacks.on_open = [](TestServer& self, Id id) { subscribe(self, id, "news"); };
    TestServer server{default_options(), callbacks};
    Peer leaver{server};
    Peer stayer{server, 1};
    leaver.client.send_text("go");
    for (const char* text : {"before", "again"})
        EXPECT_EQ(leaver.client.read_text(), text);
    for (const char* text : {"before", "after", "again"})
        EXPECT_EQ(stayer.client.read_text(), text);
}

TEST(channels, one_is_left_out_of_a_batch_that_all_others_get_whole) {
    Callbacks callbacks;
    callbacks.on_open = [](TestServer& self, Id id) { subscribe(self, id, "news"); };
    callbacks.on_message = [](TestServer& self, const Message& message) {
        publish(self, "news", "one");
        publish(self, "news", "two", message.id);
        publish(self, "news", "three");
    };
    TestServer server{default_options(), callbacks};
    Peer one{server};
    Peer other{server, 1};
    one.client.send_text("go");
    for (const char* text : {"one", "three"})
        EXPECT_EQ(one.client.read_text(), text);
    for (const char* text : {"one", "two", "three"})
        EXPECT_EQ(other.client.read_text(), text);
}

TEST(channels, who_ends_while_letters_are_under_way_is_forgotten_by_all) {
    KeptLoop kept{[](TestServer&, Id) {}};
    kept.keep();
    subscribe(kept.server, kept.peer.id, "a");
    subscribe(kept.server, kept.peer.id, "b");
    publish(kept.server, "a", "never read");
    unsubscribe(kept.server, kept.peer.id, "a");
    kept.peer.client.reset();
    kept.gate.open();
    kept.server.await_close();
    Peer next{kept.server, 1};
    subscribe(kept.server, next.id, "b");
    publish(kept.server, "b", "for the next");
    EXPECT_EQ(next.client.read_text(), "for the next");
    EXPECT_EQ(wsecho_channel_size(kept.server.get(), "a"), 0U);
    EXPECT_EQ(wsecho_channel_size(kept.server.get(), "b"), 1U);
}

TEST(channels, a_member_without_room_is_left_out_and_counted) {
    auto options = default_options();
    options.max_queued_bytes = 256;
    TestServer server{options};
    Peer peer{server};
    subscribe(server, peer.id, "news");
    const std::string too_long(300, 'x');
    EXPECT_EQ(wsecho_publish(server.get(), "news", WSECHO_TEXT, too_long.data(), too_long.size(), 0,
                             nullptr),
              WSECHO_ERR_TOO_BIG);
    publish(server, "news", "fits");
    EXPECT_EQ(peer.client.read_text(), "fits");
}

TEST(channels, there_is_a_bound_on_them_and_on_those_of_a_connection) {
    auto options = default_options();
    options.max_channels = 3;
    options.max_subscriptions = 2;
    TestServer server{options};
    Peer one{server};
    Peer other{server, 1};
    EXPECT_EQ(subscribe(server, one.id, "a"), WSECHO_OK);
    EXPECT_EQ(subscribe(server, one.id, "b"), WSECHO_OK);
    EXPECT_EQ(subscribe(server, one.id, "c"), WSECHO_ERR_LIMIT);
    EXPECT_EQ(subscribe(server, other.id, "c"), WSECHO_OK);
    EXPECT_EQ(subscribe(server, other.id, "d"), WSECHO_ERR_LIMIT);
    EXPECT_EQ(subscribe(server, other.id, "a"), WSECHO_OK);
    EXPECT_EQ(unsubscribe(server, other.id, "c"), WSECHO_OK);
    // It has left for good when its loop has read so.
    eventually("there to be room", [&] { return subscribe(server, other.id, "d") == WSECHO_OK; });
}

TEST(channels, one_that_was_left_does_not_count_though_its_loop_has_not_heard_of_it) {
    auto options = default_options();
    options.max_subscriptions = 1;
    KeptLoop kept{[](TestServer&, Id) {}, options};
    kept.keep();
    for (const char* channel : {"a", "b", "c"}) {
        EXPECT_EQ(subscribe(kept.server, kept.peer.id, channel), WSECHO_OK);
        EXPECT_EQ(subscribe(kept.server, kept.peer.id, "one too many"), WSECHO_ERR_LIMIT);
        EXPECT_EQ(unsubscribe(kept.server, kept.peer.id, channel), WSECHO_OK);
    }
    int result = WSECHO_OK;
    for (int i = 0; i < 2000 && result == WSECHO_OK; ++i) {
        result = subscribe(kept.server, kept.peer.id, "a");
        if (result == WSECHO_OK) unsubscribe(kept.server, kept.peer.id, "a");
    }
    EXPECT_EQ(result, WSECHO_ERR_LIMIT);
    kept.gate.open();
    eventually("there to be room",
               [&] { return subscribe(kept.server, kept.peer.id, "a") == WSECHO_OK; });
}

TEST(channels, empty_messages_do_not_wait_for_a_loop_without_bound) {
    KeptLoop kept{[](TestServer&, Id) {}};
    subscribe(kept.server, kept.peer.id, "news");
    kept.keep();
    int result = WSECHO_OK;
    for (int i = 0; i < 1'000'000 && result == WSECHO_OK; ++i)
        result = wsecho_publish(kept.server.get(), "news", WSECHO_BINARY, nullptr, 0, 0, nullptr);
    EXPECT_EQ(result, WSECHO_ERR_BACKPRESSURE);
    result = WSECHO_OK;
    for (int i = 0; i < 1'000'000 && result == WSECHO_OK; ++i)
        result = kept.server.send_text(kept.peer.id, "");
    EXPECT_EQ(result, WSECHO_ERR_BACKPRESSURE);
    kept.gate.open();
}

TEST(channels, what_is_wrong_is_refused_with_words) {
    TestServer server;
    Peer peer{server};
    wsecho_server* const it = server.get();
    const std::string long_name(256, 'n');
    for (const char* name : {"", "a\nb", "\x7F", long_name.c_str()}) {
        EXPECT_EQ(wsecho_subscribe(it, peer.id, name), WSECHO_ERR_INVALID_ARGUMENT) << name;
        EXPECT_EQ(std::string{wsecho_error_detail()}.substr(0, 9), "channel: ");
    }
    EXPECT_EQ(wsecho_subscribe(it, peer.id, long_name.substr(1).c_str()), WSECHO_OK);
    EXPECT_EQ(wsecho_subscribe(nullptr, peer.id, "a"), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_subscribe(it, peer.id, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_subscribe(it, 0, "a"), WSECHO_ERR_GONE);
    EXPECT_EQ(wsecho_unsubscribe(nullptr, peer.id, "a"), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_unsubscribe(it, peer.id, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_unsubscribe(it, 0, "a"), WSECHO_ERR_GONE);
    EXPECT_EQ(wsecho_publish(nullptr, "a", WSECHO_TEXT, "x", 1, 0, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_publish(it, nullptr, WSECHO_TEXT, "x", 1, 0, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_publish(it, "a", 3, "x", 1, 0, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_publish(it, "a", WSECHO_TEXT, nullptr, 1, 0, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_channel_size(nullptr, "a"), 0U);
    EXPECT_EQ(wsecho_channel_size(it, nullptr), 0U);
    EXPECT_EQ(wsecho_connection_channels(nullptr, peer.id, nullptr, 0, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_channels(it, peer.id, nullptr, 1, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_channels(it, 0, nullptr, 0, nullptr), WSECHO_ERR_GONE);

    EXPECT_EQ(server.close(peer.id, 1000), WSECHO_OK);
    eventually("the close", [&] { return server.state(peer.id) == WSECHO_STATE_CLOSING; });
    EXPECT_EQ(wsecho_subscribe(it, peer.id, "a"), WSECHO_ERR_CLOSING);
    peer.client.take_close();
    server.stop();
    EXPECT_EQ(wsecho_publish(it, "a", WSECHO_TEXT, "x", 1, 0, nullptr), WSECHO_ERR_WRONG_STATE);
}

}  // namespace
}  // namespace wsecho::test
