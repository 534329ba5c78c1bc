// One thread's part of a run: its connections, its load, and a count for each second of what
// came, which the main thread collects.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "scenario/load.h"
#include "scenario/options.h"

namespace wsecho::loadgen {

enum class Phase { warm_up, measured, drain };

// What one thread counted in a second, or in what was left of its phase.
struct Interval {
    Phase phase = Phase::warm_up;
    Time begin;
    Time end;
    std::uint32_t open = 0;
    std::uint64_t errors = 0;  // so far, with messages gone wrong
    Tally tally;
};

class Worker {
  public:
    // Called now and then in the main thread's worker, while it serves.
    using Tick = std::function<void(Time now)>;

    // Connections `first` to `first` + `count`; `interrupt` is the main thread's alone.
    Worker(const Options& options, const Endpoint& endpoint, std::uint32_t first,
           std::uint32_t count, Interrupt* interrupt, std::atomic<bool>& stop);

    void set_load(std::unique_ptr<Load> load) { load_ = std::move(load); }
    [[nodiscard]] Load& load() noexcept { return *load_; }
    [[nodiscard]] Fleet& fleet() noexcept { return fleet_; }

    // Opens the first connection, or returns false when it failed.
    [[nodiscard]] bool probe();
    // Opens its connections, evenly over `ramp`; returns when each is open or has failed, and
    // `still_opening` threads, of which it is one, are through.
    void open(std::chrono::nanoseconds ramp, std::atomic<std::uint32_t>& still_opening,
              const Tick& tick);
    // Serves without a load, as while the server settles.
    void wait(Time until);
    // Until `until`, or until nothing is left to do for any of the `at_work` threads, of which it
    // is one. Who is through goes on serving for the others' sake: the main thread's worker hears
    // Ctrl-C, and the seconds of all threads are put together.
    void serve(Phase phase, Time until, std::atomic<std::uint32_t>& at_work, const Tick& tick);
    // The same, sending nothing new: until all is answered.
    void drain(Time until, std::atomic<std::uint32_t>& at_work, const Tick& tick);

    // From the dialing to the open connection, of the opening phase.
    [[nodiscard]] const Histogram& handshakes() const noexcept { return handshakes_; }

    // Those that have ended since the last call. From any thread.
    [[nodiscard]] std::vector<Interval> take_intervals();

  private:
    class Opening;

    template <class Done>
    void loop(Phase phase, Time until, const Tick& tick, Done&& done);
    void end_interval(Phase phase, Time begin, Time now);

    Fleet fleet_;
    std::unique_ptr<Load> load_;
    std::atomic<bool>& stop_;
    Histogram handshakes_;
    std::mutex mutex_;
    std::vector<Interval> intervals_;
};

}  // namespace wsecho::loadgen
