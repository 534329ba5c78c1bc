#include "lws/leftovers.h"

#include <sys/epoll.h>
#include <unistd.h>

namespace wsecho::lws {

namespace {

bool control(const Descriptor& epoll, int operation, int descriptor) noexcept {
    epoll_event no_events{};
    return ::epoll_ctl(epoll.get(), operation, descriptor, &no_events) == 0;
}

}  // namespace

Leftovers::Leftovers() noexcept : watch_(::epoll_create1(EPOLL_CLOEXEC)) {}

void Leftovers::add(int descriptor) {
    if (control(watch_, EPOLL_CTL_ADD, descriptor)) added_.push_back(descriptor);
}

void Leftovers::close() noexcept {
    for (const int descriptor : added_)
        if (control(watch_, EPOLL_CTL_MOD, descriptor)) ::close(descriptor);
    added_.clear();
}

}  // namespace wsecho::lws
