// The buckets of Histogram: below 2048 ns one per nanosecond; above, 1024 per power of two,
// so that a bucket is at most 1/1024 of its value wide and its middle at most half that off.
#include "histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace wsecho::loadgen {
namespace {

constexpr unsigned precision_bits = 10;
constexpr std::uint64_t per_octave = std::uint64_t{1} << precision_bits;

// How many low bits the bucket of `value` ignores.
constexpr unsigned shift_of(std::uint64_t value) {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    return width > precision_bits + 1 ? width - (precision_bits + 1) : 0;
}

constexpr std::uint64_t index_of(std::uint64_t value) {
    const unsigned shift = shift_of(value);
    return shift * per_octave + (value >> shift);
}

constexpr std::uint64_t middle_of(std::uint64_t index) {
    if (index < 2 * per_octave) return index;
    const std::uint64_t shift = index / per_octave - 1;
    const std::uint64_t lowest = (index - shift * per_octave) << shift;
    return lowest + ((std::uint64_t{1} << shift) - 1) / 2;
}

constexpr auto highest = static_cast<std::uint64_t>(Histogram::longest.count());
static_assert(middle_of(index_of(2047)) == 2047 && index_of(2048) == 2048);

}  // namespace

Histogram::Histogram() : buckets_(index_of(highest) + 1) {}

void Histogram::record(Duration duration) noexcept {
    const std::int64_t value = std::clamp<std::int64_t>(duration.count(), 0, longest.count());
    ++buckets_[index_of(static_cast<std::uint64_t>(value))];
    ++count_;
    sum_ += static_cast<std::uint64_t>(value);
    max_ = std::max(max_, value);
}

void Histogram::clear() noexcept {
    std::fill(buckets_.begin(), buckets_.end(), 0);
    count_ = 0;
    sum_ = 0;
    max_ = 0;
}

Histogram::Duration Histogram::mean() const noexcept {
    if (count_ == 0) return Duration::zero();
    return Duration{static_cast<std::int64_t>(sum_ / count_)};
}

Histogram::Duration Histogram::percentile(double fraction) const noexcept {
    if (count_ == 0) return Duration::zero();
    const double wanted = std::ceil(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(count_));
    const auto rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
    if (rank == count_) return max();
    std::uint64_t seen = 0;
    for (std::uint64_t index = 0; index < buckets_.size(); ++index) {
        seen += buckets_[index];
        if (seen >= rank) {
            return std::min(Duration{static_cast<std::int64_t>(middle_of(index))}, max());
        }
    }
    return max();
}

}  // namespace wsecho::loadgen
