#include "runtime/token_bucket.h"

#include <algorithm>
#include <limits>

namespace wsecho::runtime {

namespace {

constexpr std::uint64_t nanoseconds_per_second = 1'000'000'000;
constexpr std::uint64_t forever = std::numeric_limits<std::int64_t>::max();
static_assert(TokenRate::max_per_second <=
              std::numeric_limits<std::uint64_t>::max() / nanoseconds_per_second);

// The distance between two points may need the 64th bit.
std::uint64_t distance(TimePoint from, TimePoint later) noexcept {
    return static_cast<std::uint64_t>(later.time_since_epoch().count()) -
           static_cast<std::uint64_t>(from.time_since_epoch().count());
}

}  // namespace

TokenRate::TokenRate(std::uint64_t per_second, std::uint64_t burst) noexcept
    : per_second_(std::min(per_second, max_per_second)) {
    if (limited()) burst_ = cost(std::max<std::uint64_t>(burst, 1));
}

TokenRate::ExactTime TokenRate::cost(std::uint64_t amount) const noexcept {
    const std::uint64_t seconds = amount / per_second_;
    if (seconds >= forever / nanoseconds_per_second) return {forever, 0};
    const std::uint64_t rest = amount % per_second_ * nanoseconds_per_second;
    return {seconds * nanoseconds_per_second + rest / per_second_, rest % per_second_};
}

TokenRate::ExactTime TokenRate::sum(ExactTime one, ExactTime other) const noexcept {
    ExactTime result{one.nanoseconds + other.nanoseconds, one.fraction + other.fraction};
    if (result.fraction >= per_second_) {
        result.fraction -= per_second_;
        ++result.nanoseconds;
    }
    if (result.nanoseconds >= forever) return {forever, 0};
    return result;
}

// How far the arrival lies ahead: what is missing in the bucket.
TokenBucket::ExactTime TokenBucket::backlog(TimePoint now) const noexcept {
    if (arrival_ < now) return {};
    return {std::min(distance(now, arrival_), forever), fraction_};
}

void TokenBucket::set_backlog(ExactTime backlog, TimePoint now) noexcept {
    const bool representable = backlog.nanoseconds <= distance(now, TimePoint::max());
    arrival_ = representable ? now + Duration{static_cast<Duration::rep>(backlog.nanoseconds)}
                             : TimePoint::max();
    fraction_ = backlog.fraction;
}

bool TokenBucket::take(std::uint64_t amount, TimePoint now) noexcept {
    if (rate_ == nullptr) return true;
    const ExactTime after = rate_->sum(backlog(now), rate_->cost(amount));
    if (after > rate_->burst_) return false;
    set_backlog(after, now);
    return true;
}

void TokenBucket::take_always(std::uint64_t amount, TimePoint now) noexcept {
    if (rate_ != nullptr) set_backlog(rate_->sum(backlog(now), rate_->cost(amount)), now);
}

Duration TokenBucket::wait_for(std::uint64_t amount, TimePoint now) const noexcept {
    if (rate_ == nullptr) return Duration{0};
    const ExactTime cost = rate_->cost(amount);
    const ExactTime& burst = rate_->burst_;
    if (cost > burst) return Duration::max();
    const ExactTime after = rate_->sum(backlog(now), cost);
    if (!(after > burst)) return Duration{0};
    // Rounded up: a fraction of a nanosecond is waited for whole.
    const std::uint64_t begun = after.fraction > burst.fraction ? 1 : 0;
    return Duration{static_cast<Duration::rep>(after.nanoseconds - burst.nanoseconds + begun)};
}

}  // namespace wsecho::runtime
