#include "engine/drain.h"

#include <span>

#include "protocol/close_code.h"
#include "protocol/utf8.h"

namespace wsecho::engine {

namespace {

// RFC 6455, section 7.4.1; the registry at IANA has 1012, "Service Restart".
constexpr std::uint32_t nobody_is_told = 0;
constexpr std::uint32_t going_away = 1001;
constexpr std::uint32_t service_restart = 1012;

Status wrong(const char* why) {
    return {ErrorCode::invalid_option, why};
}

bool is_reason(const std::string& text) {
    return text.size() <= protocol::max_close_reason &&
           protocol::is_utf8({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

}  // namespace

Status check(const DrainOptions& options) {
    if (options.deadline.count() <= 0) return wrong("deadline_ms: must be at least 1");
    if (options.spread.count() < 0 || options.spread >= options.deadline)
        return wrong("spread_ms: must be less than deadline_ms");
    if (options.code != nobody_is_told && options.code != going_away &&
        options.code != service_restart)
        return wrong("code: must be 1001, 1012, or 0 to tell nobody");
    if (!is_reason(options.reason)) return wrong("reason: must be UTF-8 of at most 123 bytes");
    return {};
}

// The spread is divided first: 49 days times all the connections that there may be do not fit.
runtime::Duration told_after(std::size_t n, std::size_t count, runtime::Duration spread) noexcept {
    if (count == 0) return runtime::Duration{0};
    const auto whole = static_cast<runtime::Duration::rep>(count);
    const auto part = static_cast<runtime::Duration::rep>(n);
    return runtime::Duration{spread.count() / whole * part + spread.count() % whole * part / whole};
}

void DrainReport::count(DrainEnd end, std::uint64_t unsent) noexcept {
    switch (end) {
        case DrainEnd::answered:
            ++answered;
            return;
        case DrainEnd::left:
            ++left;
            return;
        case DrainEnd::broken:
            ++broken;
            return;
        case DrainEnd::forced:
            ++forced;
            bytes_unsent += unsent;
            return;
    }
}

DrainReport& DrainReport::operator+=(const DrainReport& other) noexcept {
    connections += other.connections;
    answered += other.answered;
    left += other.left;
    broken += other.broken;
    forced += other.forced;
    bytes_unsent += other.bytes_unsent;
    return *this;
}

}  // namespace wsecho::engine
