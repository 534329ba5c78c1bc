// A message costs its read and its write, and nothing else but its share of a wait. libwebsockets
// keeps and closes the descriptors; it is not asked for each message, since all that it would do
// then is to call back.
#include "lws/own_loop.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "lws/context.h"
#include "lws/foreign_wait.h"
#include "lws/leftovers.h"
#include "lws/listener.h"
#include "runtime/turn_queue.h"

namespace wsecho::lws {

namespace {

using runtime::TimePoint;
using Served = Context::Served;

// How long a pass serves those who had a turn before and have more, and as long newcomers: then
// others, who may have waited meanwhile, are looked for.
constexpr auto further_turns_per_pass = std::chrono::milliseconds{1};
// What whoever is ready is read of at once: enough for most messages, and little enough that many
// who send more keep nobody waiting.
constexpr std::size_t light_read_bytes = std::size_t{64} << 10U;
// How many connections ahead memory is fetched: it takes about as long as serving this many.
constexpr std::size_t prefetch_distance = 2;

// Behind a read that does not fill the buffer there is yet the end of the stream, or what came
// behind an urgent byte, at which recv() stops.
constexpr std::uint32_t more_behind = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI;

class OwnLoop final : public EventLoop, private ForeignWait, private ReadyEvents {
  public:
    OwnLoop(std::unique_ptr<Waiter> waiter, Trigger trigger, LoopEvents& events);
    OwnLoop(const OwnLoop&) = delete;
    OwnLoop& operator=(const OwnLoop&) = delete;
    ~OwnLoop() override;

    void run() override;
    void stop() override { stopped_ = true; }
    void wake() override { ::eventfd_write(wake_up_.get(), 1); }

    void arm_timer(TimePoint due) override { armed_ = due; }
    [[nodiscard]] TimePoint now() const override { return now_; }

    void watch_listener(int descriptor) override;
    void pause_listeners() override;
    void resume_listeners() override;
    void unwatch_listeners() override;
    void limit_reads(std::size_t bytes) override {
        read_limit_ = std::min(bytes, Context::read_buffer_bytes);
    }
    [[nodiscard]] bool adopt(int descriptor, SocketEvents& owner) override {
        return context_->adopt(descriptor, owner);
    }

  private:
    using Turns = runtime::TurnQueue<SocketEvents>;

    // Of libwebsockets' own, of which there are few.
    struct LibraryDescriptor {
        int descriptor;
        std::uint32_t events;
    };

    [[nodiscard]] static std::size_t number_of(const SocketEvents& owner) noexcept {
        return static_cast<std::size_t>(owner.socket().descriptor());
    }
    [[nodiscard]] bool is_edge_triggered() const noexcept { return trigger_ == Trigger::edge; }
    [[nodiscard]] int wait_milliseconds();
    void on_ready(std::span<const epoll_event> batch) override;
    void serve_batch(std::span<const epoll_event> batch);
    void serve_own(Subject subject, std::uint32_t events);
    void serve(SocketEvents& owner, std::uint32_t events);
    bool write(SocketEvents& owner);
    void read(SocketEvents& owner, std::size_t most);
    void leave_unread(SocketEvents& owner, std::uint32_t events);
    void serve_turns(Turns& turns);
    [[nodiscard]] bool has_turns() const noexcept { return !newcomers_.empty() || !turns_.empty(); }
    [[nodiscard]] std::uint32_t interest_in(SocketEvents& owner) const noexcept;

    [[nodiscard]] bool watch(SocketEvents& owner) override;
    void unwatch(SocketEvents& owner) override;
    void watch_writable(SocketEvents& owner) override;
    void watch_reading(SocketEvents& owner) override;
    void watch_again(SocketEvents& owner) override;
    void queue_turn(SocketEvents& owner) override;
    void watch_own(int descriptor, short events, bool watched) override;

