#include "engine/event_queue.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

namespace wsecho::engine {

namespace {

// What a batch keeps of its memory when it is used again.
constexpr std::size_t max_kept_bytes = 64UL * 1024;
constexpr std::size_t max_kept_events = 1024;
constexpr std::size_t max_spare = 16;

template <class Element>
void empty(std::vector<Element>& elements, std::size_t max_kept) {
    elements.clear();
    if (elements.capacity() > max_kept) elements.shrink_to_fit();
}

}  // namespace

void EventBatch::add(const QueuedEvent& event, std::span<const std::uint8_t> payload) {
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    events.push_back(event);
    events.back().place = bytes.size() - payload.size();
    events.back().length = payload.size();
    weight += events.back().weight();
}

void EventBatch::add_close(QueuedEvent event, const CloseReport& report) {
    reports.push_back(report);
    event.place = reports.size() - 1;
    events.push_back(event);
    weight += event.weight();
}

void EventBatch::clear() {
    empty(events, max_kept_events);
    empty(bytes, max_kept_bytes);
    empty(reports, max_kept_events);
    weight = 0;
}

// --- The queue ---

EventQueue::EventQueue(std::size_t max_bytes)
    : max_bytes_(max_bytes), descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!descriptor_.valid()) throw std::system_error{errno, std::system_category(), "eventfd"};
}

std::list<EventBatch> EventQueue::empty_batch() {
    std::list<EventBatch> batch;
    {
        const std::scoped_lock lock{mutex_};
        if (!spare_.empty()) batch.splice(batch.end(), spare_, spare_.begin());
    }
    if (batch.empty()) batch.emplace_back();
    return batch;
}

void EventQueue::publish(std::list<EventBatch>& batch) noexcept {
    const std::scoped_lock lock{mutex_};
    if (is_closed_) return batch.clear();
    waiting_bytes_.fetch_add(batch.front().weight, std::memory_order_relaxed);
    waiting_.splice(waiting_.end(), batch);
    if (std::exchange(is_readable_, true)) return;
    const std::uint64_t one = 1;
    static_cast<void>(::write(descriptor_.get(), &one, sizeof one));  // cannot be full
}

bool EventQueue::keep_paused(EventSource& source, ConnectionId id) {
    const std::scoped_lock lock{mutex_};
    if (!is_closed_) paused_.push_back({&source, id});
    return !is_closed_;
}

void EventQueue::close() {
    const std::scoped_lock lock{mutex_};
    is_closed_ = true;
    waiting_.clear();
    next_ = 0;
    waiting_bytes_ = 0;
    resume_all();
}

void EventQueue::forget(const EventSource& source) {
    const std::scoped_lock lock{mutex_};
    std::erase_if(paused_, [&](const Paused& each) { return each.source == &source; });
}

void EventQueue::recycle() noexcept {
    while (!handed_out_.empty() && spare_.size() < max_spare) {
        handed_out_.front().clear();
        spare_.splice(spare_.end(), handed_out_, handed_out_.begin());
    }
    handed_out_.clear();
}

void EventQueue::handed_out(const QueuedEvent& event) noexcept {
    waiting_bytes_.fetch_sub(event.weight(), std::memory_order_relaxed);
    if (++next_ < waiting_.front().events.size()) return;
    next_ = 0;
    handed_out_.splice(handed_out_.end(), waiting_, waiting_.begin());
}

// Whose reading was paused is asked for more when half of the room is free again. They were kept
// before what they sent was published, so none is overlooked.
void EventQueue::settle() noexcept {
    if (waiting_.empty() && std::exchange(is_readable_, false)) {
        std::uint64_t count = 0;
        static_cast<void>(::read(descriptor_.get(), &count, sizeof count));
    }
    if (waiting_bytes_.load(std::memory_order_relaxed) <= max_bytes_ / 2) resume_all();
}

void EventQueue::resume_all() noexcept {
    try {
        for (; !paused_.empty(); paused_.pop_back())
            paused_.back().source->resume(paused_.back().id);
    } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch): tried again next time
    }
}

// --- A server's side ---

EventSource::EventSource(std::shared_ptr<EventQueue> queue, unsigned loops, Steer pause,
                         Steer resume)
    : queue_(std::move(queue)),
      pause_(std::move(pause)),
      resume_(std::move(resume)),
      of_loops_(loops) {}

EventSource::~EventSource() {
    queue_->forget(*this);
}

EventBatch& EventSource::batch_of(ConnectionId id) {
    auto& gathering = of_loops_[id.loop()].gathering;
    if (gathering.empty()) gathering = queue_->empty_batch();
    return gathering.front();
}

void EventSource::add(QueuedEvent event, std::span<const std::uint8_t> payload) {
    EventBatch& batch = batch_of(event.id);
    batch.add(event, payload);
    if (event.kind != QueuedEvent::Kind::message || queue_->has_room(batch.weight)) return;
    if (queue_->keep_paused(*this, event.id)) pause_(event.id);
}

void EventSource::add_close(const QueuedEvent& event, const CloseReport& report) {
    batch_of(event.id).add_close(event, report);
}

void EventSource::on_pass_end(unsigned loop) noexcept {
    auto& gathering = of_loops_[loop].gathering;
    if (!gathering.empty() && !gathering.front().events.empty()) queue_->publish(gathering);
}

}  // namespace wsecho::engine
