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
    void add(const Histogram& other) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] Duration mean() const noexcept;
    [[nodiscard]] Duration standard_deviation() const noexcept;
    [[nodiscard]] Duration min() const noexcept { return Duration{count_ == 0 ? 0 : min_}; }
    [[nodiscard]] Duration max() const noexcept { return Duration{max_}; }

    // The smallest duration that at least `fraction` (0 to 1) of all are not above.
    // Zero when nothing was recorded.
    [[nodiscard]] Duration percentile(double fraction) const noexcept;

    struct Bucket {
        Duration lowest{0};
        Duration highest{0};
        std::uint64_t count = 0;
    };
    // Those that are not empty, from short to long. With `merged_bits`, two to that power of
    // neighbours within an octave come as one: ten bits leave one bucket for each octave.
    [[nodiscard]] std::vector<Bucket> buckets(unsigned merged_bits = 0) const;

  private:
    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::int64_t min_ = longest.count();
    std::int64_t max_ = 0;
};

}  // namespace wsecho::loadgen
