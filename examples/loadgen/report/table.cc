// Writes the rows.
#include "report/table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "report/format.h"

namespace wsecho::loadgen {

// NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment
Table::Table() : colour_(::isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr) {}

void Table::row(std::string_view name, std::string_view value, Tone tone) const {
    const std::string_view start = !colour_ || tone == Tone::plain ? ""
                                   : tone == Tone::good            ? "\x1b[32m"
                                                                   : "\x1b[31m";
    fmt::print("  {:<28}{}{:>24}{}\n", name, start, value, start.empty() ? "" : "\x1b[0m");
}

void Table::count(std::string_view name, unsigned long long number) const {
    row(name, grouped(number), number == 0 ? Tone::good : Tone::bad);
}

}  // namespace wsecho::loadgen
