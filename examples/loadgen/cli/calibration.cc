// Starts wsecho-floor, reads where it listens, ends it.
#include "cli/calibration.h"

#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include "cli/own_path.h"
#include "net/file_descriptor.h"
#include "scenario/run.h"

namespace wsecho::loadgen {
namespace {

constexpr std::string_view marker = "listening on ";
constexpr int start_milliseconds = 5000;

// Its first line, or what came of it in time.
std::string first_line(const FileDescriptor& output) {
    std::string line;
    pollfd readable{output.get(), POLLIN, 0};
    while (line.find('\n') == std::string::npos && ::poll(&readable, 1, start_milliseconds) > 0) {
        std::array<char, 256> piece{};
        const ssize_t size = ::read(output.get(), piece.data(), piece.size());
        if (size <= 0) break;
        line.append(piece.data(), static_cast<std::size_t>(size));
    }
    return line.substr(0, line.find('\n'));
}

}  // namespace

Floor::Floor(Options& options) {
    const std::string program = own_directory() / "wsecho-floor";
    if (::access(program.c_str(), X_OK) != 0) {
        throw CannotRun(fmt::format(
            "--calibrate needs {}: build it with -DWSECHO_BUILD_BENCHMARKS=ON", program));
    }
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw CannotRun("--calibrate: no pipe");
    const FileDescriptor output(ends[0]);
    FileDescriptor input(ends[1]);
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, input.get(), STDOUT_FILENO);
    ::posix_spawn_file_actions_addclose(&actions, output.get());
    std::string name = "wsecho-floor";
    std::array<char*, 2> arguments{name.data(), nullptr};
    // In a group of its own: Ctrl-C at a terminal is for the generator, which ends the floor.
    posix_spawnattr_t attributes{};
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
    const int error =
        ::posix_spawn(&process_, program.c_str(), &actions, &attributes, arguments.data(), environ);
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw CannotRun("--calibrate: wsecho-floor did not start");
    input.close();
    const std::string line = first_line(output);
    if (!line.starts_with(marker)) throw CannotRun("--calibrate: wsecho-floor did not listen");
    options.address = fmt::format("ws://{}/", line.substr(marker.size()));
    options.target = parse_target(options.address);
    options.server_pids = {process_};
}

Floor::~Floor() {
    if (process_ < 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
}

}  // namespace wsecho::loadgen
