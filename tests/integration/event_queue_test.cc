// Events taken in batches, instead of callbacks.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/process.h"
#include "support/raw_client.h"
#include "support/test_server.h"
#include "support/waiting.h"

namespace wsecho::test {
namespace {

struct Destroy {
    void operator()(wsecho_server* server) const { wsecho_server_destroy(server); }
    void operator()(wsecho_event_queue* queue) const { wsecho_event_queue_destroy(queue); }
};
using Server = std::unique_ptr<wsecho_server, Destroy>;
using Queue = std::unique_ptr<wsecho_event_queue, Destroy>;

Queue make_queue(std::uint64_t max_bytes = 1U << 20U) {
    wsecho_event_queue* made = nullptr;
    EXPECT_EQ(wsecho_event_queue_create(&made, max_bytes), WSECHO_OK);
    return Queue{made};
}

Server start_server(wsecho_event_queue* queue, void* user = nullptr,
                    const wsecho_server_options& options = default_options(),
                    const wsecho_callbacks& callbacks = WSECHO_CALLBACKS_INIT) {
    wsecho_server* made = nullptr;
    EXPECT_EQ(wsecho_server_create(&made, &options, &callbacks, user), WSECHO_OK);
    EXPECT_EQ(wsecho_server_use_queue(made, queue), WSECHO_OK);
    EXPECT_EQ(wsecho_server_start(made), WSECHO_OK);
    return Server{made};
}

// An event, with copies of what lives until the next take.
struct Event {
    wsecho_event event;
    std::string payload;
    std::string reason;
};

// Waits for so many, as a host would.
std::vector<Event> take(wsecho_event_queue* queue, std::size_t wanted, std::size_t room = 64) {
    std::vector<Event> taken;
    std::vector<wsecho_event> events(room);
    while (taken.size() < wanted) {
        pollfd wait{wsecho_event_queue_descriptor(queue), POLLIN, 0};
        const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(deadline);
        if (poll(&wait, 1, static_cast<int>(milliseconds.count())) != 1) throw TimedOut{"events"};
        std::size_t count = 0;
        EXPECT_EQ(wsecho_event_queue_take(queue, events.data(), sizeof events[0],
                                          std::min(room, wanted - taken.size()), &count),
                  WSECHO_OK);
        for (std::size_t i = 0; i < count; ++i) {
            const wsecho_event& event = events[i];
            const auto text = [](const void* bytes, std::size_t length) {
                return std::string{static_cast<const char*>(bytes), length};
            };
            taken.push_back({event, text(event.payload, event.length),
                             text(event.close.reason, event.close.reason_length)});
        }
    }
    return taken;
}

RawClient client_of(const Server& server) {
    auto client = RawClient::tcp(wsecho_server_port(server.get()));
    client.shake_hands();
    return client;
}

TEST(event_queue, it_is_told_what_callbacks_would_be) {
    const Queue queue = make_queue();
    int mine = 0;
    const Server server = start_server(queue.get(), &mine);
    auto client = client_of(server);
    const Event open = take(queue.get(), 1).front();
    EXPECT_EQ(open.event.type, WSECHO_EVENT_OPEN);
    EXPECT_EQ(open.event.user, &mine);
    EXPECT_EQ(open.event.connection_user, nullptr);
    const Id id = open.event.id;
    EXPECT_EQ(wsecho_connection_set_user(server.get(), id, &client), WSECHO_OK);

    client.send_text("a text");
    client.send_binary(std::string("\0\1", 2));
    const auto messages = take(queue.get(), 2);
    EXPECT_EQ(messages[0].event.type, WSECHO_EVENT_MESSAGE);
    EXPECT_EQ(messages[0].event.message_type, WSECHO_TEXT);
    EXPECT_EQ(messages[0].event.id, id);
    EXPECT_EQ(messages[0].event.connection_user, &client);
    EXPECT_EQ(messages[0].payload, "a text");
    EXPECT_EQ(messages[1].event.message_type, WSECHO_BINARY);
    EXPECT_EQ(messages[1].payload, std::string("\0\1", 2));

    EXPECT_EQ(wsecho_connection_ping(server.get(), id), WSECHO_OK);
    const Frame asked = client.read_frame();
    client.send(frame(pong, asked.payload));
    const Event heartbeat = take(queue.get(), 1).front();
    EXPECT_EQ(heartbeat.event.type, WSECHO_EVENT_HEARTBEAT);
    EXPECT_GT(heartbeat.event.round_trip_ns, 0U);

    client.send(close_frame(1000, "done"));
    const Event close = take(queue.get(), 1).front();
    EXPECT_EQ(close.event.type, WSECHO_EVENT_CLOSE);
    EXPECT_EQ(close.event.connection_user, &client);
    EXPECT_EQ(close.event.close.code, 1000U);
    EXPECT_EQ(close.event.close.cause, WSECHO_CLOSE_PEER);
    EXPECT_EQ(close.event.close.messages_received, 2U);
    EXPECT_EQ(close.reason, "done");
}

TEST(event_queue, it_is_told_of_a_peer_that_falls_behind_and_catches_up) {
    const Queue queue = make_queue();
    auto options = default_options();
    options.high_watermark_bytes = 1'000'000;
    const Server server = start_server(queue.get(), nullptr, options);
    auto client = RawClient::unconnected(1 << 18);
    client.connect_to(wsecho_server_port(server.get()));
    client.shake_hands();
    const Id id = take(queue.get(), 1).front().event.id;
    const std::string payload(100'000, 'x');
    int sent = 0;
    eventually("the kernel's buffers to be full", [&] {
        if (wsecho_connection_send(server.get(), id, WSECHO_BINARY, payload.data(),
                                   payload.size()) == WSECHO_OK)
            ++sent;
        pollfd told{wsecho_event_queue_descriptor(queue.get()), POLLIN, 0};
        return poll(&told, 1, 0) == 1;
    });
    const Event high = take(queue.get(), 1).front();
    EXPECT_EQ(high.event.type, WSECHO_EVENT_WATERMARK);
    EXPECT_EQ(high.event.message_type, 1);
    EXPECT_EQ(high.event.id, id);
    EXPECT_GE(high.event.close.bytes_unsent, 1'000'000U);
    for (int i = 0; i < sent; ++i)
        client.read_frame();
    const Event low = take(queue.get(), 1).front();
    EXPECT_EQ(low.event.type, WSECHO_EVENT_WATERMARK);
    EXPECT_EQ(low.event.message_type, 0);
    EXPECT_EQ(low.event.close.bytes_unsent, 0U);
}

TEST(event_queue, what_there_is_a_callback_for_does_not_come_to_it) {
    const Queue queue = make_queue();
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.on_open = [](wsecho_server* server, Id id, void*) {
        wsecho_connection_send(server, id, WSECHO_TEXT, "hello", 5);
    };
    const Server server = start_server(queue.get(), nullptr, default_options(), callbacks);
    auto client = client_of(server);
    EXPECT_EQ(client.read_text(), "hello");
    client.send_text("message");
    EXPECT_EQ(take(queue.get(), 1).front().event.type, WSECHO_EVENT_MESSAGE);
}

TEST(event_queue, several_servers_and_loops_tell_one_and_each_connection_keeps_its_order) {
    const Queue queue = make_queue();
    auto options = default_options();
    options.threads = 2;
    int first = 0;
    int second = 0;
    const Server servers[2] = {start_server(queue.get(), &first, options),
                               start_server(queue.get(), &second, options)};
    std::vector<RawClient> clients;
    for (int i = 0; i < 8; ++i)
        clients.push_back(client_of(servers[i % 2]));
    constexpr std::size_t each = 500;
    for (std::size_t number = 0; number < each; ++number)
        for (auto& client : clients)
            client.send_text(std::to_string(number));
    std::map<std::pair<void*, Id>, std::size_t> next;
    for (const Event& event : take(queue.get(), 8 + 8 * each, 7)) {
        if (event.event.type == WSECHO_EVENT_OPEN) continue;
        ASSERT_EQ(event.payload, std::to_string(next[{event.event.user, event.event.id}]++));
    }
    EXPECT_EQ(next.size(), 8U);
}

// What nobody takes is not read either: the peer's own kernel keeps it.
TEST(event_queue, a_flood_that_nobody_takes_is_bounded_and_nothing_of_it_is_lost) {
    const Queue queue = make_queue(1U << 20U);
    const Server server = start_server(queue.get());
    auto client = client_of(server);
    constexpr std::size_t count = 500;
    const std::string payload(100'000, 'x');
    const auto memory_before = resident_bytes();
    std::thread flood{[&] {
        for (std::size_t i = 0; i < count; ++i)
            client.send_binary(payload + std::to_string(i));
    }};
    const Event open = take(queue.get(), 1).front();
    const auto received = [&] {
        wsecho_statistics statistics{};
        statistics.version = WSECHO_STATISTICS_VERSION;
        statistics.size = sizeof statistics;
        wsecho_server_statistics(server.get(), WSECHO_ALL_LOOPS, &statistics);
        return statistics.messages_received;
    };
    eventually("the queue to be full", [&] { return received() >= 10; });
    EXPECT_LT(received(), 100U) << "it is read on";
    EXPECT_LT(resident_bytes(), memory_before + (std::size_t{64} << 20U));
    const auto messages = take(queue.get(), count);
    for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(messages[i].payload, payload + std::to_string(i));
    flood.join();
    EXPECT_EQ(messages.back().event.id, open.event.id);
}

TEST(event_queue, what_a_server_has_told_is_there_after_its_end) {
    const Queue queue = make_queue();
    Server server = start_server(queue.get());
    auto client = client_of(server);
    client.send_text("last words");
    take(queue.get(), 1);
    eventually("the message", [&] {
        pollfd wait{wsecho_event_queue_descriptor(queue.get()), POLLIN, 0};
        return poll(&wait, 1, 0) == 1;
    });
    client.reset();
    server.reset();
    const auto left = take(queue.get(), 2);
    EXPECT_EQ(left[0].payload, "last words");
    EXPECT_EQ(left[1].event.type, WSECHO_EVENT_CLOSE);
}

TEST(event_queue, a_server_goes_on_without_its_queue) {
    Queue queue = make_queue(1);
    const Server server = start_server(queue.get());
    auto client = client_of(server);
    client.send_text("unheard");
    const Id id = take(queue.get(), 1).front().event.id;
    queue.reset();
    client.send_text("unheard, too");
    EXPECT_EQ(wsecho_connection_send(server.get(), id, WSECHO_TEXT, "still here", 10), WSECHO_OK);
    EXPECT_EQ(client.read_text(), "still here");
    client.send(frame(ping, "and alive"));
    EXPECT_EQ(client.read_frame().payload, "and alive");
}

TEST(event_queue, what_is_wrong_is_refused_with_words) {
    wsecho_event_queue* made = nullptr;
    EXPECT_EQ(wsecho_event_queue_create(nullptr, 1), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_event_queue_create(&made, 0), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_event_queue_create(&made, (1ULL << 32U) + 1), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(made, nullptr);
    wsecho_event_queue_destroy(nullptr);
    EXPECT_EQ(wsecho_event_queue_descriptor(nullptr), -1);

    const Queue queue = make_queue();
    wsecho_event event;
    std::size_t count = 1;
    EXPECT_EQ(wsecho_event_queue_take(queue.get(), &event, sizeof event, 1, &count), WSECHO_OK);
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(wsecho_event_queue_take(nullptr, &event, sizeof event, 1, &count),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_event_queue_take(queue.get(), nullptr, sizeof event, 1, &count),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_event_queue_take(queue.get(), &event, sizeof event, 1, nullptr),
              WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_event_queue_take(queue.get(), &event, sizeof event - 1, 1, &count),
              WSECHO_ERR_VERSION);
    EXPECT_EQ(wsecho_event_queue_take(queue.get(), nullptr, sizeof event, 0, &count), WSECHO_OK);

    EXPECT_EQ(wsecho_server_use_queue(nullptr, queue.get()), WSECHO_ERR_INVALID_ARGUMENT);
    const Server server = start_server(queue.get());
    EXPECT_EQ(wsecho_server_use_queue(server.get(), nullptr), WSECHO_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(wsecho_server_use_queue(server.get(), queue.get()), WSECHO_ERR_WRONG_STATE);
}

}  // namespace
}  // namespace wsecho::test
