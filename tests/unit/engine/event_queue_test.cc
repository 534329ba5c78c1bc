// Events in batches: their order, what is told of them, and that they are bounded.
#include "engine/event_queue.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <memory>
#include <string>
#include <vector>

#include "bytes.h"

namespace wsecho::engine {
namespace {

using Kind = QueuedEvent::Kind;

ConnectionId connection(unsigned loop, std::uint32_t number) {
    return ConnectionId{loop, runtime::SlotKey{number, 1}};
}

bool is_readable(const EventQueue& queue) {
    pollfd wait{queue.descriptor(), POLLIN, 0};
    return poll(&wait, 1, 0) == 1;
}

struct Queue {
    explicit Queue(std::size_t max_bytes = 1'000'000)
        : queue(std::make_shared<EventQueue>(max_bytes)), source(make_source()) {}

    std::unique_ptr<EventSource> make_source() {
        return std::make_unique<EventSource>(
            queue, 2, [this](ConnectionId id) { paused.push_back(id); },
            [this](ConnectionId id) { resumed.push_back(id); });
    }
    void message(ConnectionId id, std::string_view text) const {
        source->add({.kind = Kind::message, .is_text = true, .id = id}, test::bytes_of(text));
    }
    // "o", "m:text", "c:reason" or "h" for each, up to so many.
    [[nodiscard]] std::string take(std::size_t most = 100) const {
        std::string taken;
        queue->take(most, [&](const QueuedEvent& event, const EventBatch& batch) {
            taken += "omch"[static_cast<std::size_t>(event.kind)];
            if (event.kind == Kind::message) {
                const auto payload = batch.payload_of(event);
                taken.append(":").append(payload.begin(), payload.end());
            }
            if (event.kind == Kind::close) taken += ":" + batch.reports[event.place].reason;
            taken += ' ';
        });
        return taken;
    }

    std::shared_ptr<EventQueue> queue;
    std::vector<ConnectionId> paused;
    std::vector<ConnectionId> resumed;
    std::unique_ptr<EventSource> source;
};

const ConnectionId one = connection(0, 1);
const ConnectionId other = connection(1, 2);

TEST(event_queue, what_a_loop_told_in_a_pass_is_there_at_its_end) {
    const Queue queue;
    queue.source->add({.kind = Kind::open, .id = one});
    queue.message(one, "hello");
    queue.source->add({.kind = Kind::heartbeat, .id = one});
    CloseReport report;
    report.reason = "bye";
    queue.source->add_close({.kind = Kind::close, .id = one}, report);
    EXPECT_EQ(queue.take(), "");
    EXPECT_FALSE(is_readable(*queue.queue));
    queue.source->on_pass_end(0);
    EXPECT_TRUE(is_readable(*queue.queue));
    EXPECT_EQ(queue.take(), "o m:hello h c:bye ");
    EXPECT_FALSE(is_readable(*queue.queue));
}

TEST(event_queue, each_loop_hands_over_its_own) {
    const Queue queue;
    queue.message(one, "a");
    queue.message(other, "b");
    queue.source->on_pass_end(1);
    EXPECT_EQ(queue.take(), "m:b ");
    queue.source->on_pass_end(0);
    EXPECT_EQ(queue.take(), "m:a ");
}

TEST(event_queue, who_takes_a_few_gets_the_others_next_across_batches) {
    const Queue queue;
    for (const char* text : {"1", "2", "3", "4", "5"}) {
        queue.message(one, text);
        if (*text == '2') queue.source->on_pass_end(0);
    }
    queue.source->on_pass_end(0);
    EXPECT_EQ(queue.take(1), "m:1 ");
    EXPECT_EQ(queue.take(3), "m:2 m:3 m:4 ");
    EXPECT_TRUE(is_readable(*queue.queue));
    EXPECT_EQ(queue.take(0), "");
    EXPECT_TRUE(is_readable(*queue.queue));
    EXPECT_EQ(queue.take(3), "m:5 ");
    EXPECT_FALSE(is_readable(*queue.queue));
}

TEST(event_queue, what_was_taken_is_there_until_the_next_take) {
    const Queue queue;
    queue.message(one, "kept");
    queue.source->on_pass_end(0);
    std::span<const std::uint8_t> payload;
    queue.queue->take(1, [&](const QueuedEvent& event, const EventBatch& batch) {
        payload = batch.payload_of(event);
    });
    queue.message(one, "next");
    queue.source->on_pass_end(0);
    EXPECT_EQ((std::string{payload.begin(), payload.end()}), "kept");
}

TEST(event_queue, a_pass_without_events_hands_over_nothing) {
    const Queue queue;
    queue.source->on_pass_end(0);
    EXPECT_FALSE(is_readable(*queue.queue));
}

TEST(event_queue, who_sends_more_than_is_allowed_is_paused_until_half_is_taken) {
    Queue queue{10'000};
    const std::string kilobyte(1000, 'x');
    while (queue.paused.empty())
        queue.message(one, kilobyte);
    EXPECT_EQ(queue.paused.front(), one);
    queue.source->on_pass_end(0);
    std::size_t taken = 0;
    while (queue.resumed.empty()) {
        static_cast<void>(queue.take(1));
        ++taken;
    }
    EXPECT_EQ(queue.resumed.front(), one);
    EXPECT_GE(taken, 4U);
    EXPECT_LE(taken, 6U);
    EXPECT_EQ(queue.paused.size(), 1U);
}

TEST(event_queue, what_is_no_message_is_told_in_any_case) {
    Queue queue{1};
    queue.source->add({.kind = Kind::open, .id = one});
    queue.source->add_close({.kind = Kind::close, .id = one}, {});
    queue.source->on_pass_end(0);
    EXPECT_TRUE(queue.paused.empty());
    EXPECT_EQ(queue.take(), "o c: ");
}

TEST(event_queue, a_source_that_has_ended_leaves_its_events_and_resumes_nobody) {
    Queue queue{1};
    queue.message(one, "last words");
    queue.source->on_pass_end(0);
    EXPECT_EQ(queue.paused.size(), 1U);
    queue.source.reset();
    EXPECT_EQ(queue.take(), "m:last words ");
    EXPECT_TRUE(queue.resumed.empty());
}

TEST(event_queue, one_that_is_closed_forgets_and_lets_everybody_go_on) {
    Queue queue{1};
    queue.message(one, "unheard");
    queue.source->on_pass_end(0);
    queue.queue->close();
    EXPECT_EQ(queue.resumed.size(), 1U);
    queue.message(one, "unheard, too");
    queue.source->on_pass_end(0);
    EXPECT_EQ(queue.paused.size(), 1U);
    EXPECT_EQ(queue.take(), "");
}

}  // namespace
}  // namespace wsecho::engine
