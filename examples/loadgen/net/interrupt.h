// Ctrl-C and SIGTERM as a readable descriptor, so that a run ends early with its report.
#pragma once

#include "net/file_descriptor.h"

namespace wsecho::loadgen {

class Interrupt {
  public:
    // Blocks both signals: they arrive through the descriptor from now on.
    Interrupt();

    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

    // After the first one, a second Ctrl-C ends the process at once.
    void take();

  private:
    FileDescriptor descriptor_;
};

}  // namespace wsecho::loadgen
