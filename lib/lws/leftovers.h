// Descriptors that another is to close and may leave open: then they are closed here.
#pragma once

#include <vector>

#include "lws/listener.h"

namespace wsecho::lws {

// Between add() and close() he has his chance. That a number is open does not tell whether it is
// still the same descriptor, or a new one of another thread's: the kernel knows, since it forgets
// a watched descriptor that is closed.
class Leftovers {
  public:
    Leftovers() noexcept;

    void add(int descriptor);
    void close() noexcept;

  private:
    Descriptor watch_;
    std::vector<int> added_;
};

}  // namespace wsecho::lws
