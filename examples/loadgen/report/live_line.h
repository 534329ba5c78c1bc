// How a run is getting on, on standard error: one line that is rewritten on a terminal, a plain
// line a second elsewhere.
#pragma once

#include <string_view>

#include "measure/clock.h"
#include "scenario/run.h"

namespace wsecho::loadgen {

class LiveLine {
  public:
    explicit LiveLine(bool quiet);
    LiveLine(const LiveLine&) = delete;
    LiveLine& operator=(const LiveLine&) = delete;
    ~LiveLine() { clear(); }

    void show(const Moment& moment);
    // Wipes the line, so that what follows starts clean.
    void clear();

  private:
    void write(std::string_view text);

    bool shown_;
    bool terminal_;
    bool on_screen_ = false;
    Time next_;
};

}  // namespace wsecho::loadgen
