// Writes and wipes the progress line.
#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace wsecho::loadgen {

Progress::Progress() : shown_(::isatty(STDERR_FILENO) != 0) {}

void Progress::show(std::string_view text, Time now) {
    if (!shown_) return;
    fmt::print(stderr, "\r{:<78}", text.substr(0, 78));
    std::fflush(stderr);
    on_screen_ = true;
    next_ = now + std::chrono::seconds(1);
}

void Progress::clear() {
    if (!on_screen_) return;
    fmt::print(stderr, "\r{:<78}\r", "");
    std::fflush(stderr);
    on_screen_ = false;
}

}  // namespace wsecho::loadgen
