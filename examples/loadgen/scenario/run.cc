// The order of things in a run.
#include "scenario/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <exception>
#include <thread>

#include "net/resource_limit.h"
#include "scenario/churn_load.h"
#include "scenario/echo_load.h"
#include "scenario/idle_load.h"
#include "scenario/mixed_load.h"
#include "scenario/storm_load.h"

namespace wsecho::loadgen {
namespace {

constexpr std::chrono::milliseconds settle_time{200};
constexpr std::size_t inflated_slack = std::size_t{64} * 1024;

Endpoint endpoint_of(const Options& options, const Dialer& dialer, const TlsContext* tls) {
    return {dialer,
            tls,
            options.target.host,
            handshake_request(options.target, options.offer),
            options.offer,
            options.size.max + inflated_slack};
}

template <class Of>
auto slowest(const std::vector<std::unique_ptr<Worker>>& workers, Of&& of) {
    std::vector<double> longest;
    for (const auto& worker : workers) {
        const auto& times = of(*worker);
        if (longest.size() < times.size()) longest.resize(times.size());
        for (std::size_t index = 0; index < times.size(); ++index) {
            longest[index] = std::max(longest[index], seconds(times[index]));
        }
    }
    return longest;
}

}  // namespace

Run::Run(const Options& options, OnMoment on_moment)
    : options_(options),
      on_moment_(std::move(on_moment)),
      dialer_(options.target, options.sources, options.connections),
      tls_(options.target.tls ? std::make_unique<TlsContext>(options.trust) : nullptr),
      endpoint_(endpoint_of(options, dialer_, tls_.get())) {
    if (!options.server_pids.empty()) server_.emplace(options.server_pids);
    check_machine();
    make_workers();
}

Run::~Run() = default;

void Run::check_machine() const {
    const std::uint64_t room = raise_descriptor_limit();
    const std::uint64_t wanted = options_.connections;
    if (wanted > room) {
        throw CannotRun(fmt::format(
            "{} connections need {} file descriptors and the hard limit allows {}: raise it "
            "(ulimit -Hn {}) or ask for at most {} connections",
            wanted, wanted + spare_descriptors, room + spare_descriptors,
            wanted + spare_descriptors, room));
    }
    if (wanted > dialer_.ports()) {
        throw CannotRun(fmt::format(
            "{} connections need as many ports and the {} source address{} {} {}: give more of "
            "them (--source-ip), or widen the range (sysctl net.ipv4.ip_local_port_range)",
            wanted, std::max<std::size_t>(1, dialer_.sources()), dialer_.sources() > 1 ? "es" : "",
            dialer_.sources() > 1 ? "have" : "has", dialer_.ports()));
    }
}

void Run::make_workers() {
    const std::uint32_t threads = std::min(options_.threads, options_.connections);
    std::uint32_t first = 0;
    for (std::uint32_t thread = 0; thread < threads; ++thread) {
        const std::uint32_t end = static_cast<std::uint32_t>(std::uint64_t{options_.connections} *
                                                             (thread + 1) / threads);
        workers_.push_back(std::make_unique<Worker>(options_, endpoint_, first, end - first,
                                                    thread == 0 ? &interrupt_ : nullptr, stop_));
        first = end;
    }
    recorder_ = std::make_unique<Recorder>(workers_, server_, [this](const Sample& sample) {
        if (!on_moment_) return;
        const double elapsed = seconds(Clock::now() - phase_began_);
        on_moment_(
            {phase_, elapsed, seconds(phase_length_), sample.open, options_.connections, &sample});
    });
}

void Run::make_loads() {
    for (const auto& worker : workers_) {
        Fleet& fleet = worker->fleet();
        switch (options_.scenario) {
            case Scenario::echo:
            case Scenario::slow:
                worker->set_load(std::make_unique<EchoLoad>(fleet, options_));
                break;
            case Scenario::mixed:
                worker->set_load(std::make_unique<MixedLoad>(fleet, options_));
                break;
            case Scenario::fanout:
                worker->set_load(std::make_unique<FanoutLoad>(fleet, options_, round_));
                break;
            case Scenario::storm:
                worker->set_load(std::make_unique<StormLoad>(fleet));
                break;
            case Scenario::connect:
                worker->set_load(std::make_unique<ChurnLoad>(fleet, options_));
                break;
            case Scenario::idle:
                worker->set_load(std::make_unique<IdleLoad>(fleet));
                break;
        }
    }
    if (options_.rate) set_rate(*options_.rate);
}

void Run::set_rate(double rate) {
    for (const auto& worker : workers_) {
        const double share = rate * worker->fleet().size() / options_.connections;
        if (auto* const echo = dynamic_cast<EchoLoad*>(&worker->load())) echo->set_rate(share);
        if (auto* const mixed = dynamic_cast<MixedLoad*>(&worker->load())) mixed->set_rate(share);
    }
}

// The first worker works here; with one thread only, the kernel finds descriptors faster.
void Run::on_all(const std::function<void(Worker&, const Worker::Tick&)>& task) {
    std::vector<std::exception_ptr> problems(workers_.size());
    const auto guarded = [&](std::size_t index, const Worker::Tick& tick) {
        try {
            task(*workers_[index], tick);
        } catch (...) {
            problems[index] = std::current_exception();
            stop_ = true;
        }
    };
    {
        std::vector<std::jthread> threads;
        for (std::size_t index = 1; index < workers_.size(); ++index) {
            threads.emplace_back([&guarded, index] { guarded(index, {}); });
        }
        guarded(0, [this](Time now) { show(now); });
    }
    for (const std::exception_ptr& problem : problems) {
        if (problem) std::rethrow_exception(problem);
    }
}

void Run::show(Time now) {
    recorder_->collect(now);
    if (on_moment_ && phase_ == "opening") {
        // Of this thread only: the others' counts are theirs while they work.
        on_moment_({phase_, seconds(now - phase_began_), seconds(phase_length_),
                    workers_.front()->fleet().open_now(), workers_.front()->fleet().size(),
                    nullptr});
    }
}

std::uint32_t Run::open_now() const {
    std::uint32_t open = 0;
    for (const auto& worker : workers_)
        open += worker->fleet().open_now();
    return open;
}

void Run::open_connections() {
    OpenOutcome& outcome = results_.open;
    if (!workers_.front()->probe()) {
        const std::string& problem = workers_.front()->fleet().counts().first_problem;
        throw CannotRun(fmt::format("cannot connect to {}: {}", options_.address,
                                    problem.substr(problem.find(": ") + 2)));
    }
    if (server_) outcome.resident_before = server_->resident_bytes();
    phase_ = "opening";
    phase_began_ = Clock::now();
    phase_length_ = options_.ramp;
    const Window start = window();
    std::atomic<std::uint32_t> still_opening{static_cast<std::uint32_t>(workers_.size())};
    on_all([&](Worker& worker, const Worker::Tick& tick) {
        worker.open(options_.ramp, still_opening, tick);
    });
    outcome.seconds = seconds(Clock::now() - start.time);
    outcome.opened = open_now();
    for (const auto& worker : workers_)
        outcome.handshakes.add(worker->handshakes());
    if (outcome.opened == 0 || !server_) return;

    // Let the server finish what it does after a handshake before it is measured.
    const Time settled = Clock::now() + settle_time;
    on_all([&](Worker& worker, const Worker::Tick& /*tick*/) { worker.wait(settled); });
    const Window end = window();
    const double opened = outcome.opened;
    if (end.server_cpu && start.server_cpu) {
        outcome.server_cpu_us_per_connection =
            seconds(*end.server_cpu - *start.server_cpu) * 1e6 / opened;
    }
    const std::optional<std::uint64_t> resident = server_->resident_bytes();
    if (resident && outcome.resident_before) {
        outcome.bytes_per_connection =
            (static_cast<double>(*resident) - static_cast<double>(*outcome.resident_before)) /
            opened;
    }
    outcome.descriptors = server_->descriptors();
}

Run::Window Run::window() const {
    Window window;
    if (server_) {
        window.server_cpu = server_->cpu_time();
        window.switches = server_->switches();
    }
    window.own_cpu = own_cpu_time();
    for (const auto& worker : workers_)
        window.waited += worker->fleet().waited();
    window.time = Clock::now();
    return window;
}

void Run::serve(Phase phase, std::string_view name, std::chrono::nanoseconds length) {
    phase_ = name;
    phase_began_ = Clock::now();
    phase_length_ = length;
    const Time until = phase_began_ + length;
    std::atomic<std::uint32_t> at_work{static_cast<std::uint32_t>(workers_.size())};
    on_all([&](Worker& worker, const Worker::Tick& tick) {
        worker.serve(phase, until, at_work, tick);
    });
    recorder_->end_phase(Clock::now());
}

void Run::drain(std::chrono::nanoseconds grace) {
    phase_ = "draining";
    phase_began_ = Clock::now();
    phase_length_ = {};
    const Time until = phase_began_ + grace;
    std::atomic<std::uint32_t> at_work{static_cast<std::uint32_t>(workers_.size())};
    on_all([&](Worker& worker, const Worker::Tick& tick) { worker.drain(until, at_work, tick); });
    recorder_->end_phase(Clock::now());
}

void Run::take_window(const Window& start, const Window& end) {
    results_.seconds = seconds(end.time - start.time);
    const double messages = static_cast<double>(recorder_->total().messages);
    const double own = seconds(end.own_cpu - start.own_cpu);
    const double waited = seconds(end.waited - start.waited) / static_cast<double>(workers_.size());
    if (results_.seconds > 0) {
        results_.generator.cpu_percent = 100 * own / results_.seconds;
        results_.generator.busy_percent = 100 * (1 - waited / results_.seconds);
    }
    if (messages > 0) results_.generator.cpu_us_per_message = own * 1e6 / messages;
    if (!server_) return;
    ServerOutcome& server = results_.server;
    if (end.server_cpu && start.server_cpu && results_.seconds > 0) {
        const double used = seconds(*end.server_cpu - *start.server_cpu);
        server.cpu_percent = 100 * used / results_.seconds;
        if (messages > 0) server.cpu_us_per_message = used * 1e6 / messages;
    }
    if (end.switches && start.switches) {
        server.voluntary_switches = end.switches->voluntary - start.switches->voluntary;
        server.involuntary_switches = end.switches->involuntary - start.switches->involuntary;
    }
    server.resident_bytes = server_->resident_bytes();
    server.resident_bytes_max =
        std::max(recorder_->resident_bytes_max(), server.resident_bytes.value_or(0));
    if (server.resident_bytes && results_.open.resident_before && open_now() > 0) {
        server.bytes_per_connection = (static_cast<double>(*server.resident_bytes) -
                                       static_cast<double>(*results_.open.resident_before)) /
                                      open_now();
    }
}

void Run::measure() {
    Window start = window();  // what a load sends first is due when it starts
    on_all([](Worker& worker, const Worker::Tick&) { worker.load().start(Clock::now()); });
    if (options_.warm_up.count() > 0) {
        serve(Phase::warm_up, "warming up", options_.warm_up);
        start = window();
    }
    for (const auto& worker : workers_) {
        if (auto* const fanout = dynamic_cast<FanoutLoad*>(&worker->load())) {
            fanout->start_measuring();
        }
    }
    serve(Phase::measured, name_of(options_.scenario), options_.duration);
    take_window(start, window());
    note_end();
    drain(options_.timeout);  // before that has passed, nothing is lost
    results_.total = recorder_->total();
}

// A run that its server ended says when.
void Run::note_end() {
    results_.open_at_end = open_now();
    if (stop_ || options_.scenario == Scenario::connect || options_.scenario == Scenario::storm) {
        return;
    }
    const double elapsed = seconds(Clock::now() - load_began_);
    if (results_.open_at_end == 0) {
        results_.ended_early =
            fmt::format("the last connection was closed {:.1f} s after the load began", elapsed);
    } else if (results_.seconds < seconds(options_.duration) * 0.99) {
        results_.ended_early = fmt::format(
            "the server did not deliver for 5 s, {:.1f} s after the load began", elapsed);
    }
}

void Run::gather() {
    for (const auto& worker : workers_) {
        results_.counts.add(worker->fleet().counts());
        results_.verdicts.add(worker->load().verdicts());
    }
    results_.series = std::move(recorder_->series());
    results_.interrupted = stop_;
    if (const auto* const fanout = dynamic_cast<FanoutLoad*>(&workers_.front()->load())) {
        results_.fanout =
            FanoutOutcome{fanout->rounds().count, fanout->rounds().first, fanout->rounds().last};
    }
    if (options_.scenario == Scenario::storm) {
        results_.storm = StormOutcome{slowest(
            workers_, [](Worker & worker) -> const auto& {
                return dynamic_cast<StormLoad&>(worker.load()).recoveries();
            })};
    }
}

Results Run::perform() {
    results_.started = std::chrono::system_clock::now();
    open_connections();
    make_loads();
    load_began_ = Clock::now();
    recorder_->start(load_began_);
    const bool only_opens = options_.scenario == Scenario::connect && !options_.churn;
    if (results_.open.opened > 0 && !stop_ && !only_opens) {
        if (options_.capacity) {
            find_capacity();
        } else {
            measure();
        }
    } else {
        results_.open_at_end = open_now();
        if (server_) results_.server.resident_bytes = server_->resident_bytes();
    }
    gather();
    on_all([](Worker& worker, const Worker::Tick&) { worker.fleet().close_all(); });
    return std::move(results_);
}

}  // namespace wsecho::loadgen
