// Lines for standard error.
#pragma once

#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <utility>

// A line that cannot be written, as on a full disk, or that there is no memory for, is dropped:
// fmt::print(stderr, ...) would throw, on whatever thread has something to say.
template <typename... Arguments>
void complain(fmt::format_string<Arguments...> format, Arguments&&... arguments) noexcept try {
    const std::string line =
        "wsecho-echo: " + fmt::format(format, std::forward<Arguments>(arguments)...) + "\n";
    std::fwrite(line.data(), 1, line.size(), stderr);
} catch (...) {
    static_cast<void>(format);
}
