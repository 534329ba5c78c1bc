// Messages that are encoded once: the same on the wire, from whatever thread, and in their place.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

struct Release {
    void operator()(wsecho_message* message) const { wsecho_message_release(message); }
};
using Prepared = std::unique_ptr<wsecho_message, Release>;

Prepared prepared(std::string_view payload, int type = WSECHO_TEXT) {
    wsecho_message* message = nullptr;
    EXPECT_EQ(wsecho_message_prepare(&message, type, payload.data(), payload.size()), WSECHO_OK);
    return Prepared{message};
}

int send(const TestServer& server, Id id, const Prepared& message) {
    return wsecho_connection_send_prepared(server.get(), id, message.get());
}

TEST(prepared, one_message_serves_sends_broadcasts_and_channels) {
    TestServer server;
    auto one = open_client(server);
    const Id id = server.await_open();
    auto other = open_client(server);
    wsecho_subscribe(server.get(), server.await_open(1), "news");
    {
        const auto message = prepared("the same");
        EXPECT_EQ(send(server, id, message), WSECHO_OK);
        EXPECT_EQ(wsecho_broadcast_prepared(server.get(), message.get(), 0), WSECHO_OK);
        std::uint64_t number = 0;
        EXPECT_EQ(wsecho_publish_prepared(server.get(), "news", message.get(), 0, &number),
                  WSECHO_OK);
        EXPECT_EQ(number, 1U);
    }  // released, whatever still waits
    for (auto* client : {&one, &other})
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ(client->read_text(), "the same");
    server.stop();
    EXPECT_EQ(server.statistics().messages_sent, 4U);
}

TEST(prepared, every_size_and_type_arrives_whole) {
    TestServer server;
    auto client = open_client(server);
    const Id id = server.await_open();
    for (const std::size_t size : {0UL, 125UL, 126UL, 5'000UL, 65'536UL, 1'000'000UL}) {
        const std::string payload(size, 'p');
        EXPECT_EQ(send(server, id, prepared(payload, WSECHO_BINARY)), WSECHO_OK);
        const auto frame = client.read_frame();
        EXPECT_EQ(frame.opcode, unsigned{binary});
        EXPECT_EQ(frame.payload, payload);
    }
}

TEST(prepared, in_a_callback_they_keep_their_place_among_other_sends) {
    const auto small = prepared("small");
    const auto large = prepared(std::string(100'000, 'l'));
    Callbacks callbacks;
    callbacks.on_message = [&](TestServer& self, const Message& message) {
        self.send_text(message.id, "1");
        EXPECT_EQ(send(self, message.id, small), WSECHO_OK);
        self.send_text(message.id, "2");
        EXPECT_EQ(send(self, message.id, large), WSECHO_OK);
        self.broadcast_text("3");
        EXPECT_EQ(send(self, message.id, small), WSECHO_OK);
    };
    TestServer server{default_options(), callbacks};
    auto client = open_client(server);
    client.send_text("go");
    for (const std::string& text :
         {std::string{"1"}, std::string{"small"}, std::string{"2"}, std::string(100'000, 'l'),
          std::string{"3"}, std::string{"small"}})
        ASSERT_EQ(client.read_text(), text);
}

TEST(prepared, a_queue_without_room_refuses_them_as_others) {
    auto options = default_options();
    options.max_queued_bytes = 50'000'000;
    TestServer server{options};
    auto client = open_client(server);
    const Id id = server.await_open();
    const auto message = prepared(std::string(10'000'000, 'x'));
    int result = WSECHO_OK;
    int sent = 0;
    while ((result = send(server, id, message)) == WSECHO_OK)
        ASSERT_LT(++sent, 100);
    EXPECT_EQ(result, WSECHO_ERR_BACKPRESSURE);
    EXPECT_LE(server.queued_bytes(id), 50'000'000U);
    for (int i = 0; i < sent; ++i)
        ASSERT_EQ(client.read_text().size(), 10'000'000U);
    const auto too_big = prepared(std::string(50'000'001, 'x'));
    EXPECT_EQ(send(server, id, too_big), WSECHO_ERR_TOO_BIG);
    EXPECT_EQ(wsecho_broadcast_prepared(server.get(), too_big.get(), 0), WSECHO_ERR_TOO_BIG);
    EXPECT_EQ(wsecho_publish_prepared(server.get(), "news", too_big.get(), 0, nullptr),
              WSECHO_ERR_TOO_BIG);
}

TEST(prepared, what_is_wrong_is_refused) {
    TestServer server;
    wsecho_server* const it = server.get();
    const auto right = prepared("x");
    wsecho_message* out = right.get();
    EXPECT_EQ(wsecho_message_prepare(nullptr, WSECHO_TEXT, "x", 1), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_message_prepare(&out, 0, "x", 1), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(out, nullptr);
    EXPECT_EQ(wsecho_message_prepare(&out, WSECHO_TEXT, nullptr, 1), WSECHO_ERR_INVALID_ARGUMENT);
    wsecho_message_release(nullptr);
    EXPECT_EQ(wsecho_connection_send_prepared(nullptr, 1, right.get()),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_send_prepared(it, 1, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_connection_send_prepared(it, 0, right.get()), WSECHO_ERR_GONE);
    EXPECT_EQ(wsecho_broadcast_prepared(nullptr, right.get(), 0), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_broadcast_prepared(it, nullptr, 0), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_publish_prepared(nullptr, "a", right.get(), 0, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_publish_prepared(it, nullptr, right.get(), 0, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_publish_prepared(it, "a", nullptr, 0, nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    server.stop();
    EXPECT_EQ(wsecho_broadcast_prepared(it, right.get(), 0), WSECHO_ERR_WRONG_STATE);
    EXPECT_EQ(wsecho_publish_prepared(it, "a", right.get(), 0, nullptr), WSECHO_ERR_WRONG_STATE);
}

}  // namespace
}  // namespace wsecho::test
