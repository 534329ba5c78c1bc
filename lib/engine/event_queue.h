// What loops tell, kept in batches for a thread that comes for it: instead of a callback for each
// event, one call for many. A descriptor says when there is something.
//
// A loop gathers what a pass brings without a lock, and hands it over at the pass's end.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "engine/close_report.h"
#include "engine/connection_id.h"
#include "lws/listener.h"
#include "runtime/time.h"

namespace wsecho::engine {

struct QueuedEvent {
    enum class Kind : std::uint8_t { open, message, close, heartbeat, watermark };
    Kind kind{};
    bool is_text = false;
    bool is_high = false;  // a watermark
    ConnectionId id;
    void* observer_user = nullptr;    // what the observer's callbacks are given
    void* connection_user = nullptr;  // when it happened
    // Where in the batch: a message's payload, or which of the close reports.
    std::size_t place = 0;
    std::size_t length = 0;
    runtime::Duration round_trip{0};
    std::size_t queued_bytes = 0;

    [[nodiscard]] std::size_t weight() const noexcept { return sizeof *this + length; }
};

// What one loop told in a pass.
struct EventBatch {
    std::vector<QueuedEvent> events;
    std::vector<std::uint8_t> bytes;
    std::vector<CloseReport> reports;
    std::size_t weight = 0;

    void add(const QueuedEvent& event, std::span<const std::uint8_t> payload = {});
    void add_close(QueuedEvent event, const CloseReport& report);
    void clear();
    [[nodiscard]] std::span<const std::uint8_t> payload_of(const QueuedEvent& event) const {
        return std::span{bytes}.subspan(event.place, event.length);
    }
};

class EventSource;

class EventQueue {
  public:
    // Where more than this is waiting, in bytes, whoever sends more is not read from. Throws
    // std::system_error where there is no descriptor.
    explicit EventQueue(std::size_t max_bytes);
    EventQueue(const EventQueue&) = delete;
    EventQueue& operator=(const EventQueue&) = delete;
    ~EventQueue() = default;

    // Nobody takes any more: what is told is forgotten, and everybody read from.
    void close();

    // Readable while something waits.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

    // One thread at a time; what `use` was given before ends here.
    template <class Use>  // Use: (const QueuedEvent&, const EventBatch&) -> void
    std::size_t take(std::size_t most, Use&& use) {
        const std::scoped_lock lock{mutex_};
        recycle();
        std::size_t taken = 0;
        while (taken < most && !waiting_.empty()) {
            const EventBatch& batch = waiting_.front();
            const QueuedEvent& event = batch.events[next_];
            use(event, batch);
            handed_out(event);
            ++taken;
        }
        settle();
        return taken;
    }

  private:
    friend class EventSource;

    std::list<EventBatch> empty_batch();
    void publish(std::list<EventBatch>& batch) noexcept;
    [[nodiscard]] bool has_room(std::size_t weight) const noexcept {
        return waiting_bytes_.load(std::memory_order_relaxed) + weight <= max_bytes_;
    }
    // False: nobody would resume it.
    bool keep_paused(EventSource& source, ConnectionId id);
    void forget(const EventSource& source);

    void recycle() noexcept;
    void handed_out(const QueuedEvent& event) noexcept;
    void settle() noexcept;
    void resume_all() noexcept;

    struct Paused {
        EventSource* source;
        ConnectionId id;
    };

    const std::size_t max_bytes_;
    lws::Descriptor descriptor_;
    std::mutex mutex_;
    std::list<EventBatch> waiting_;
    std::size_t next_ = 0;              // of the first of them
    std::list<EventBatch> handed_out_;  // all of it, to be used until the next take()
    std::list<EventBatch> spare_;
    std::vector<Paused> paused_;
    std::atomic<std::size_t> waiting_bytes_{0};
    bool is_readable_ = false;
    bool is_closed_ = false;
};

// One server's side of it. The functions are of the loops' threads, each for its own loop.
class EventSource {
  public:
    // `pause` and `resume` stop and start the reading of a connection; the latter on any thread.
    using Steer = std::function<void(ConnectionId)>;
    EventSource(std::shared_ptr<EventQueue> queue, unsigned loops, Steer pause, Steer resume);
    EventSource(const EventSource&) = delete;
    EventSource& operator=(const EventSource&) = delete;
    // The loops have ended. What they told stays in the queue; nobody is resumed any more.
    ~EventSource();

    void add(QueuedEvent event, std::span<const std::uint8_t> payload = {});
    void add_close(const QueuedEvent& event, const CloseReport& report);
    void on_pass_end(unsigned loop) noexcept;

    void resume(ConnectionId id) const { resume_(id); }

  private:
    EventBatch& batch_of(ConnectionId id);

    const std::shared_ptr<EventQueue> queue_;
    const Steer pause_;
    const Steer resume_;
    struct alignas(64) OfLoop {
        std::list<EventBatch> gathering;  // one, or none
    };
    std::vector<OfLoop> of_loops_;
};

}  // namespace wsecho::engine
