// The functions of event queues: convert, call, return.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "engine/event_queue.h"
#include "failure.h"
#include "handle.h"

using namespace wsecho;
using namespace wsecho::capi;
using engine::EventQueue;
using engine::QueuedEvent;

struct wsecho_event_queue {
    explicit wsecho_event_queue(std::size_t max_bytes)
        : queue(std::make_shared<EventQueue>(max_bytes)) {}
    wsecho_event_queue(const wsecho_event_queue&) = delete;
    wsecho_event_queue& operator=(const wsecho_event_queue&) = delete;
    ~wsecho_event_queue() { queue->close(); }
    const std::shared_ptr<EventQueue> queue;  // and the servers' that tell it
};

namespace {

constexpr std::uint64_t most_bytes = 1ULL << 32U;

static_assert(static_cast<int>(QueuedEvent::Kind::open) + 1 == WSECHO_EVENT_OPEN);
static_assert(static_cast<int>(QueuedEvent::Kind::message) + 1 == WSECHO_EVENT_MESSAGE);
static_assert(static_cast<int>(QueuedEvent::Kind::close) + 1 == WSECHO_EVENT_CLOSE);
static_assert(static_cast<int>(QueuedEvent::Kind::heartbeat) + 1 == WSECHO_EVENT_HEARTBEAT);
static_assert(static_cast<int>(QueuedEvent::Kind::watermark) + 1 == WSECHO_EVENT_WATERMARK);

wsecho_event to_c(const QueuedEvent& event, const engine::EventBatch& batch) {
    wsecho_event to{};
    to.type = static_cast<std::int32_t>(event.kind) + 1;
    to.id = event.id.value();
    to.user = event.observer_user;
    to.connection_user = event.connection_user;
    switch (event.kind) {
        case QueuedEvent::Kind::message: {
            const auto payload = batch.payload_of(event);
            to.message_type = event.is_text ? WSECHO_TEXT : WSECHO_BINARY;
            to.payload = payload.data();
            to.length = payload.size();
            break;
        }
        case QueuedEvent::Kind::close:
            to.close = capi::to_c(batch.reports[event.place]);
            break;
        case QueuedEvent::Kind::heartbeat:
            to.round_trip_ns = static_cast<std::uint64_t>(event.round_trip.count());
            break;
        case QueuedEvent::Kind::watermark:
            to.message_type = event.is_high ? 1 : 0;
            to.close.bytes_unsent = event.queued_bytes;
            break;
        case QueuedEvent::Kind::open:
            break;
    }
    return to;
}

engine::Status use_queue(wsecho_server& server, const wsecho_event_queue& queue) {
    if (server.server.started() || server.events)
        return {engine::ErrorCode::wrong_state,
                "a server is given its one event queue before it starts"};
    engine::Server& engine = server.server;
    server.events = std::make_unique<engine::EventSource>(
        queue.queue, engine.loop_count(),
        [&engine](engine::ConnectionId id) { static_cast<void>(engine.pause_reading(id)); },
        [&engine](engine::ConnectionId id) { static_cast<void>(engine.resume_reading(id)); });
    return {};
}

}  // namespace

extern "C" {

int wsecho_event_queue_create(wsecho_event_queue** out, uint64_t max_bytes) {
    return guarded([&] {
        if (out == nullptr) return invalid_argument("out is NULL");
        *out = nullptr;
        if (max_bytes == 0 || max_bytes > most_bytes)
            return invalid_argument("max_bytes must be 1 to 4294967296");
        try {
            *out = std::make_unique<wsecho_event_queue>(max_bytes).release();
        } catch (const std::system_error& error) {
            const int code = error.code().value();
            return report(
                code == EMFILE || code == ENFILE ? WSECHO_ERR_DESCRIPTOR_LIMIT : WSECHO_ERR_SYSTEM,
                error.what());
        }
        return int{WSECHO_OK};
    });
}

void wsecho_event_queue_destroy(wsecho_event_queue* queue) {
    const std::unique_ptr<wsecho_event_queue> ended{queue};
}

int wsecho_event_queue_descriptor(const wsecho_event_queue* queue) {
    return queue == nullptr ? -1 : queue->queue->descriptor();
}

int wsecho_event_queue_take(wsecho_event_queue* queue, wsecho_event* events, size_t event_size,
                            size_t most, size_t* count) {
    return guarded([&] {
        if (count != nullptr) *count = 0;
        if (queue == nullptr || count == nullptr) return invalid_argument("queue or count is NULL");
        if (events == nullptr && most != 0) return invalid_argument("events is NULL");
        if (event_size < sizeof(wsecho_event))
            return report(WSECHO_ERR_VERSION, "event_size: must be sizeof(wsecho_event)");
        auto* place = reinterpret_cast<unsigned char*>(events);
        *count = queue->queue->take(most,
                                    [&](const QueuedEvent& event, const engine::EventBatch& batch) {
                                        const wsecho_event filled = to_c(event, batch);
                                        std::memcpy(place, &filled, sizeof filled);
                                        place += event_size;
                                    });
        return int{WSECHO_OK};
    });
}

int wsecho_server_use_queue(wsecho_server* server, wsecho_event_queue* queue) {
    return guarded([&] {
        if (server == nullptr || queue == nullptr)
            return invalid_argument("server or queue is NULL");
        return report(use_queue(*server, *queue));
    });
}
}
