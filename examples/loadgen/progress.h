// One line on standard error that says how the run is getting on, when that is a terminal.
#pragma once

#include <string_view>

#include "clock.h"

namespace wsecho::loadgen {

class Progress {
  public:
    Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { clear(); }

    // Whether a second has passed since the last line: ask before composing the text.
    [[nodiscard]] bool is_due(Time now) const noexcept { return shown_ && now >= next_; }
    void show(std::string_view text, Time now);
    // Wipes the line, so that what follows starts clean.
    void clear();

  private:
    bool shown_;
    bool on_screen_ = false;
    Time next_;
};

}  // namespace wsecho::loadgen
