// What a message costs in allocations: none, once the first of its kind have been through. Counted
// on the loop's thread, at the C library's malloc(), which an executable can stand in for. An
// executable of its own, since all of it runs on that.
#include <gtest/gtest.h>
#include <wsecho/wsecho.h>

#include <atomic>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/frames.h"
#include "support/raw_client.h"
#include "support/waiting.h"

extern "C" {
// glibc's own, behind malloc() and its like.
void* __libc_malloc(std::size_t size);                     // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(std::size_t count, std::size_t size);  // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* memory, std::size_t size);      // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(std::size_t alignment,
                      std::size_t s);  // NOLINT(bugprone-reserved-identifier)
}

namespace {

std::atomic<std::uint64_t> counted{0};
thread_local bool is_loop = false;

void count() noexcept {
    if (is_loop) counted.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace

extern "C" {
__attribute__((visibility("default"))) void* malloc(std::size_t size) {
    count();
    return __libc_malloc(size);
}
__attribute__((visibility("default"))) void* calloc(std::size_t number, std::size_t size) {
    count();
    return __libc_calloc(number, size);
}
__attribute__((visibility("default"))) void* realloc(void* memory, std::size_t size) {
    count();
    return __libc_realloc(memory, size);
}
__attribute__((visibility("default"))) void* aligned_alloc(std::size_t alignment,
                                                           std::size_t size) {
    count();
    return __libc_memalign(alignment, size);
}
}

namespace wsecho::test {
namespace {

using Id = wsecho_connection_id;

enum class Answer : std::uint8_t { to_the_sender, to_everybody, none };

// No TestServer: that keeps a record of each message.
class CountedServer {
  public:
    explicit CountedServer(Answer answer = Answer::to_the_sender) : answer_(answer) {
        wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
        options.event_loop = std::getenv("WSECHO_TEST_EVENT_LOOP");
        options.heartbeat_interval_ms = 0;
        options.max_queued_bytes = 64UL << 20U;
        wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
        callbacks.on_open = [](wsecho_server*, Id id, void* user) {
            is_loop = true;
            static_cast<CountedServer*>(user)->last_opened_ = id;
        };
        callbacks.on_message = [](wsecho_server* server, Id id, int type, const void* payload,
                                  std::size_t size, void* user) {
            const Answer wanted = static_cast<CountedServer*>(user)->answer_;
            if (wanted == Answer::to_the_sender)
                wsecho_connection_send(server, id, type, payload, size);
            else if (wanted == Answer::to_everybody)
                wsecho_broadcast(server, type, payload, size, 0);
        };
        EXPECT_EQ(wsecho_server_create(&server_, &options, &callbacks, this), WSECHO_OK);
        EXPECT_EQ(wsecho_server_start(server_), WSECHO_OK) << wsecho_error_detail();
    }
    CountedServer(const CountedServer&) = delete;
    CountedServer& operator=(const CountedServer&) = delete;
    ~CountedServer() { wsecho_server_destroy(server_); }

    [[nodiscard]] RawClient open() const {
        auto client = RawClient::tcp(wsecho_server_port(server_));
        client.shake_hands();
        return client;
    }
    // To the one connection. Its client may know that it is open before the callback does.
    void send(std::string_view payload) {
        eventually("the open callback", [&] { return last_opened_.load() != 0; });
        EXPECT_EQ(wsecho_connection_send(server_, last_opened_, WSECHO_TEXT, payload.data(),
                                         payload.size()),
                  WSECHO_OK);
    }

  private:
    const Answer answer_;
    std::atomic<Id> last_opened_{0};
    wsecho_server* server_ = nullptr;
};

// The allocations of the loop in the last of several runs of the same.
template <class Run>
std::uint64_t allocations_once_warm(Run&& run) {
    std::uint64_t before = 0;
    for (int round = 0; round < 4; ++round) {
        before = counted.load();
        run();
    }
    return counted.load() - before;
}

std::string times(std::size_t count, const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i)
        result += text;
    return result;
}

TEST(allocations, are_counted) {
    is_loop = true;
    const auto before = counted.load();
    std::free(std::malloc(1));  // NOLINT(*-no-malloc)
    const std::vector<int> on_the_heap(1000);
    is_loop = false;
    EXPECT_GE(counted.load() - before, 2U);
}

TEST(allocations, opening_a_connection_takes_some) {
    const CountedServer server;
    auto first = server.open();
    const auto before = counted.load();
    auto second = server.open();
    EXPECT_GT(counted.load(), before);
}

// Of an echo server, for so many requests, each of which is answered before the next.
std::uint64_t allocations_of(int requests, const std::string& request, int answers,
                             const std::string& answer) {
    const CountedServer server;
    auto client = server.open();
    return allocations_once_warm([&] {
        for (int i = 0; i < requests; ++i) {
            client.send(request);
            for (int n = 0; n < answers; ++n)
                EXPECT_EQ(client.read_text(), answer);
        }
    });
}

TEST(allocations, an_echo_takes_none) {
    const std::string payload(256, 'x');
    EXPECT_EQ(allocations_of(200, frame(text, payload), 1, payload), 0U);
}

TEST(allocations, echoes_that_are_gathered_take_none) {
    const std::string payload(256, 'x');
    EXPECT_EQ(allocations_of(50, times(32, frame(text, payload)), 32, payload), 0U);
}

TEST(allocations, a_message_in_parts_takes_none) {
    const std::string part(50'000, 'x');
    const std::string in_parts =
        first_fragment(text, part) + middle_fragment(part) + last_fragment(part);
    EXPECT_EQ(allocations_of(20, in_parts, 1, times(3, part)), 0U);
}

TEST(allocations, what_a_slow_reader_leaves_waiting_takes_next_to_none) {
    const CountedServer server;
    auto client = server.open();
    const std::string payload(3000, 'x');
    const std::string burst = times(100, frame(text, payload));
    constexpr int bursts = 50;  // 15 MB: more than the kernel's buffers hold
    EXPECT_LE(allocations_once_warm([&] {
                  for (int i = 0; i < bursts; ++i)
                      client.send(burst);
                  for (int i = 0; i < bursts * 100; ++i)
                      EXPECT_EQ(client.read_text().size(), payload.size());
              }),
              50U);  // of 5,000 messages: the queue was never as long as now
}

TEST(allocations, a_broadcast_takes_some_for_the_message_and_none_for_its_peers) {
    const CountedServer server{Answer::to_everybody};
    auto sender = server.open();
    const auto run = [&](std::vector<RawClient>& others) {
        return allocations_once_warm([&] {
            for (int i = 0; i < 20; ++i) {
                sender.send_text("to all");
                EXPECT_EQ(sender.read_text(), "to all");
                for (auto& other : others)
                    EXPECT_EQ(other.read_text(), "to all");
            }
        });
    };
    std::vector<RawClient> others;
    const auto for_one = run(others);
    for (int i = 0; i < 30; ++i)
        others.push_back(server.open());
    EXPECT_LE(run(others), for_one);
    EXPECT_LE(for_one, 20U * 2);
}

TEST(allocations, a_message_from_another_thread_takes_none_on_the_loop) {
    CountedServer server{Answer::none};
    auto client = server.open();
    EXPECT_EQ(allocations_once_warm([&] {
                  for (int i = 0; i < 200; ++i) {
                      server.send("from outside");
                      EXPECT_EQ(client.read_text(), "from outside");
                  }
              }),
              0U);
}

}  // namespace
}  // namespace wsecho::test
