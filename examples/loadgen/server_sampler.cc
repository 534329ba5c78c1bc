// Reads /proc/PID.
#include "server_sampler.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

namespace wsecho::loadgen {
namespace {

namespace fs = std::filesystem;
using std::chrono::nanoseconds;

// Nanoseconds on a CPU, as the scheduler counts them; a kernel may be built without them.
std::optional<nanoseconds> scheduler_time(const fs::path& server) {
    std::error_code error;
    nanoseconds total{0};
    for (fs::directory_iterator task(server / "task", error), end; !error && task != end;
         task.increment(error)) {
        std::ifstream file(task->path() / "schedstat");
        std::int64_t on_cpu = 0;
        if (file >> on_cpu) total += nanoseconds(on_cpu);
    }
    if (error || total == nanoseconds::zero()) return std::nullopt;
    return total;
}

// Counts clock ticks, so it is coarse: a hundredth of a second.
std::optional<nanoseconds> tick_time(const fs::path& server) {
    std::ifstream file(server / "stat");
    std::string line;
    if (!std::getline(file, line)) return std::nullopt;
    // The name in parentheses may hold spaces: count fields from behind it.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field)
        fields >> skipped;
    std::int64_t user = 0;
    std::int64_t system = 0;
    if (!(fields >> user >> system)) return std::nullopt;
    return nanoseconds((user + system) * (1'000'000'000 / ::sysconf(_SC_CLK_TCK)));
}

}  // namespace

ServerSampler::ServerSampler(pid_t server) : directory_(fmt::format("/proc/{}", server)) {
    if (!resident_bytes()) {
        throw std::invalid_argument(fmt::format("there is no process {}", server));
    }
    if (!descriptors()) {
        throw std::invalid_argument(
            fmt::format("process {} may not be looked at: run as its user or as root", server));
    }
}

std::optional<nanoseconds> ServerSampler::cpu_time() const {
    if (const auto exact = scheduler_time(directory_)) return exact;
    return tick_time(directory_);
}

std::optional<std::uint64_t> ServerSampler::resident_bytes() const {
    std::ifstream file(fs::path(directory_) / "status");
    std::string name;
    while (file >> name) {
        std::uint64_t kibibytes = 0;
        if (name == "VmRSS:" && file >> kibibytes) return kibibytes * 1024;
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return std::nullopt;
}

std::optional<std::uint64_t> ServerSampler::descriptors() const {
    std::error_code error;
    std::uint64_t count = 0;
    for (fs::directory_iterator entry(fs::path(directory_) / "fd", error), end;
         !error && entry != end; entry.increment(error)) {
        ++count;
    }
    if (error) return std::nullopt;
    return count;
}

}  // namespace wsecho::loadgen
