// The files that the command line names.
#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <system_error>

#include "report/html_report.h"
#include "report/reports.h"

namespace wsecho::loadgen {
namespace {

[[noreturn]] void throw_cannot_write(const std::string& name) {
    throw std::runtime_error(
        fmt::format("cannot write {}: {}", name, std::generic_category().message(errno)));
}

void write(const std::string& name, const std::function<std::string()>& text) {
    if (name.empty()) return;
    std::ofstream file(name, std::ios::binary);
    file << text();
    file.close();
    if (!file) throw_cannot_write(name);
}

}  // namespace

void check_files(const Options& options) {
    for (const std::string* name :
         {&options.json_file, &options.csv_file, &options.hgrm_file, &options.html_file}) {
        if (!name->empty() && !std::ofstream(*name, std::ios::app)) throw_cannot_write(*name);
    }
}

void write_files(const Options& options, const Results& results) {
    write(options.json_file, [&] { return json_report(options, results, 2) + "\n"; });
    write(options.csv_file, [&] { return csv_report(results); });
    write(options.html_file, [&] { return html_report(json_report(options, results, -1)); });
    write(options.hgrm_file, [&] { return hgrm_report(results.latency(options)); });
}

}  // namespace wsecho::loadgen
