#include "engine/peer_log.h"

#include <algorithm>
#include <string>

namespace wsecho::engine {

using runtime::TimePoint;

namespace {

constexpr std::array<std::string_view, PeerLog::kinds> names{
    "connections dropped for want of file descriptors", "pauses of accepting",
    "pages refused for their Host"};

}  // namespace

void PeerLog::write(Kind kind, std::string_view text, TimePoint now) {
    const auto index = static_cast<std::size_t>(kind);
    tell_suppressed(index, now);
    if (limits_[index].admit(now)) observer_.log(LogLevel::warning, text);
}

void PeerLog::tell_suppressed(TimePoint now) {
    for (std::size_t kind = 0; kind < kinds; ++kind)
        tell_suppressed(kind, now);
}

void PeerLog::tell_suppressed(std::size_t kind, TimePoint now) {
    if (const auto count = limits_[kind].take_suppressed(now); count > 0)
        observer_.log(LogLevel::warning, std::to_string(count) + " more " +
                                             std::string{names[kind]} +
                                             " were not logged one by one");
}

TimePoint PeerLog::due() const noexcept {
    auto due = TimePoint::max();
    for (const runtime::LogLimit& limit : limits_)
        due = std::min(due, limit.due());
    return due;
}

}  // namespace wsecho::engine
