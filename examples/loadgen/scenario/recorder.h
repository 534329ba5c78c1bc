// Puts the threads' seconds together: a series for the report, totals, and the live line.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "scenario/results.h"
#include "scenario/server_sampler.h"
#include "scenario/worker.h"

namespace wsecho::loadgen {

class Recorder {
  public:
    // `on_sample` is told of each second when all threads have counted it.
    using OnSample = std::function<void(const Sample& sample)>;
    Recorder(const std::vector<std::unique_ptr<Worker>>& workers,
             const std::optional<ServerSampler>& server, OnSample on_sample);

    // The load begins: times in the series count from here.
    void start(Time now);
    // Collects what has been counted since.
    void collect(Time now);
    // A phase is over: nothing more will come of its seconds.
    void end_phase(Time now);
    // Forgets the totals, not the series: a new measurement begins.
    void reset_totals() { total_ = {}; }

    // Of the measured phase; latencies of the drain are in it too.
    [[nodiscard]] const Tally& total() const noexcept { return total_; }
    [[nodiscard]] std::vector<Sample>& series() noexcept { return series_; }
    [[nodiscard]] std::uint64_t resident_bytes_max() const noexcept { return resident_max_; }

  private:
    // A second that some threads have counted already.
    struct Partial {
        std::size_t threads = 0;
        Interval sum;
    };
    struct Usage {
        Time time;
        std::chrono::nanoseconds own_cpu{0};
        std::optional<std::chrono::nanoseconds> server_cpu;
        std::optional<ContextSwitches> switches;
    };

    [[nodiscard]] Usage usage(Time now) const;
    void finish(const Interval& sum, Time now);

    const std::vector<std::unique_ptr<Worker>>& workers_;
    const std::optional<ServerSampler>& server_;
    OnSample on_sample_;
    Time start_;
    std::vector<Partial> partials_;       // of this phase that are not finished
    std::vector<std::size_t> collected_;  // by thread: how many of partials_ it has counted
    Usage last_;
    Tally total_;
    std::vector<Sample> series_;
    std::uint64_t resident_max_ = 0;
};

}  // namespace wsecho::loadgen
