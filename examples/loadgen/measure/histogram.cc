// The buckets of Histogram: below 2048 ns one per nanosecond; above, 1024 per power of two,
// so that a bucket is at most 1/1024 of its value wide and its middle at most half that off.
#include "measure/histogram.h"

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

constexpr std::uint64_t lowest_of(std::uint64_t index) {
    if (index < 2 * per_octave) return index;
    const std::uint64_t shift = index / per_octave - 1;
    return (index - shift * per_octave) << shift;
}

constexpr std::uint64_t middle_of(std::uint64_t index) {
    return (lowest_of(index) + lowest_of(index + 1) - 1) / 2;
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
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
}

void Histogram::add(const Histogram& other) noexcept {
    if (other.count_ == 0) return;
    const std::uint64_t first = index_of(static_cast<std::uint64_t>(other.min_));
    const std::uint64_t last = index_of(static_cast<std::uint64_t>(other.max_));
    for (std::uint64_t index = first; index <= last; ++index)
        buckets_[index] += other.buckets_[index];
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
}

Histogram::Duration Histogram::mean() const noexcept {
    if (count_ == 0) return Duration::zero();
    return Duration{static_cast<std::int64_t>(sum_ / count_)};
}

Histogram::Duration Histogram::standard_deviation() const noexcept {
    if (count_ == 0) return Duration::zero();
    const auto average = static_cast<double>(sum_) / static_cast<double>(count_);
    double squares = 0;
    for (std::uint64_t index = 0; index < buckets_.size(); ++index) {
        if (buckets_[index] == 0) continue;
        const double distance = static_cast<double>(middle_of(index)) - average;
        squares += distance * distance * static_cast<double>(buckets_[index]);
    }
    return Duration{static_cast<std::int64_t>(std::sqrt(squares / static_cast<double>(count_)))};
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

std::vector<Histogram::Bucket> Histogram::buckets(unsigned merged_bits) const {
    const auto edge = [](std::uint64_t index) {
        return Duration{static_cast<std::int64_t>(lowest_of(index))};
    };
    const std::uint64_t step = std::uint64_t{1} << std::min(merged_bits, precision_bits);
    std::vector<Bucket> found;
    for (std::uint64_t index = 0; index < buckets_.size(); index += step) {
        const std::uint64_t end = std::min<std::uint64_t>(index + step, buckets_.size());
        Bucket bucket{edge(index), edge(end) - Duration{1}, 0};
        for (std::uint64_t each = index; each < end; ++each)
            bucket.count += buckets_[each];
        if (bucket.count > 0) found.push_back(bucket);
    }
    return found;
}

}  // namespace wsecho::loadgen
