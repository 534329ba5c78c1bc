// A table of names and values on standard output; colours only on a terminal without NO_COLOR.
#pragma once

#include <string_view>

namespace wsecho::loadgen {

enum class Tone { plain, good, bad };

class Table {
  public:
    Table();

    void row(std::string_view name, std::string_view value, Tone tone = Tone::plain) const;
    // A row whose value is bad unless it is zero.
    void count(std::string_view name, unsigned long long number) const;

  private:
    bool colour_;
};

}  // namespace wsecho::loadgen
