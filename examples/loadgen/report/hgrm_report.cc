// The percentile distribution in the text form of HdrHistogram, which its plotter reads: values
// in milliseconds, more percentiles the nearer to 100 %.
#include <fmt/format.h>

#include <cmath>

#include "report/format.h"
#include "report/reports.h"

namespace wsecho::loadgen {
namespace {

// Lines for each halving of the distance to 100 %, as HdrHistogram's tools print by default.
constexpr double ticks_per_half_distance = 5;

}  // namespace

std::string hgrm_report(const Histogram& latency) {
    std::string text = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                   "TotalCount", "1/(1-Percentile)");
    const auto total = static_cast<double>(latency.count());
    double fraction = 0;
    while (latency.count() > 0) {
        const auto below = static_cast<std::uint64_t>(std::ceil(fraction * total));
        text += fmt::format("{:12.3f} {:2.12f} {:10} {:14.2f}\n",
                            milliseconds(latency.percentile(fraction)), fraction, below,
                            1 / (1 - fraction));
        if ((1 - fraction) * total < 1) break;
        const double halvings = std::floor(std::log2(1 / (1 - fraction))) + 1;
        fraction += 1 / (ticks_per_half_distance * std::exp2(halvings));
    }
    text +=
        fmt::format("{:12.3f} {:2.12f} {:10}\n", milliseconds(latency.max()), 1.0, latency.count());
    text += fmt::format("#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n",
                        milliseconds(latency.mean()), milliseconds(latency.standard_deviation()));
    text += fmt::format("#[Max     = {:12.3f}, Total count    = {:12}]\n",
                        milliseconds(latency.max()), latency.count());
    const std::size_t buckets = latency.buckets().size();
    text += fmt::format("#[Buckets = {:12}, SubBuckets     = {:12}]\n", buckets, 1024);
    return text;
}

}  // namespace wsecho::loadgen
