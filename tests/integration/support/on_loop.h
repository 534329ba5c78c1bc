// A server whose loop's own thread does what a test wants, where a send acts at once; and peers
// whose queues are full.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <future>
#include <string>
#include <vector>

#include "support/lazy_reader.h"
#include "support/raw_client.h"
#include "support/test_server.h"

namespace wsecho::test {

inline constexpr std::size_t queue_bound = 256UL * 1024;

inline wsecho_server_options options_with(wsecho_backpressure_policy policy) {
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

// Until bytes wait for the peer, so that whatever is sent next does, too; how many messages. More
// than the kernel takes later when it makes a little room.
inline int fill_kernel(OnLoop& loop, Id id) {
    constexpr std::size_t enough = 20'000;
    int sent = 0;
    while (loop.server().queued_bytes(id) < enough && sent < more_than_enough) {
        loop.server().send_text(id, numbered(sent++));
        loop.been_round();
    }
    return sent;
}

inline std::vector<int> read_numbers(RawClient& client, const std::string& until) {
    std::vector<int> numbers;
    for (std::string payload = client.read_text(); payload != until; payload = client.read_text())
        numbers.push_back(number_of(payload));
    return numbers;
}

// Nothing came twice, and all in their order.
inline void expect_increasing(const std::vector<int>& numbers) {
    EXPECT_TRUE(std::adjacent_find(numbers.begin(), numbers.end(), std::greater_equal{}) ==
                numbers.end());
}

}  // namespace wsecho::test
