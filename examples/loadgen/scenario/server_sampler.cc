// Reads /proc/PID.
#include "scenario/server_sampler.h"

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

std::optional<nanoseconds> cpu_time_of(const fs::path& server) {
    if (const auto exact = scheduler_time(server)) return exact;
    return tick_time(server);
}

// The number behind `name` in the file's lines of "name: number".
std::optional<std::uint64_t> field(const fs::path& path, std::string_view wanted) {
    std::ifstream file(path);
    std::string name;
    while (file >> name) {
        std::uint64_t number = 0;
        if (name == wanted && file >> number) return number;
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return std::nullopt;
}

std::optional<std::uint64_t> resident_bytes_of(const fs::path& server) {
    const auto kibibytes = field(server / "status", "VmRSS:");
    if (!kibibytes) return std::nullopt;
    return *kibibytes * 1024;
}

std::optional<std::uint64_t> entries_in(const fs::path& folder) {
    std::error_code error;
    std::uint64_t count = 0;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
        ++count;
    }
    if (error) return std::nullopt;
    return count;
}

std::optional<std::uint64_t> descriptors_of(const fs::path& server) {
    return entries_in(server / "fd");
}

std::optional<ContextSwitches> switches_of(const fs::path& server) {
    std::error_code error;
    ContextSwitches total;
    for (fs::directory_iterator task(server / "task", error), end; !error && task != end;
         task.increment(error)) {
        const fs::path status = task->path() / "status";
        total.voluntary += field(status, "voluntary_ctxt_switches:").value_or(0);
        total.involuntary += field(status, "nonvoluntary_ctxt_switches:").value_or(0);
    }
    if (error) return std::nullopt;
    return total;
}

template <class Value>
std::optional<Value> sum(const std::vector<std::string>& servers,
                         std::optional<Value> (*of)(const fs::path&)) {
    Value total{};
    for (const std::string& server : servers) {
        const std::optional<Value> value = of(server);
        if (!value) return std::nullopt;
        total += *value;
    }
    return total;
}

}  // namespace

ServerSampler::ServerSampler(const std::vector<pid_t>& servers) {
    for (const pid_t server : servers) {
        directories_.push_back(fmt::format("/proc/{}", server));
        const fs::path directory = directories_.back();
        if (!resident_bytes_of(directory)) {
            throw std::invalid_argument(fmt::format("there is no process {}", server));
        }
        if (!descriptors_of(directory)) {
            throw std::invalid_argument(
                fmt::format("process {} may not be looked at: run as its user or as root", server));
        }
    }
}

std::optional<nanoseconds> ServerSampler::cpu_time() const {
    return sum(directories_, cpu_time_of);
}

std::optional<std::uint64_t> ServerSampler::resident_bytes() const {
    return sum(directories_, resident_bytes_of);
}

std::optional<std::uint64_t> ServerSampler::descriptors() const {
    return sum(directories_, descriptors_of);
}

std::optional<ContextSwitches> ServerSampler::switches() const {
    return sum(directories_, switches_of);
}

}  // namespace wsecho::loadgen
