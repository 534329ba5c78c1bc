// What a run does: opens its connections, then follows one scenario. Each function fills in
// its part of the results.
#pragma once

#include <optional>

#include "fleet.h"
#include "options.h"
#include "progress.h"
#include "report.h"
#include "server_sampler.h"

namespace wsecho::loadgen {

// What every scenario works with.
struct Run {
    const Options& options;
    const std::optional<ServerSampler>& server;
    Fleet& fleet;
    Progress& progress;
};

[[nodiscard]] OpenOutcome open_connections(Run& run);

void run_echo(Run& run, Results& results);
void run_fanout(Run& run, Results& results);
void run_idle(Run& run, Results& results);

}  // namespace wsecho::loadgen
