// Two results side by side.
#pragma once

#include <string>

namespace wsecho::loadgen {

// Reads two files of --json and prints a table of their figures and of B's ratio to A.
// Throws std::invalid_argument when a file is none.
void print_comparison(const std::string& left, const std::string& right);

}  // namespace wsecho::loadgen
