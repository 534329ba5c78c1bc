#include "lws/poll.h"

#include <new>
#include <span>

namespace wsecho::lws {

static_assert(EPOLLIN == POLLIN && EPOLLPRI == POLLPRI && EPOLLOUT == POLLOUT &&
              EPOLLERR == POLLERR && EPOLLHUP == POLLHUP);

Poll::Entry* Poll::entry_of(int descriptor) noexcept {
    const auto index = static_cast<std::size_t>(descriptor);
    if (index >= entries_.size() || entries_[index].place == nowhere) return nullptr;
    return &entries_[index];
}

bool Poll::add(int descriptor, std::uint32_t events, Subject subject) noexcept try {
    if (entry_of(descriptor) != nullptr) return false;
    const auto index = static_cast<std::size_t>(descriptor);
    if (index >= entries_.size()) entries_.resize(index + 1);
    watched_.push_back({descriptor, static_cast<short>(events), 0});
    entries_[index] = {subject.bits(), watched_.size() - 1};
    return true;
} catch (const std::bad_alloc&) {
    return false;
}

void Poll::change(int descriptor, std::uint32_t events, Subject subject) noexcept {
    Entry* const entry = entry_of(descriptor);
    if (entry == nullptr) return;
    entry->subject = subject.bits();
    watched_[entry->place].events = static_cast<short>(events);
}

// The last takes its place.
void Poll::remove(int descriptor) noexcept {
    Entry* const entry = entry_of(descriptor);
    if (entry == nullptr) return;
    watched_[entry->place] = watched_.back();
    entry_of(watched_.back().fd)->place = entry->place;
    entry->place = nowhere;
    watched_.pop_back();
}

// Where more are ready than there is room for, each has its turn: the next wait goes on behind the
// last that was told.
void Poll::wait(int milliseconds, ReadyEvents& ready) {
    int waiting = ::poll(watched_.data(), watched_.size(), milliseconds);
    std::size_t told = 0;
    for (std::size_t looked = 0; waiting > 0 && looked < watched_.size() && told < room_.size();
         ++looked, ++next_) {
        if (next_ >= watched_.size()) next_ = 0;
        const pollfd& each = watched_[next_];
        if (each.revents == 0) continue;
        --waiting;
        epoll_event& event = room_[told++];
        event.events = static_cast<std::uint16_t>(each.revents);
        event.data.u64 = entry_of(each.fd)->subject;
    }
    ready.on_ready(std::span{room_}.first(told));
}

}  // namespace wsecho::lws
