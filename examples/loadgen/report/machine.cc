// Asks the kernel and the distribution.
#include "report/machine.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <string_view>
#include <thread>

namespace wsecho::loadgen {
namespace {

// The rest of the first line that starts with `start`.
std::string rest_of_line(const char* file, std::string_view start) {
    std::ifstream lines(file);
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with(start)) return line.substr(start.size());
    }
    return {};
}

std::string without(const std::string& text, std::string_view unwanted) {
    const std::size_t begin = text.find_first_not_of(unwanted);
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(unwanted) - begin + 1);
}

}  // namespace

Machine this_machine() {
    Machine machine;
    machine.cpu = without(rest_of_line("/proc/cpuinfo", "model name"), "\t :");
    machine.cores = std::thread::hardware_concurrency();
    machine.memory_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                           static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    utsname names{};
    if (::uname(&names) == 0) machine.kernel = static_cast<const char*>(names.release);
    machine.system = without(rest_of_line("/etc/os-release", "PRETTY_NAME="), "\"");
    return machine;
}

}  // namespace wsecho::loadgen
