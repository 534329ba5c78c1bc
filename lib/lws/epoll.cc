#include "lws/epoll.h"

#include <algorithm>
#include <span>

#include "lws/event_loop.h"

namespace wsecho::lws {

namespace {

bool control(int epoll, int operation, int descriptor, std::uint32_t events,
             Subject subject) noexcept {
    epoll_event event{};
    event.events = events;
    event.data.u64 = subject.bits();
    return ::epoll_ctl(epoll, operation, descriptor, &event) == 0;
}

}  // namespace

Epoll::Epoll() : descriptor_(::epoll_create1(EPOLL_CLOEXEC)) {
    if (!descriptor_.valid()) throw EventLoopFailure{"no descriptor is left for epoll"};
}

bool Epoll::add(int descriptor, std::uint32_t events, Subject subject) noexcept {
    return control(descriptor_.get(), EPOLL_CTL_ADD, descriptor, events, subject);
}

void Epoll::change(int descriptor, std::uint32_t events, Subject subject) noexcept {
    control(descriptor_.get(), EPOLL_CTL_MOD, descriptor, events, subject);
}

void Epoll::remove(int descriptor) noexcept {
    control(descriptor_.get(), EPOLL_CTL_DEL, descriptor, 0, Subject{std::uint64_t{0}});
}

void Epoll::wait(int milliseconds, ReadyEvents& ready) {
    const int count =
        ::epoll_wait(descriptor_.get(), room_.data(), static_cast<int>(room_.size()), milliseconds);
    const auto told = static_cast<std::size_t>(std::max(count, 0));  // -1: a signal came
    ready.on_ready(std::span{room_}.first(told));
}

}  // namespace wsecho::lws
