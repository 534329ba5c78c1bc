// The measured stretch of a run, from start to end: time, the server's CPU time, our own, and
// how busy the loop was. The last differs from CPU time, which many kernels count without the
// network's interrupts.
#pragma once

#include <optional>

#include "clock.h"
#include "fleet.h"
#include "server_sampler.h"

namespace wsecho::loadgen {

class Window {
  public:
    Window(const std::optional<ServerSampler>& server, const Fleet& fleet)
        : server_(server), fleet_(fleet) {
        if (server_) server_cpu_ = server_->cpu_time();
        own_cpu_ = own_cpu_time();
        waited_ = fleet.waited();
        start_ = Clock::now();
    }

    struct Used {
        double seconds = 0;
        double own_cpu_percent = 0;
        double busy_percent = 0;
        std::optional<double> server_cpu_us;  // in all
    };

    [[nodiscard]] Used used() const {
        Used used;
        used.seconds = seconds(Clock::now() - start_);
        const double own = seconds(own_cpu_time() - own_cpu_);
        const double waited = seconds(fleet_.waited() - waited_);
        if (used.seconds > 0) {
            used.own_cpu_percent = 100 * own / used.seconds;
            used.busy_percent = 100 * (1 - waited / used.seconds);
        }
        if (server_ && server_cpu_) {
            if (const auto now = server_->cpu_time()) {
                used.server_cpu_us =
                    std::chrono::duration<double, std::micro>(*now - *server_cpu_).count();
            }
        }
        return used;
    }

  private:
    const std::optional<ServerSampler>& server_;
    const Fleet& fleet_;
    std::optional<std::chrono::nanoseconds> server_cpu_;
    std::chrono::nanoseconds own_cpu_{0};
    std::chrono::nanoseconds waited_{0};
    Time start_;
};

}  // namespace wsecho::loadgen
