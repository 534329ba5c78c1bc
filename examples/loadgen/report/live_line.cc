// Composes the line, and writes and wipes it.
#include "report/live_line.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "report/format.h"

namespace wsecho::loadgen {
namespace {

constexpr std::size_t bar_width = 20;

std::size_t terminal_width() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80U;
}

std::string bar(double share) {
    const auto full = static_cast<std::size_t>(
        std::lround(std::clamp(share, 0.0, 1.0) * static_cast<double>(bar_width)));
    return fmt::format("[{:#<{}}{:.<{}}]", "", full, "", bar_width - full);
}

std::string text_of(const Moment& moment, bool terminal) {
    std::string text = fmt::format("{} ", moment.phase);
    if (moment.sample == nullptr) {
        if (terminal && moment.asked > 0) text += bar(1.0 * moment.open / moment.asked) + " ";
        return text + fmt::format("{} of {} open, {:.0f} s", grouped(moment.open),
                                  grouped(moment.asked), moment.elapsed);
    }
    if (moment.length > 0) {
        if (terminal) text += bar(moment.elapsed / moment.length) + " ";
        text += fmt::format("{:.0f} s, {:.0f} s left", moment.elapsed,
                            std::max(0.0, moment.length - moment.elapsed));
    } else {
        text += fmt::format("{:.0f} s", moment.elapsed);
    }
    const Sample& sample = *moment.sample;
    text += fmt::format(" | {} open", grouped(sample.open));
    const std::uint64_t count = sample.messages + sample.handshakes;
    if (count > 0) {
        const double rate = static_cast<double>(count) / sample.seconds;
        text += fmt::format(" | {} {}/s | p50 {} p99 {}", grouped(static_cast<std::uint64_t>(rate)),
                            sample.messages > 0 ? "msg" : "handshakes", readable(sample.p50),
                            readable(sample.p99));
    }
    return text + fmt::format(" | {} errors", grouped(sample.errors));
}

}  // namespace

LiveLine::LiveLine(bool quiet) : shown_(!quiet), terminal_(::isatty(STDERR_FILENO) != 0) {}

void LiveLine::show(const Moment& moment) {
    if (!shown_) return;
    const Time now = Clock::now();
    if (moment.sample == nullptr && now < next_) return;
    // A pipe is told of each second; that connections are still opening is news each second too.
    next_ = now + (terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(1000));
    if (moment.sample == nullptr && !terminal_ && moment.elapsed < 1) return;
    write(text_of(moment, terminal_));
}

void LiveLine::write(std::string_view text) {
    if (terminal_) {
        const std::size_t width = terminal_width() - 1;
        fmt::print(stderr, "\r{:<{}.{}}", text, width, width);
        on_screen_ = true;
    } else {
        fmt::print(stderr, "{}\n", text);
    }
    std::fflush(stderr);
}

void LiveLine::clear() {
    if (!on_screen_) return;
    fmt::print(stderr, "\r{:<{}}\r", "", terminal_width() - 1);
    std::fflush(stderr);
    on_screen_ = false;
}

}  // namespace wsecho::loadgen
