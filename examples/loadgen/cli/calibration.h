// wsecho-floor as a child process, to find out what the generator itself can do.
#pragma once

#include <sys/types.h>

#include "scenario/options.h"

namespace wsecho::loadgen {

class Floor {
  public:
    // Starts it, and points the options at it. Throws CannotRun.
    explicit Floor(Options& options);
    Floor(const Floor&) = delete;
    Floor& operator=(const Floor&) = delete;
    ~Floor();

  private:
    pid_t process_ = -1;
};

}  // namespace wsecho::loadgen
