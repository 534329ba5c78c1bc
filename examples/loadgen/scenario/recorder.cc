// From intervals of threads to seconds of the run.
#include "scenario/recorder.h"

#include <algorithm>
#include <utility>

namespace wsecho::loadgen {
namespace {

// What is left of a phase may be too short to say what was used in it, or to be shown.
constexpr double min_telling = 0.2;

const Histogram& latency_of(const Tally& tally) {
    return tally.latency.count() > 0 ? tally.latency : tally.handshakes;
}

}  // namespace

Recorder::Recorder(const std::vector<std::unique_ptr<Worker>>& workers,
                   const std::optional<ServerSampler>& server, OnSample on_sample)
    : workers_(workers), server_(server), on_sample_(std::move(on_sample)) {}

Recorder::Usage Recorder::usage(Time now) const {
    Usage usage{now, own_cpu_time(), std::nullopt, std::nullopt};
    if (server_) {
        usage.server_cpu = server_->cpu_time();
        usage.switches = server_->switches();
    }
    return usage;
}

void Recorder::start(Time now) {
    start_ = now;
    last_ = usage(now);
    collected_.assign(workers_.size(), 0);
}

void Recorder::collect(Time now) {
    for (std::size_t thread = 0; thread < workers_.size(); ++thread) {
        for (Interval& interval : workers_[thread]->take_intervals()) {
            const std::size_t place = collected_[thread]++;
            if (place >= partials_.size()) partials_.resize(place + 1);
            Partial& partial = partials_[place];
            if (partial.threads++ == 0) {
                partial.sum = std::move(interval);
                continue;
            }
            partial.sum.end = std::max(partial.sum.end, interval.end);
            partial.sum.open += interval.open;
            partial.sum.errors += interval.errors;
            partial.sum.tally.add(interval.tally);
        }
    }
    while (!partials_.empty() && partials_.front().threads == workers_.size()) {
        finish(partials_.front().sum, now);
        partials_.erase(partials_.begin());
        for (std::size_t& count : collected_)
            --count;
    }
}

void Recorder::end_phase(Time now) {
    collect(now);
    // A thread whose connections have all ended leaves the others to count alone.
    for (const Partial& partial : std::exchange(partials_, {}))
        finish(partial.sum, now);
    collected_.assign(workers_.size(), 0);
}

void Recorder::finish(const Interval& sum, Time now) {
    if (sum.phase == Phase::measured) {
        total_.add(sum.tally);
    } else if (sum.phase == Phase::drain) {
        total_.latency.add(sum.tally.latency);
        total_.silence = std::max(total_.silence, sum.tally.silence);
    }
    const double length = seconds(sum.end - sum.begin);
    if (length < min_telling && sum.tally.messages == 0) return;

    const Histogram& latency = latency_of(sum.tally);
    Sample sample;
    sample.phase = sum.phase;
    sample.time = seconds(sum.end - start_);
    sample.seconds = length;
    sample.open = sum.open;
    sample.messages = sum.tally.messages;
    sample.handshakes = sum.tally.handshakes.count();
    sample.errors = sum.errors;
    sample.p50 = latency.percentile(0.5);
    sample.p90 = latency.percentile(0.9);
    sample.p99 = latency.percentile(0.99);
    sample.p999 = latency.percentile(0.999);
    sample.max = latency.max();

    const Usage next = usage(now);
    const double passed = seconds(next.time - last_.time);
    if (passed >= min_telling) {
        sample.generator_cpu_percent = 100 * seconds(next.own_cpu - last_.own_cpu) / passed;
        if (next.server_cpu && last_.server_cpu) {
            sample.server_cpu_percent =
                100 * seconds(*next.server_cpu - *last_.server_cpu) / passed;
        }
        if (next.switches && last_.switches) {
            const auto count = [](const ContextSwitches& switches) {
                return static_cast<double>(switches.voluntary + switches.involuntary);
            };
            sample.server_switches_per_second =
                (count(*next.switches) - count(*last_.switches)) / passed;
        }
    }
    if (server_) {
        sample.server_resident_bytes = server_->resident_bytes();
        sample.server_descriptors = server_->descriptors();
        resident_max_ = std::max(resident_max_, sample.server_resident_bytes.value_or(0));
    }
    if (passed >= min_telling) last_ = next;
    series_.push_back(sample);
    if (on_sample_ && length >= min_telling) on_sample_(sample);
}

}  // namespace wsecho::loadgen
