// Counts of durations, in buckets that grow with the value (as HDR histograms do):
// recording is a few instructions, and any percentile is within a thousandth of exact.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace wsecho::loadgen {

class Histogram {
  public:
    using Duration = std::chrono::nanoseconds;

    // Longer ones count as this long; a negative one counts as zero.
    static constexpr Duration longest{(std::int64_t{1} << 40) - 1};  // 18 minutes

    Histogram();

    void record(Duration duration) noexcept;
    void clear() noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] Duration mean() const noexcept;
    [[nodiscard]] Duration max() const noexcept { return Duration{max_}; }

    // The smallest duration that at least `fraction` (0 to 1) of all are not above.
    // Zero when nothing was recorded.
    [[nodiscard]] Duration percentile(double fraction) const noexcept;

  private:
    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::int64_t max_ = 0;
};

}  // namespace wsecho::loadgen
