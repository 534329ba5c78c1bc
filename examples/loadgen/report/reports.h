// The forms in which results leave the program.
#pragma once

#include <string>

#include "scenario/options.h"
#include "scenario/results.h"

namespace wsecho::loadgen {

// A table on standard output, and on standard error what needs attention. Colours only on a
// terminal without NO_COLOR.
void print_report(const Options& options, const Results& results);

// Keys are only ever added. With an indent of -1 on one line.
[[nodiscard]] std::string json_report(const Options& options, const Results& results, int indent);

// The series, a line for each second.
[[nodiscard]] std::string csv_report(const Results& results);

// The percentile distribution, as HdrHistogram writes and plots it.
[[nodiscard]] std::string hgrm_report(const Histogram& latency);

// Fills in what is judged once all is measured: warnings, requirements.
void judge(const Options& options, Results& results);

// Throws std::runtime_error when a file of the options cannot be written; asked before a run.
void check_files(const Options& options);
void write_files(const Options& options, const Results& results);

}  // namespace wsecho::loadgen
