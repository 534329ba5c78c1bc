// A peer that reads too slowly: what is done with a message for which there is no room, which of
// those that wait may go, and when the application is told.
//
// Messages that may yet be dropped wait whole behind the bytes that may not: they are those with
// terms (a key, a deadline), all that wait where the oldest is to be dropped, and what comes behind
// one of them.
#include <algorithm>
#include <limits>
#include <utility>

#include "engine/connection.h"
#include "engine/loop.h"
#include "engine/served_path.h"

namespace wsecho::engine {

namespace {

// A message that waits whole takes memory beside its frame: one for so many bytes of the bound.
constexpr std::size_t bytes_for_each_whole = 256;
// So much is written at once, and can be dropped no more while the kernel takes none of it.
constexpr std::size_t refill_bytes = std::size_t{64} << 10U;

}  // namespace

BackpressurePolicy Connection::backpressure() const noexcept {
    return details_->backpressure.load(std::memory_order_relaxed);
}

bool Connection::waits_whole() const noexcept {
    return queue_->keeps_whole() || backpressure() == BackpressurePolicy::drop_oldest;
}

// --- Room ---

bool Connection::is_crowded(std::size_t more) const noexcept {
    return queue_->keeps_whole() &&
           queue_->whole().size() + more > path_->limits.max_queued_bytes / bytes_for_each_whole;
}

// Now, if what waits with this key goes.
bool Connection::fits(std::size_t frame_size, std::uint64_t key) const noexcept {
    const std::size_t replaced =
        key != 0 && queue_->keeps_whole() ? queue_->whole().bytes_of(key) : 0;
    const std::size_t more = frame_size - std::min(replaced, frame_size);
    return has_room(more) && loop_.has_queue_room(more) && (replaced != 0 || !is_crowded(1));
}

// One for whom nothing waits is never refused: its kernel may take it all, and what it does not
// take makes others give way.
bool Connection::has_shared_room(std::size_t frame_size) {
    const std::size_t waiting = queued_bytes();
    return waiting == 0 || loop_.make_queue_room(waiting, frame_size);
}

// All queues together have become too much, and this one is among the longest.
void Connection::give_up_queue() {
    if (backpressure() != BackpressurePolicy::drop_oldest || !queue_->keeps_whole()) {
        condemn(CloseCause::slow_consumer);
        return drop_queue();
    }
    const std::size_t half = queue_->whole().bytes() / 2;
    while (queue_->keeps_whole() && queue_->whole().bytes() >= half)
        forget_dropped(queue_->drop_oldest(), loop_.counters().messages_dropped);
}

// What waits counts no more, nor does it take memory; the close callback is told how much it was.
void Connection::drop_queue() {
    const std::size_t dropped =
        queue_->bytes() + (queue_->keeps_whole() ? queue_->whole().bytes() : 0);
    queue_.reset();
    forget_reserved(dropped);
    if (report_) report_->numbers.bytes_unsent += dropped;
}

bool Connection::make_room_by_policy(std::size_t frame_size, std::uint64_t key) {
    if (frame_size > path_->limits.max_queued_bytes) return false;
    if (queue_) {
        forget_dropped(queue_->drop_late(loop_.now()), loop_.counters().messages_late);
        if (fits(frame_size, key)) return true;
    }
    const BackpressurePolicy policy = backpressure();
    if (policy == BackpressurePolicy::close) condemn(CloseCause::slow_consumer);
    return policy == BackpressurePolicy::drop_oldest && queue_ &&
           drop_until_it_fits(frame_size, key);
}

// Nothing is dropped in vain.
bool Connection::drop_until_it_fits(std::size_t frame_size, std::uint64_t key) {
    if (!queue_->keeps_whole() ||
        !has_room(frame_size - std::min(frame_size, queue_->whole().bytes())))
        return false;
    while (!fits(frame_size, key)) {
        if (!queue_->keeps_whole()) return false;
        forget_dropped(queue_->drop_oldest(), loop_.counters().messages_dropped);
    }
    return true;
}

// --- From other threads ---

// Where the oldest makes room it does so on the loop: until then there may be twice as much.
ErrorCode Connection::reserve(std::size_t frame_size) noexcept {
    if (const auto code = check_open(); code != ErrorCode::ok) return code;
    frame_size += masking_size();
    const std::size_t bound = path_->limits.max_queued_bytes;
    if (frame_size > bound) return ErrorCode::too_big;
    if (!queued_bytes_.reserve_within(frame_size, bound) &&
        !(backpressure() == BackpressurePolicy::drop_oldest &&
          queued_bytes_.reserve_within(frame_size, 2 * bound))) {
        details_->is_full = true;
        loop_.counters().count_refused();
        return ErrorCode::backpressure;
    }
    const bool has_shared_room = queued_bytes() == frame_size || loop_.has_queue_room(frame_size);
    loop_.counters().bytes_queued.reserve(frame_size);
    if (has_shared_room) return ErrorCode::ok;
    details_->is_full = false;
    loop_.ask_for_queue_room(queued_bytes());
    give_back_counted(frame_size);
    return ErrorCode::backpressure;
}

void Connection::give_back_reserved(std::size_t frame_size) noexcept {
    give_back_counted(frame_size + masking_size());
}

void Connection::give_back_counted(std::size_t frame_size) noexcept {
    loop_.counters().count_refused();
    queued_bytes_.give_back(frame_size);
    loop_.counters().bytes_queued.give_back(frame_size);
}

// Not where the queues of others were in the way.
bool Connection::is_to_be_closed() noexcept {
    return details_->is_full && backpressure() == BackpressurePolicy::close &&
           !details_->overflowed.exchange(true);
}

void Connection::overflow() {
    if (state() == ConnectionState::open) condemn(CloseCause::slow_consumer);
}

// What other threads have reserved may be more than the bound, or more messages.
void Connection::keep_to_bound() {
    while (queue_->keeps_whole() && (!has_room(0) || is_crowded(0)))
        forget_dropped(queue_->drop_oldest(), loop_.counters().messages_dropped);
}

// --- Messages that wait whole ---

void Connection::keep_whole(const SharedMessage& message) {
    forget_dropped(queue_->keep_whole(message, message->frame().size() + masking_size()),
                   loop_.counters().messages_replaced);
}

void Connection::forget_dropped(const runtime::Dropped& dropped, Counter& counted) noexcept {
    if (dropped.messages == 0) return;
    counted.add(dropped.messages);
    forget_reserved(dropped.bytes);
    loop_.rank_queue(*this, *queue_);
    watch_queue();
}

// They become bytes as late as the kernel takes them.
void Connection::refill() {
    if (queue_->keeps_whole()) refill_to(refill_bytes);
}

void Connection::refill_to(std::size_t most) {
    forget_dropped(queue_->drop_late(loop_.now()), loop_.counters().messages_late);
    is_client_ ? refill_masked(most) : queue_->refill(most);
    if (queue_->empty()) release_queue();
}

// --- Watermarks ---

// Not told at once: the application may be in the middle of a send.
void Connection::watch_queue() {
    const auto& limits = path_->limits;
    if (limits.high_watermark == 0 || watermark_due_) return;
    const std::size_t queued = queued_bytes();
    if (above_watermark_ ? queued > limits.low_watermark : queued < limits.high_watermark) return;
    watermark_due_ = true;
    loop_.mark_watermark(id_);
}

// What has passed meanwhile, both ways, is not told.
void Connection::tell_watermark() {
    watermark_due_ = false;
    const auto& limits = path_->limits;
    const std::size_t queued = queued_bytes();
    if (state() != ConnectionState::open ||
        (above_watermark_ ? queued > limits.low_watermark : queued < limits.high_watermark))
        return;
    above_watermark_ = !above_watermark_;
    if (above_watermark_) loop_.counters().high_watermarks.add(1);
    if (!path_->observer.on_watermark(id_, above_watermark_, queued)) callback_failed();
}

}  // namespace wsecho::engine
