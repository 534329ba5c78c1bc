// What one connection may take of its loop: however much it sends at once, the others of its loop
// are served in between.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>

#include "support/deflate_peer.h"
#include "support/frames.h"
#include "support/raw_client.h"
#include "support/raw_server.h"
#include "support/test_dialer.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

constexpr int flood_size = 5000;
// What a turn, and the further turns of a pass, may come to: far more than they do, far less than
// the flood.
constexpr int served_before = 1000;

std::string flood_of(const std::string& frame) {
    std::string frames;
    for (int i = 0; i < flood_size; ++i)
        frames += frame;
    return frames;
}

// An application that takes its time for each message.
void work_for_a_while() {
    const auto end = std::chrono::steady_clock::now() + std::chrono::microseconds{20};
    while (std::chrono::steady_clock::now() < end) {
    }
}

// Counts the messages of a flood; at the first of them another peer sends one, which has to come
// before the flood is through.
class Flood {
  public:
    void meet(RawClient& innocent) { innocent_ = &innocent; }

    void count() {
        if (flood_.fetch_add(1) == 0) innocent_->send_text("innocent");
        work_for_a_while();
    }
    void innocent_came() { before_innocent_ = flood_.load(); }
    [[nodiscard]] int before_innocent() const { return before_innocent_; }

  private:
    RawClient* innocent_ = nullptr;
    std::atomic<int> flood_{0};
    std::atomic<int> before_innocent_{0};
};

TEST(fairness, a_flood_of_messages_lets_others_be_served_in_between) {
    Flood flood;
    TestServer server{default_options(), {.on_message = [&](TestServer&, const Message& message) {
                          message.payload == "innocent" ? flood.innocent_came() : flood.count();
                      }}};
    auto flooder = open_client(server);
    auto innocent = open_client(server);
    flood.meet(innocent);
    flooder.send(flood_of(frame(text, "x")));
    server.await_message(flood_size);
    EXPECT_GT(flood.before_innocent(), 0);
    EXPECT_LT(flood.before_innocent(), served_before);
}

TEST(fairness, a_flood_of_a_dialed_endpoint_lets_others_be_served_in_between) {
    Flood flood;
    TestServer host{default_options(),
                    {.on_message = [&](TestServer&, const Message&) { flood.innocent_came(); }}};
    RawServer endpoint;
    TestDialer dialer{host,
                      endpoint.url(),
                      dialer_options(),
                      {.on_message = [&](TestDialer&, const Message&) { flood.count(); }}};
    auto innocent = open_client(host);
    flood.meet(innocent);
    auto peer = endpoint.accept();
    peer.shake_hands();
    peer.send(flood_of(frame(text, "x", {.masked = false})));
    dialer.await_message(flood_size - 1);
    host.await_message();
    EXPECT_GT(flood.before_innocent(), 0);
    EXPECT_LT(flood.before_innocent(), served_before);
}

// Each message inflates to a thousand times its size.
TEST(fairness, a_row_of_bombs_lets_others_be_served_in_between) {
    auto options = default_options();
    options.deflate = 1;
    Flood flood;
    TestServer server{options, {.on_message = [&](TestServer&, const Message& message) {
                          message.payload == "innocent" ? flood.innocent_came() : flood.count();
                      }}};
    auto innocent = open_client(server);
    flood.meet(innocent);
    DeflatePeer bomber{server};
    constexpr int bombs = 50;
    const std::string bomb =
        compressed_frame(binary, deflated(std::string(options.max_message_bytes, '\0')));
    std::string row;
    for (int i = 0; i < bombs; ++i)
        row += bomb;
    bomber.client.send(row);
    server.await_message(bombs);
    EXPECT_GT(flood.before_innocent(), 0);
    EXPECT_LT(flood.before_innocent(), bombs / 2);
}

TEST(fairness, a_flood_cut_anywhere_comes_whole_and_in_its_order) {
    TestServer server;
    auto client = open_client(server);
    std::string frames;
    for (int i = 0; i < flood_size; ++i)
        frames += frame(text, std::to_string(i));
    client.send(frames);
    client.send(close_frame(1000));
    EXPECT_EQ(client.take_close().close_code(), 1000U);
    const auto record = server.record();
    ASSERT_EQ(record.messages.size(), std::size_t{flood_size});
    for (int i = 0; i < flood_size; ++i)
        EXPECT_EQ(record.messages[static_cast<std::size_t>(i)].payload, std::to_string(i));
}

}  // namespace
}  // namespace wsecho::test
