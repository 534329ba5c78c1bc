// The epoll calls, with errors as exceptions.
#include "net/epoll.h"

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "measure/clock.h"

namespace wsecho::loadgen {

Epoll::Epoll(std::size_t events_per_wait)
    : descriptor_(::epoll_create1(EPOLL_CLOEXEC)), events_(events_per_wait) {
    if (!descriptor_.is_open()) throw std::system_error(errno, std::generic_category(), "epoll");
}

void Epoll::add(int descriptor, std::uint64_t tag) {
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.u64 = tag;
    if (::epoll_ctl(descriptor_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

int Epoll::wait_once(std::chrono::nanoseconds at_most) {
    const auto size = static_cast<int>(events_.size());
    if (is_precise_) {
        timespec timeout{};
        timeout.tv_nsec = static_cast<decltype(timeout.tv_nsec)>(at_most.count());
        const int count =
            ::epoll_pwait2(descriptor_.get(), events_.data(), size, &timeout, nullptr);
        if (count >= 0 || errno != ENOSYS) return count;
        is_precise_ = false;
    }
    // Rounded up: a deadline half a millisecond away must not become a busy loop.
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(at_most).count();
    return ::epoll_wait(descriptor_.get(), events_.data(), size, static_cast<int>(milliseconds));
}

std::span<const epoll_event> Epoll::wait(std::chrono::nanoseconds at_most) {
    const Time start = Clock::now();
    const int count = wait_once(std::clamp<std::chrono::nanoseconds>(
        at_most, std::chrono::nanoseconds(0), std::chrono::milliseconds(999)));
    waited_ += Clock::now() - start;
    if (count < 0) {
        if (errno == EINTR) return {};
        throw std::system_error(errno, std::generic_category(), "epoll_wait");
    }
    return {events_.data(), static_cast<std::size_t>(count)};
}

}  // namespace wsecho::loadgen
