#include "process.h"

#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace wsecho::python {

void watch_forks() {
    const int error = pthread_atfork(nullptr, nullptr,
                                     [] { detail::forks.fetch_add(1, std::memory_order_relaxed); });
    if (error != 0) throw std::system_error{error, std::generic_category(), "pthread_atfork"};
}

bool is_main_thread() noexcept {
    return gettid() == getpid();
}

}  // namespace wsecho::python
