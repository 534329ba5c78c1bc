// Memory of those who have left: the C library keeps it, to give it out again. When a crowd is gone
// wsecho-echo gives it back to the system. That is for the host to decide: it is the whole
// process's.
#pragma once

#include <atomic>
#include <cstddef>

class Crowd {
  public:
    // Any thread.
    void one_came() noexcept;
    void one_left() noexcept;

  private:
    std::atomic<std::size_t> here_{0};
    std::atomic<std::size_t> most_{0};  // since the last time that nobody was there
};
