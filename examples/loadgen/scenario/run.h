// A whole run: opens the connections, loads them phase by phase on all threads, and gathers what
// came of it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "net/dialer.h"
#include "net/interrupt.h"
#include "net/tls.h"
#include "scenario/fanout_load.h"
#include "scenario/options.h"
#include "scenario/recorder.h"
#include "scenario/results.h"
#include "scenario/server_sampler.h"
#include "scenario/worker.h"

namespace wsecho::loadgen {

// The server cannot be reached, or the machine does not allow the run: nothing was measured.
class CannotRun : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// What the run is at, for whoever shows it.
struct Moment {
    std::string_view phase;  // "opening", "warming up", ...
    double elapsed = 0;      // seconds of the phase
    double length = 0;       // seconds that the phase takes; 0: as long as it takes
    std::uint32_t open = 0;
    std::uint32_t asked = 0;
    const Sample* sample = nullptr;  // the last second, once there is one
};
using OnMoment = std::function<void(const Moment& moment)>;

class Run {
  public:
    // Throws TargetError, CannotRun or std::invalid_argument.
    Run(const Options& options, OnMoment on_moment);
    ~Run();

    [[nodiscard]] Results perform();

  private:
    // What has been used up to a moment.
    struct Window {
        Time time;
        std::chrono::nanoseconds own_cpu{0};
        std::chrono::nanoseconds waited{0};  // of all threads
        std::optional<std::chrono::nanoseconds> server_cpu;
        std::optional<ContextSwitches> switches;
    };

    void check_machine() const;
    void make_workers();
    void make_loads();
    void on_all(const std::function<void(Worker&, const Worker::Tick&)>& task);
    void open_connections();
    void serve(Phase phase, std::string_view name, std::chrono::nanoseconds length);
    void drain(std::chrono::nanoseconds grace);
    void measure();
    void find_capacity();
    CapacityStep measure_at(double rate);
    void take_window(const Window& start, const Window& end);
    void gather();
    void note_end();
    void show(Time now);
    void set_rate(double rate);
    [[nodiscard]] Window window() const;
    [[nodiscard]] std::uint32_t open_now() const;

    const Options& options_;
    OnMoment on_moment_;
    std::optional<ServerSampler> server_;
    Interrupt interrupt_;
    Dialer dialer_;
    std::unique_ptr<TlsContext> tls_;
    Endpoint endpoint_;
    std::atomic<bool> stop_{false};
    FanoutRound round_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::unique_ptr<Recorder> recorder_;
    Results results_;
    Time load_began_;
    // Of the phase under way, for show().
    std::string_view phase_;
    Time phase_began_;
    std::chrono::nanoseconds phase_length_{0};
};

}  // namespace wsecho::loadgen
