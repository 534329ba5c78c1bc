// The event loop on libuv: libwebsockets 4.1 and later, by its plug-in for libuv.
#include <uv.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "lws/context.h"
#include "lws/event_loop.h"

namespace wsecho::lws {

namespace {

template <class Handle>
uv_handle_t* as_handle(Handle& handle) {
    return reinterpret_cast<uv_handle_t*>(&handle);
}

class UvLoop final : public EventLoop {
  public:
    explicit UvLoop(LoopEvents& events);
    UvLoop(const UvLoop&) = delete;
    UvLoop& operator=(const UvLoop&) = delete;
    ~UvLoop() override;

    void run() override { uv_run(&loop_, UV_RUN_DEFAULT); }
    void stop() override { uv_stop(&loop_); }
    void wake() override { uv_async_send(&wake_); }

    void arm_timer(runtime::TimePoint due) override;
    [[nodiscard]] runtime::TimePoint now() const override {
        return runtime::TimePoint{std::chrono::milliseconds{uv_now(&loop_)}};
    }

    void watch_listener(int descriptor) override;
    void pause_listeners() override;
    void resume_listeners() override;
    void unwatch_listeners() override;
    [[nodiscard]] bool adopt(int descriptor, SocketEvents& owner) override {
        return context_->adopt(descriptor, owner);
    }

  private:
    struct Listener {
        uv_poll_t poll;
        int descriptor;
    };

    template <class Handle>
    static UvLoop& self(Handle* handle) {
        return *static_cast<UvLoop*>(handle->data);
    }
    void start_hooks();
    void note_own_descriptors();
    void close_hooks();

    LoopEvents& events_;
    uv_loop_t loop_{};
    uv_async_t wake_{};
    uv_timer_t timer_{};
    uv_prepare_t before_wait_{};
    uv_check_t after_wait_{};
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::optional<Context> context_;
};

UvLoop::UvLoop(LoopEvents& events) : events_(events) {
    if (uv_loop_init(&loop_) != 0) throw EventLoopFailure{"libuv made no loop"};
    start_hooks();
    try {
        context_.emplace(&loop_, [this] { uv_run(&loop_, UV_RUN_DEFAULT); });
    } catch (const EventLoopFailure&) {
        close_hooks();
        throw;
    }
    note_own_descriptors();
}

// At first libuv polls for libwebsockets alone.
void UvLoop::note_own_descriptors() {
    const auto note = [](uv_handle_t* handle, void* context) {
        uv_os_fd_t descriptor = -1;
        if (uv_handle_get_type(handle) == UV_POLL && uv_fileno(handle, &descriptor) == 0)
            static_cast<Context*>(context)->note_own(descriptor);
    };
    uv_walk(&loop_, note, &*context_);
}

UvLoop::~UvLoop() {
    close_hooks();
    context_.reset();
    uv_loop_close(&loop_);
}

void UvLoop::start_hooks() {
    uv_async_init(&loop_, &wake_, [](uv_async_t* handle) { self(handle).events_.on_wake(); });
    uv_timer_init(&loop_, &timer_);
    // A pass ends after the wait's events, and again after timers, which libuv runs before it.
    uv_prepare_init(&loop_, &before_wait_);
    uv_prepare_start(&before_wait_,
                     [](uv_prepare_t* handle) { self(handle).events_.on_pass_end(); });
    uv_check_init(&loop_, &after_wait_);
    uv_check_start(&after_wait_, [](uv_check_t* handle) {
        if (auto& context = self(handle).context_) context->serve_writable();
        self(handle).events_.on_pass_end();
    });
    wake_.data = timer_.data = before_wait_.data = after_wait_.data = this;
}

void UvLoop::close_hooks() {
    unwatch_listeners();
    for (uv_handle_t* handle :
         {as_handle(wake_), as_handle(timer_), as_handle(before_wait_), as_handle(after_wait_)})
        uv_close(handle, nullptr);
    if (!context_) {
        uv_run(&loop_, UV_RUN_DEFAULT);
        uv_loop_close(&loop_);
    }
}

void UvLoop::arm_timer(runtime::TimePoint due) {
    using std::chrono::milliseconds;
    // Rounded up: waking early would only mean waking twice.
    const auto delay = std::chrono::ceil<milliseconds>(due - now());
    const auto wait = static_cast<std::uint64_t>(std::max<milliseconds::rep>(0, delay.count()));
    uv_timer_start(
        &timer_, [](uv_timer_t* handle) { self(handle).events_.on_timer(); }, wait, 0);
}

void UvLoop::watch_listener(int descriptor) {
    auto listener = std::make_unique<Listener>();
    listener->descriptor = descriptor;
    uv_poll_init(&loop_, &listener->poll, descriptor);
    listener->poll.data = this;
    listeners_.push_back(std::move(listener));
    resume_listeners();
}

void UvLoop::resume_listeners() {
    const auto on_readable = [](uv_poll_t* handle, int status, int /*events*/) {
        if (status == 0)
            self(handle).events_.on_acceptable(
                reinterpret_cast<Listener*>(handle)->descriptor);  // the poll comes first in it
    };
    for (auto& listener : listeners_)
        uv_poll_start(&listener->poll, UV_READABLE, on_readable);
}

void UvLoop::pause_listeners() {
    for (auto& listener : listeners_)
        uv_poll_stop(&listener->poll);
}

// libuv lets go of a handle one turn later: its memory goes with it.
void UvLoop::unwatch_listeners() {
    for (auto& listener : listeners_) {
        uv_poll_stop(&listener->poll);
        uv_close(as_handle(listener.release()->poll), [](uv_handle_t* handle) {
            const std::unique_ptr<Listener> ended{reinterpret_cast<Listener*>(handle)};
        });
    }
    listeners_.clear();
}

}  // namespace

std::unique_ptr<EventLoop> make_uv_loop(LoopEvents& events) {
    return std::make_unique<UvLoop>(events);
}

}  // namespace wsecho::lws
