// Looks for the highest rate at which a latency limit holds: doubles until it does not, then
// halves the distance, in steps of the same length.
#include <algorithm>
#include <cmath>

#include "scenario/run.h"

namespace wsecho::loadgen {
namespace {

constexpr double first_rate = 1000;
constexpr double close_enough = 1.05;  // between the highest that passed and the lowest that failed
constexpr std::size_t max_steps = 24;

double milliseconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

double latency_named(Requirement::Metric metric, const Histogram& latency) {
    switch (metric) {
        case Requirement::Metric::mean:
            return milliseconds(latency.mean());
        case Requirement::Metric::p50:
            return milliseconds(latency.percentile(0.5));
        case Requirement::Metric::p90:
            return milliseconds(latency.percentile(0.9));
        case Requirement::Metric::p999:
            return milliseconds(latency.percentile(0.999));
        case Requirement::Metric::max:
            return milliseconds(latency.max());
        default:
            return milliseconds(latency.percentile(0.99));
    }
}

}  // namespace

CapacityStep Run::measure_at(double rate) {
    set_rate(rate);
    recorder_->reset_totals();
    on_all([](Worker& worker, const Worker::Tick&) { worker.load().start(Clock::now()); });
    if (options_.warm_up.count() > 0) serve(Phase::warm_up, "warming up", options_.warm_up);
    const Window start = window();
    serve(Phase::measured, "capacity", options_.duration);
    take_window(start, window());
    drain(options_.timeout);

    const Tally& total = recorder_->total();
    CapacityStep step;
    step.rate = rate;
    step.messages_per_second =
        results_.seconds > 0 ? static_cast<double>(total.messages) / results_.seconds : 0;
    step.p50 = total.latency.percentile(0.5);
    step.p99 = total.latency.percentile(0.99);
    step.p999 = total.latency.percentile(0.999);
    step.server_cpu_percent = results_.server.cpu_percent;
    step.generator_busy_percent = results_.generator.busy_percent;
    step.passed =
        options_.capacity->is_met_by(latency_named(options_.capacity->metric, total.latency)) &&
        keeps_up(rate, results_.seconds, total.messages);
    return step;
}

void Run::find_capacity() {
    CapacityOutcome outcome;
    Results knee;  // the run's results are those of the best step
    const auto keep = [&] {
        knee.seconds = results_.seconds;
        knee.server = results_.server;
        knee.generator = results_.generator;
        knee.total = recorder_->total();
    };
    double passed = 0;
    double failed = 0;
    double rate = options_.rate.value_or(first_rate);
    while (outcome.steps.size() < max_steps && !stop_ && open_now() > 0) {
        const CapacityStep step = measure_at(rate);
        if (stop_) break;
        outcome.steps.push_back(step);
        if (step.passed) {
            passed = rate;
            outcome.knee_rate = rate;
            keep();
        } else {
            failed = rate;
            if (!outcome.knee_rate) keep();
        }
        if (failed == 0) {
            rate *= 2;
        } else if (passed == 0) {
            rate /= 2;
            if (rate < 1) break;
        } else if (failed / passed < close_enough) {
            break;
        } else {
            rate = std::sqrt(passed * failed);
        }
    }
    note_end();
    results_.seconds = knee.seconds;
    results_.server = knee.server;
    results_.generator = knee.generator;
    results_.total = std::move(knee.total);
    results_.capacity = std::move(outcome);
}

}  // namespace wsecho::loadgen
