#include "waiting.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <system_error>

#include "lock.h"
#include "wsecho/wsecho.h"

namespace wsecho::python {

namespace py = pybind11;

namespace {

using Clock = std::chrono::steady_clock;

// A signal that comes right before the wait does not interrupt it: so none is long.
int poll_milliseconds(const std::optional<Clock::time_point>& end) {
    constexpr std::int64_t longest = 1000;
    if (!end) return longest;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*end - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, longest));
}

std::optional<Clock::time_point> end_of(std::optional<double> seconds) {
    constexpr double longest = 1e9;  // thirty years
    if (!seconds || *seconds > longest) return std::nullopt;
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(
                              std::chrono::duration<double>{std::max(*seconds, 0.0)});
}

Outcome outcome_of(int code) {
    return {code, code == WSECHO_OK ? std::string{} : wsecho_error_detail()};
}

// Signals are for threads that Python knows.
std::thread thread_without_signals(std::function<void()> work) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread thread{std::move(work)};
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        return thread;
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
}

}  // namespace

Flag::Flag() : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

Flag::~Flag() {
    ::close(descriptor_);
}

void Flag::raise() noexcept {
    eventfd_write(descriptor_, 1);
}

bool Flag::is_raised() const noexcept {
    pollfd wait{descriptor_, POLLIN, 0};
    return ::poll(&wait, 1, 0) > 0;
}

bool Flag::wait(std::optional<double> seconds) const {
    const auto end = end_of(seconds);
    for (;;) {
        int ready = 0;
        {
            const Unlocked unlocked;
            pollfd wait{descriptor_, POLLIN, 0};
            ready = ::poll(&wait, 1, poll_milliseconds(end));
        }
        if (PyErr_CheckSignals() != 0) throw py::error_already_set{};
        if (ready > 0) return true;
        if (end && Clock::now() >= *end) return false;
    }
}

void LongCalls::finish() {
    if (!left_.joinable()) return;
    std::thread thread = std::move(left_);
    if (process_ != process_number()) {
        thread.detach();  // it is in the process that was forked
        return;
    }
    const Unlocked unlocked;
    thread.join();
}

Outcome LongCalls::run(std::function<int()> call, const std::function<void()>& cut_short) {
    finish();
    if (!is_main_thread()) {
        const Unlocked unlocked;
        return outcome_of(call());
    }
    struct Shared {
        Flag is_over;
        Outcome outcome;
    };
    auto shared = std::make_shared<Shared>();
    std::thread thread = thread_without_signals([shared, call = std::move(call)] {
        shared->outcome = outcome_of(call());
        shared->is_over.raise();
    });
    try {
        shared->is_over.wait(std::nullopt);
    } catch (...) {
        if (cut_short) {
            const Unlocked unlocked;
            cut_short();
            thread.join();
        } else {
            left_ = std::move(thread);
        }
        throw;
    }
    thread.join();
    return shared->outcome;
}

}  // namespace wsecho::python
