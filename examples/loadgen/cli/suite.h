// The suites of comparisons that live beside the sources: found there, and run.
#pragma once

#include "cli/command_line.h"

namespace wsecho::loadgen {

// Does not return when the suite starts: it takes this process's place. Throws CannotRun.
[[nodiscard]] ExitStatus run_suite(const Suite& suite);

}  // namespace wsecho::loadgen
