#include "lws/libuv.h"

#include <memory_resource>
#include <new>
#include <span>
#include <utility>

#include "lws/event_loop.h"

namespace wsecho::lws {

namespace {

int as_uv(std::uint32_t events) noexcept {
    int result = 0;
    if ((events & EPOLLIN) != 0) result |= UV_READABLE;
    if ((events & EPOLLOUT) != 0) result |= UV_WRITABLE;
    return result;
}

// An error comes as a status: reading will tell which.
std::uint32_t as_epoll(int status, int events) noexcept {
    // As epoll tells it: who waits to write learns of it, too.
    if (status != 0) return EPOLLERR | EPOLLOUT;
    std::uint32_t result = 0;
    if ((events & UV_READABLE) != 0) result |= EPOLLIN;
    if ((events & UV_WRITABLE) != 0) result |= EPOLLOUT;
    return result;
}

}  // namespace

Libuv::Libuv() : watches_(*std::pmr::new_delete_resource()) {
    if (uv_loop_init(&loop_) != 0) throw EventLoopFailure{"libuv made no loop"};
    uv_timer_init(&loop_, &timer_);
}

Libuv::~Libuv() {
    for (std::size_t i = 0; i < by_descriptor_.size(); ++i)
        remove(static_cast<int>(i));
    uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
    uv_run(&loop_, UV_RUN_DEFAULT);
    uv_loop_close(&loop_);
}

Libuv::Watch* Libuv::watch_of(int descriptor) const noexcept {
    const auto index = static_cast<std::size_t>(descriptor);
    return index < by_descriptor_.size() ? by_descriptor_[index].get() : nullptr;
}

bool Libuv::add(int descriptor, std::uint32_t events, Subject subject) noexcept try {
    if (watch_of(descriptor) != nullptr) return false;
    const auto index = static_cast<std::size_t>(descriptor);
    if (index >= by_descriptor_.size()) by_descriptor_.resize(index + 1);
    auto watch = watches_.make();
    if (uv_poll_init(&loop_, &watch->poll, descriptor) != 0) return false;
    watch->self = this;
    watch->subject = subject.bits();
    by_descriptor_[index] = std::move(watch);
    start(*by_descriptor_[index], events);
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

void Libuv::start(Watch& watch, std::uint32_t events) {
    uv_poll_start(&watch.poll, as_uv(events), on_event);
}

void Libuv::change(int descriptor, std::uint32_t events, Subject subject) noexcept {
    Watch* const watch = watch_of(descriptor);
    if (watch == nullptr) return;
    watch->subject = subject.bits();
    start(*watch, events);
}

// The descriptor is free at once; libuv lets go of the memory at the end of its turn.
void Libuv::remove(int descriptor) noexcept {
    if (watch_of(descriptor) == nullptr) return;
    Watch* const watch = by_descriptor_[static_cast<std::size_t>(descriptor)].release();
    uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll), [](uv_handle_t* handle) {
        auto* const ended = reinterpret_cast<Watch*>(handle);  // the poll comes first in it
        const Watches::Holder holder{ended, {&ended->self->watches_}};
    });
}

void Libuv::on_event(uv_poll_t* poll, int status, int events) {
    Watch& watch = *reinterpret_cast<Watch*>(poll);
    // It stopped polling, as nobody might ever look (src/unix/poll.c, uv__poll_io()).
    if (status != 0) start(watch, EPOLLIN);
    watch.self->gather(watch, as_epoll(status, events));
}

// As long as it is told of 1,024, libuv asks again, up to 48 times (src/unix/linux-core.c,
// uv__io_poll()): so they are served from in here, and who is told of twice, once.
void Libuv::gather(Watch& watch, std::uint32_t events) {
    if (watch.batch == batch_) return;
    watch.batch = batch_;
    gathered_[count_].events = events;
    gathered_[count_].data.u64 = watch.subject;
    if (++count_ == gathered_.size()) tell();
}

void Libuv::tell() {
    ++batch_;
    ready_->on_ready(std::span{gathered_}.first(std::exchange(count_, 0)));
}

// A timer that ends it earlier is left as it is: waking twice costs less than setting it each time.
void Libuv::end_wait_within(int milliseconds) {
    const auto wanted = static_cast<std::uint64_t>(milliseconds);
    const auto* handle = reinterpret_cast<const uv_handle_t*>(&timer_);
    if (uv_is_active(handle) != 0 && uv_timer_get_due_in(&timer_) <= wanted) return;
    uv_update_time(&loop_);
    uv_timer_start(
        &timer_, [](uv_timer_t*) {}, wanted, 0);
}

void Libuv::wait(int milliseconds, ReadyEvents& ready) {
    ready_ = &ready;
    if (milliseconds > 0) end_wait_within(milliseconds);
    uv_run(&loop_, milliseconds == 0 ? UV_RUN_NOWAIT : UV_RUN_ONCE);
    tell();
    ready_ = nullptr;
}

}  // namespace wsecho::lws