    const Trigger trigger_;
    LoopEvents& events_;
    const std::unique_ptr<Waiter> waiter_;
    Descriptor wake_up_;
    std::vector<int> listeners_;
    std::vector<LibraryDescriptor> library_;
    TimePoint now_;
    std::optional<TimePoint> armed_;
    bool stopped_ = false;
    // A socket is in one of them at the most.
    Turns newcomers_;
    Turns turns_;
    std::size_t read_limit_ = Context::read_buffer_bytes;
    std::optional<Context> context_;  // its end closes sockets, which uses the others
};

OwnLoop::OwnLoop(std::unique_ptr<Waiter> waiter, Trigger trigger, LoopEvents& events)
    : trigger_(trigger),
      events_(events),
      waiter_(std::move(waiter)),
      wake_up_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      now_(std::chrono::steady_clock::now()) {
    const Subject subject{Subject::Kind::wake_up, wake_up_.get()};
    if (!wake_up_.valid() || !waiter_->add(wake_up_.get(), EPOLLIN, subject))
        throw EventLoopFailure{"no descriptor is left for the event loop"};
    context_.emplace(static_cast<ForeignWait&>(*this));
}

// 4.3 to 5.0 forget to close the descriptor by which lws_cancel_service() wakes them
// (lib/core-net/close.c, __lws_close_free_wsi_final(), leaves it to lws_pt_destroy(), but with its
// number already struck out).
OwnLoop::~OwnLoop() {
    Leftovers leftovers;
    for (const LibraryDescriptor& own : library_)
        leftovers.add(own.descriptor);
    context_.reset();
    leftovers.close();
}

void OwnLoop::run() {
    while (!stopped_)
        waiter_->wait(wait_milliseconds(), *this);
}

// A pass, of which there may be several in a wait.
void OwnLoop::on_ready(std::span<const epoll_event> batch) {
    if (stopped_) return;
    now_ = std::chrono::steady_clock::now();
    serve_batch(batch);
    serve_turns(newcomers_);
    serve_turns(turns_);
    if (armed_ && *armed_ <= now_) {
        armed_.reset();
        events_.on_timer();
    }
    events_.on_pass_end();
}

int OwnLoop::wait_milliseconds() {
    using std::chrono::milliseconds;
    constexpr int longest = std::numeric_limits<int>::max();
    if (has_turns()) return 0;
    if (!armed_) return context_->shortest_wait_milliseconds(longest);
    // Rounded up: waking early would only mean waking twice.
    const auto wait = std::chrono::ceil<milliseconds>(*armed_ - std::chrono::steady_clock::now());
    const auto bounded = std::clamp<milliseconds::rep>(wait.count(), 0, longest);
    return context_->shortest_wait_milliseconds(static_cast<int>(bounded));
}

void OwnLoop::serve_batch(std::span<const epoll_event> batch) {
    for (std::size_t i = 0; i < batch.size(); ++i) {
        if (i + prefetch_distance < batch.size()) {
            const Subject next{batch[i + prefetch_distance].data.u64};
            if (next.is_connection()) next.owner().prefetch();
        }
        const Subject subject{batch[i].data.u64};
        if (subject.is_connection())
            serve(subject.owner(), batch[i].events);
        else
            serve_own(subject, batch[i].events);
    }
}

void OwnLoop::serve_own(Subject subject, std::uint32_t events) {
    switch (subject.kind()) {
        case Subject::Kind::wake_up: {
            eventfd_t count = 0;
            ::eventfd_read(subject.descriptor(), &count);
            return events_.on_wake();
        }
        case Subject::Kind::listener:
            return events_.on_acceptable(subject.descriptor());
        case Subject::Kind::library:
            return context_->serve_own(subject.descriptor(),
                                       static_cast<short>(events & (POLLIN | POLLOUT | POLLHUP)));
    }
}

void OwnLoop::serve(SocketEvents& owner, std::uint32_t events) {
    if ((events & EPOLLOUT) != 0 && owner.socket().wants_writable() && !write(owner)) return;
    if ((events & more_behind) != 0) owner.socket().set_more_behind();
    if ((events & (EPOLLIN | more_behind)) == 0) return;
    if (owner.socket().is_reading_paused()) return leave_unread(owner, events);
    if (owner.socket().pace() != Socket::Pace::quick) return queue_turn(owner);
    read(owner, std::min(light_read_bytes, read_limit_));
}

// A broken connection is told of whatever is asked for, and level-triggered again and again. What
// came before its end is not read yet: the end has to wait, too.
void OwnLoop::leave_unread(SocketEvents& owner, std::uint32_t events) {
    if ((events & (EPOLLHUP | EPOLLERR)) == 0) return;  // it is told anew at the resuming
    waiter_->remove(owner.socket().descriptor());
    owner.socket().set_unwatched();
}

// False: the socket is closed, and its owner gone.
bool OwnLoop::write(SocketEvents& owner) {
    if (Context::write(owner) == Served::close) {
        owner.socket().close();
        return false;
    }
    if (!owner.socket().wants_writable())
        waiter_->change(owner.socket().descriptor(), interest_in(owner), Subject{owner});
    return true;
}

// A read that does not fill the buffer has emptied the socket, but for what is behind it, of which
// only an edge-triggered wait does not tell again.
void OwnLoop::read(SocketEvents& owner, std::size_t most) {
    const Served served =
        owner.socket().keeps_bytes() ? Context::go_on(owner) : context_->read(owner, most);
    if (served == Served::close) return owner.socket().close();
    if (served == Served::nothing) return;
    const bool may_miss_more = is_edge_triggered() && owner.socket().has_more_behind();
    if (served == Served::more || may_miss_more) queue_turn(owner);
}

// Those who come with a request do not stand behind those who are known to take long.
void OwnLoop::queue_turn(SocketEvents& owner) {
    const std::size_t number = number_of(owner);
    if (newcomers_.has(number)) return;
    const bool is_new = owner.socket().pace() == Socket::Pace::unknown;
    (is_new ? newcomers_ : turns_).push(number, owner);
}

// Turns of those who had one and have more to be dealt with, or are not known to be quick. One has
// its further turns behind those of all others, and all of them wait for whoever is found ready in
// between: so those who send without end take of the loop's time what nobody else wants. The next
// pass does not wait while any is left.
void OwnLoop::serve_turns(Turns& turns) {
    if (turns.empty()) return;
    const auto end = std::chrono::steady_clock::now() + further_turns_per_pass;
    do {
        SocketEvents& owner = turns.take();
        if (!owner.socket().is_reading_paused()) read(owner, read_limit_);
    } while (!turns.empty() && std::chrono::steady_clock::now() < end);
}

// Only who is blocked is watched for writing: a Unix socket tells of each read of its peer.
std::uint32_t OwnLoop::interest_in(SocketEvents& owner) const noexcept {
    std::uint32_t events = is_edge_triggered() ? EPOLLET : 0U;
    if (!owner.socket().is_reading_paused()) {
        events |= EPOLLIN;
        if (is_edge_triggered()) events |= EPOLLRDHUP | EPOLLPRI;
    }
    if (owner.socket().wants_writable()) events |= EPOLLOUT;
    return events;
}

bool OwnLoop::watch(SocketEvents& owner) {
    return waiter_->add(owner.socket().descriptor(), interest_in(owner), Subject{owner});
}

// Before the descriptor is closed: a copy of it in another process would keep it watched.
void OwnLoop::unwatch(SocketEvents& owner) {
    waiter_->remove(owner.socket().descriptor());
    newcomers_.remove(number_of(owner));
    turns_.remove(number_of(owner));
}

// A change of interest tells anew what is ready already: no edge is lost.
void OwnLoop::watch_writable(SocketEvents& owner) {
    waiter_->change(owner.socket().descriptor(), interest_in(owner), Subject{owner});
}

void OwnLoop::watch_reading(SocketEvents& owner) {
    waiter_->change(owner.socket().descriptor(), interest_in(owner), Subject{owner});
}

// Without the memory for it, one read finds the end: it is there.
void OwnLoop::watch_again(SocketEvents& owner) {
    if (!watch(owner)) queue_turn(owner);
}

void OwnLoop::watch_own(int descriptor, short events, bool watched) {
    const auto changed = static_cast<std::uint32_t>(events);
    const Subject subject{Subject::Kind::library, descriptor};
    const auto found =
        std::find_if(library_.begin(), library_.end(),
                     [=](const LibraryDescriptor& each) { return each.descriptor == descriptor; });
    if (found == library_.end()) {
        if (watched && waiter_->add(descriptor, changed, subject))
            library_.push_back({descriptor, changed});
        return;
    }
    found->events = watched ? found->events | changed : found->events & ~changed;
    if (found->events != 0) {
        waiter_->change(descriptor, found->events, subject);
    } else {
        waiter_->remove(descriptor);
        library_.erase(found);
    }
}

void OwnLoop::watch_listener(int descriptor) {
    listeners_.push_back(descriptor);
    resume_listeners();
}

void OwnLoop::resume_listeners() {
    for (const int descriptor : listeners_)  // refused where it is watched already
        static_cast<void>(
            waiter_->add(descriptor, EPOLLIN, Subject{Subject::Kind::listener, descriptor}));
}

void OwnLoop::pause_listeners() {
    for (const int descriptor : listeners_)
        waiter_->remove(descriptor);
}

void OwnLoop::unwatch_listeners() {
    pause_listeners();
    listeners_.clear();
}

}  // namespace

std::unique_ptr<EventLoop> make_own_loop(std::unique_ptr<Waiter> waiter, Trigger trigger,
                                         LoopEvents& events) {
    return std::make_unique<OwnLoop>(std::move(waiter), trigger, events);
}

}  // namespace wsecho::lws
