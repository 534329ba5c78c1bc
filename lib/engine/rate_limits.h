// How much one connection may send in a second, as messages and as bytes, and what becomes of it if
// it sends more. Pure: the time is passed in.
#pragma once

#include <cstdint>

#include "engine/options.h"
#include "runtime/time.h"
#include "runtime/token_bucket.h"

namespace wsecho::engine {

// Of a path, shared by its connections. What passes at once is what a second brings.
struct RateLimits {
    explicit RateLimits(const RateOptions& options) noexcept
        : messages(options.messages, options.messages),
          bytes(options.bytes, options.bytes),
          policy(options.policy) {}

    [[nodiscard]] bool limit_anything() const noexcept {
        return messages.limited() || bytes.limited();
    }

    runtime::TokenRate messages;
    runtime::TokenRate bytes;
    RatePolicy policy;
};

// Of one connection. What has come has come: it is counted in any case, and what is too much is a
// debt that time pays.
class ConnectionRates {
  public:
    explicit ConnectionRates(const RateLimits& limits) noexcept
        : policy_(limits.policy), messages_(limits.messages), bytes_(limits.bytes) {}

    [[nodiscard]] RatePolicy policy() const noexcept { return policy_; }

    // Both tell how long it takes to pay what is owed; 0: nothing is.
    [[nodiscard]] runtime::Duration count_frame(runtime::TimePoint now) noexcept {
        messages_.take_always(1, now);
        return messages_.wait_for(0, now);
    }
    [[nodiscard]] runtime::Duration count_bytes(std::uint64_t count,
                                                runtime::TimePoint now) noexcept {
        bytes_.take_always(count, now);
        return bytes_.wait_for(0, now);
    }

  private:
    RatePolicy policy_;
    runtime::TokenBucket messages_;
    runtime::TokenBucket bytes_;
};

}  // namespace wsecho::engine
