// Which process this is: fork() copies a server's memory, but not its threads.
#pragma once

#include <atomic>
#include <cstdint>

namespace wsecho::python {

namespace detail {
inline std::atomic<std::uint32_t> forks{0};
}

// One more in each generation of children.
inline std::uint32_t process_number() noexcept {
    return detail::forks.load(std::memory_order_relaxed);
}

void watch_forks();  // once
bool is_main_thread() noexcept;

}  // namespace wsecho::python
