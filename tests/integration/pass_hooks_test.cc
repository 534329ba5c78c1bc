// The hooks around the callbacks of a loop that come in a row.
#include <gtest/gtest.h>

#include <array>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/gate.h"
#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {
namespace {

// What came, in its order, by letters: b and e for begin and end, o, m and c for the others.
class Trace {
  public:
    Callbacks callbacks() {
        Callbacks made;
        made.on_open = [this](TestServer&, Id) { add('o'); };
        made.on_message = [this](TestServer&, const Message&) { add('m'); };
        made.on_close = [this](TestServer&, const Close&) { add('c'); };
        made.on_pass_begin = [this](TestServer&, std::uint32_t) { add('b'); };
        made.on_pass_end = [this](TestServer&, std::uint32_t) { add('e'); };
        return made;
    }
    void add(char what) {
        const std::scoped_lock lock{mutex_};
        letters_ += what;
    }
    [[nodiscard]] std::string letters() const {
        const std::scoped_lock lock{mutex_};
        return letters_;
    }

  private:
    mutable std::mutex mutex_;
    std::string letters_;
};

// Of one loop: begin and end in turn, something between them, and nothing outside.
void check_pairs(const std::string& letters) {
    bool is_inside = false;
    char before = 'e';
    for (const char letter : letters) {
        const bool is_right = letter == 'b'   ? !is_inside
                              : letter == 'e' ? is_inside && before != 'b'
                                              : is_inside;
        ASSERT_TRUE(is_right) << letters;
        is_inside = letter != 'e';
        before = letter;
    }
    EXPECT_FALSE(is_inside) << letters;
}

TEST(pass_hooks, all_callbacks_come_between_begin_and_end) {
    Trace trace;
    TestServer server{default_options(), trace.callbacks()};
    {
        auto client = open_client(server);
        for (std::size_t i = 0; i < 20; ++i) {
            client.send_text("hello");
            server.await_message(i);
        }
        auto other = open_client(server);
        server.await_open(1);
    }
    server.await_close(1);
    auto staying = open_client(server);
    server.await_open(2);
    staying.reset();
    server.stop();
    const std::string letters = trace.letters();
    check_pairs(letters);
    std::string without_hooks;
    for (const char letter : letters)
        if (letter != 'b' && letter != 'e') without_hooks += letter;
    EXPECT_EQ(without_hooks.size(), 3U + 20U + 3U);
}

TEST(pass_hooks, messages_that_wait_together_share_one_pair) {
    Trace trace;
    Gate gate;
    auto callbacks = trace.callbacks();
    callbacks.on_message = [&](TestServer&, const Message& message) {
        trace.add('m');
        if (message.payload == "wait") gate.pass();
    };
    TestServer server{default_options(), callbacks};
    auto keeper = open_client(server);
    auto one = open_client(server);
    auto other = open_client(server);
    server.await_open(2);
    keeper.send_text("wait");
    gate.await();
    for (int i = 0; i < 5; ++i) {
        one.send_text("a");
        other.send_text("b");
    }
    gate.open();
    server.await_message(10);
    for (auto* client : {&keeper, &one, &other})
        client->reset();
    server.stop();
    EXPECT_NE(trace.letters().find("bmmmmmmmmmme"), std::string::npos) << trace.letters();
}

TEST(pass_hooks, each_loop_has_its_own) {
    std::array<Trace, 3> traces;
    static thread_local std::uint32_t of_thread = 0;
    Callbacks callbacks;
    callbacks.on_pass_begin = [&](TestServer&, std::uint32_t loop) {
        of_thread = loop;
        traces.at(loop).add('b');
    };
    callbacks.on_open = [&](TestServer&, Id) { traces.at(of_thread).add('o'); };
    callbacks.on_close = [&](TestServer&, const Close&) { traces.at(of_thread).add('c'); };
    callbacks.on_pass_end = [&](TestServer&, std::uint32_t loop) { traces.at(loop).add('e'); };
    auto options = default_options();
    options.threads = 3;
    TestServer server{options, callbacks};
    std::vector<RawClient> clients;
    for (std::size_t i = 0; i < 12; ++i) {
        clients.push_back(open_client(server));
        server.await_open(i);
    }
    for (auto& client : clients)
        client.reset();
    server.stop();
    for (const auto& trace : traces)
        check_pairs(trace.letters());
}

TEST(pass_hooks, one_alone_will_do_and_what_it_throws_is_ignored) {
    int ends = 0;
    Callbacks callbacks;
    callbacks.on_pass_end = [&](TestServer&, std::uint32_t) {
        ++ends;
        throw std::runtime_error("at the end");
    };
    callbacks.on_message = echo;
    TestServer server{default_options(), callbacks};
    auto client = open_client(server);
    client.send_text("hello");
    EXPECT_EQ(client.read_text(), "hello");
    client.reset();
    server.stop();
    EXPECT_GE(ends, 2);
    EXPECT_EQ(server.statistics().callback_failures, 0U);
}

TEST(pass_hooks, those_of_a_path_are_refused) {
    TestServer server{TestServer::NotStarted{}, default_options()};
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.on_pass_end = [](wsecho_server*, std::uint32_t, void*) {};
    EXPECT_EQ(wsecho_server_add_path(server.get(), "/a", nullptr, &callbacks, nullptr),
              WSECHO_ERR_INVALID_OPTION);
    EXPECT_EQ(std::string{wsecho_error_detail()}.substr(0, 10), "callbacks:");
}

}  // namespace
}  // namespace wsecho::test
