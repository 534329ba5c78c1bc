// How much may pass: a token bucket, filled at a rate up to a burst. Pure: the time is passed in.
//
// The Generic Cell Rate Algorithm, as virtual scheduling (ATM Forum, Traffic Management
// Specification 4.0, af-tm-0056; ITU-T I.371): instead of a level, which would have to be filled,
// it keeps the theoretical arrival time, at which the bucket is full again. An amount costs
// amount / rate of time, and
//     conforms, if max(arrival, now) + amount / rate <= now + burst / rate,
// the left side being the new arrival time.
#pragma once

#include <cstdint>

#include "runtime/time.h"

namespace wsecho::runtime {

// The limit, which many buckets share; it outlives them and stays the same meanwhile.
class TokenRate {
  public:
    // A higher rate counts as this one: a product with the nanoseconds of a second fits 64 bits.
    static constexpr std::uint64_t max_per_second = 10'000'000'000;

    TokenRate() noexcept = default;  // no limit
    // Units per second; 0: no limit. A burst is of one unit at least: of none, nothing would pass.
    TokenRate(std::uint64_t per_second, std::uint64_t burst) noexcept;

    [[nodiscard]] bool limited() const noexcept { return per_second_ != 0; }

  private:
    friend class TokenBucket;

    // Nanoseconds, and a fraction of one in parts of the rate: whatever the rate, nothing is
    // rounded, so that nothing drifts. Saturates at three centuries.
    struct ExactTime {
        std::uint64_t nanoseconds = 0;
        std::uint64_t fraction = 0;  // less than the rate
        friend bool operator>(const ExactTime& one, const ExactTime& other) noexcept {
            return one.nanoseconds != other.nanoseconds ? one.nanoseconds > other.nanoseconds
                                                        : one.fraction > other.fraction;
        }
    };

    [[nodiscard]] ExactTime cost(std::uint64_t amount) const noexcept;
    [[nodiscard]] ExactTime sum(ExactTime one, ExactTime other) const noexcept;

    std::uint64_t per_second_ = 0;
    ExactTime burst_;  // what a full bucket holds, as time
};

class TokenBucket {
  public:
    TokenBucket() noexcept = default;  // no limit
    // Full.
    explicit TokenBucket(const TokenRate& rate) noexcept
        : rate_(rate.limited() ? &rate : nullptr) {}
    explicit TokenBucket(TokenRate&&) = delete;  // it would not outlive the bucket

    // Whole or not at all. More than the burst never passes.
    [[nodiscard]] bool take(std::uint64_t amount, TimePoint now) noexcept;
    // Until take() lets that amount pass; 0: now; Duration::max(): never.
    [[nodiscard]] Duration wait_for(std::uint64_t amount, TimePoint now) const noexcept;

    // For what has passed already, as bytes that were read: the bucket may fall below empty.
    void take_always(std::uint64_t amount, TimePoint now) noexcept;
    // Until a whole unit is there again.
    [[nodiscard]] Duration until_positive(TimePoint now) const noexcept { return wait_for(1, now); }

  private:
    using ExactTime = TokenRate::ExactTime;

    [[nodiscard]] ExactTime backlog(TimePoint now) const noexcept;
    void set_backlog(ExactTime backlog, TimePoint now) noexcept;

    const TokenRate* rate_ = nullptr;
    TimePoint arrival_ = TimePoint::min();
    std::uint64_t fraction_ = 0;  // of a nanosecond, behind the arrival
};

}  // namespace wsecho::runtime
