// What connections share is nobody's to see: however one of them fails, each of the others gets
// exactly its own.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "support/deflate_peer.h"
#include "support/frames.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

constexpr std::size_t max_message = 50'000;

// A peer whose messages nobody else sends.
class Marked {
  public:
    Marked(const TestServer& server, std::size_t number, bool compresses)
        : peer(server, compresses ? deflate_offer : ""),
          mark_("<" + std::to_string(number) + ">") {}

    std::string text_of(std::size_t size) {
        std::string text;
        while (text.size() < size)
            text += mark_ + std::to_string(sent_) + " ";
        ++sent_;
        return text;
    }

    DeflatePeer peer;
    std::string begun;  // of a message that was sent in part

  private:
    std::string mark_;
    std::size_t sent_ = 0;
};

class Crowd {
  public:
    Crowd(const TestServer& server, std::size_t size, std::uint64_t seed)
        : server_(server), random_(seed) {
        for (std::size_t i = 0; i < size; ++i)
            peers_.push_back(newcomer());
    }

    void step() {
        auto& one = peers_[pick(peers_.size())];
        if (!one->begun.empty()) return end_message(*one);
        if (pick(4) == 0) {
            fail(*one);
            one = newcomer();
        } else if (pick(2) == 0) {
            begin_message(*one);
        } else {
            echo_whole(*one);
        }
    }

    void end_all_messages() {
        for (auto& one : peers_)
            if (!one->begun.empty()) end_message(*one);
    }

  private:
    std::size_t pick(std::size_t bound) { return random_() % bound; }

    std::unique_ptr<Marked> newcomer() {
        const bool compresses = pick(4) != 0;
        return std::make_unique<Marked>(server_, made_++, compresses);
    }

    static std::string encoded(const Marked& one, const std::string& payload) {
        return one.peer.extensions.empty() ? payload : deflated(payload);
    }
    static Shape shape(const Marked& one, bool fin) {
        return {.fin = fin, .reserved_bits = one.peer.extensions.empty() ? 0U : 4U};
    }

    void echo_whole(Marked& one) {
        const std::string payload = one.text_of(pick(3000));
        one.peer.client.send(frame(text, encoded(one, payload), shape(one, true)));
        ASSERT_EQ(one.peer.read(), payload);
    }

    void begin_message(Marked& one) {
        one.begun = one.text_of(10 + pick(5000));
        const std::string bytes = encoded(one, one.begun);
        one.peer.client.send(frame(text, bytes.substr(0, bytes.size() / 2), shape(one, false)));
    }

    void end_message(Marked& one) {
        const std::string bytes = encoded(one, one.begun);
        one.peer.client.send(last_fragment(bytes.substr(bytes.size() / 2)));
        ASSERT_EQ(one.peer.read(), one.begun);
        one.begun.clear();
    }

    // In each of the ways in which a message can end badly.
    void fail(Marked& one) {
        auto& client = one.peer.client;
        const std::string payload = one.text_of(2000);
        const auto send = [&](const std::string& bytes, bool fin) {
            client.send(frame(text, bytes, shape(one, fin)));
        };
        switch (pick(5)) {
            case 0:  // text that is not UTF-8, in a message that has not ended
                send(encoded(one, payload + "\xFF"), false);
                return expect_close(client, 1007);
            case 1:
                send(encoded(one, std::string(max_message + 1, 'x')), true);
                return expect_close(client, 1009);
            case 2:  // compressed data that is none, or a control frame that is none
                one.peer.extensions.empty() ? client.send(frame(11, payload))
                                            : send(deflated(payload) + "\xFF\xFF", true);
                return expect_close(client, one.peer.extensions.empty() ? 1002 : 1007);
            case 3:
                send(encoded(one, payload).substr(0, 20), false);
                return client.reset();
            default:  // it leaves before it has read its answer
                send(encoded(one, payload), true);
                return client.hang_up();
        }
    }

    static void expect_close(RawClient& client, unsigned code) {
        const Frame frame = client.read_frame();
        ASSERT_EQ(frame.opcode, unsigned{close});
        EXPECT_EQ(frame.close_code(), code);
    }

    const TestServer& server_;
    std::mt19937_64 random_;
    std::vector<std::unique_ptr<Marked>> peers_;
    std::size_t made_ = 0;
};

class isolation : public testing::TestWithParam<bool> {};

TEST_P(isolation, of_a_thousand_connections_each_gets_exactly_its_own) {
    auto options = default_options();
    options.deflate = 1;
    options.deflate_threshold_bytes = 100;
    options.deflate_context_takeover = GetParam() ? 1 : 0;
    options.max_message_bytes = max_message;
    options.heartbeat_interval_ms = 0;
    options.threads = 2;
    TestServer server{options, {.on_message = echo}};
    Crowd crowd{server, 1000, 17};
    for (int step = 0; step < 3000 && !HasFatalFailure(); ++step)
        crowd.step();
    crowd.end_all_messages();
}

INSTANTIATE_TEST_SUITE_P(context, isolation, testing::Bool(), [](const auto& kept) {
    return kept.param ? "taken_over" : "of_each_message";
});

}  // namespace
}  // namespace wsecho::test
