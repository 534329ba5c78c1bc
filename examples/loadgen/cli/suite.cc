// Looks for tests/bench/NAME.sh upwards from the program, or where WSECHO_SOURCE says.
#include "cli/suite.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "cli/own_path.h"
#include "scenario/run.h"

namespace wsecho::loadgen {
namespace {

namespace fs = std::filesystem;

fs::path script_of(const std::string& name) {
    const fs::path wanted = fs::path("tests") / "bench" / (name + ".sh");
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing changes the environment
    if (const char* const source = std::getenv("WSECHO_SOURCE")) {
        if (fs::exists(source / wanted)) return source / wanted;
    }
    for (fs::path folder = own_directory(); folder != folder.parent_path();
         folder = folder.parent_path()) {
        if (fs::exists(folder / wanted)) return folder / wanted;
    }
    throw CannotRun(fmt::format(
        "the {} suite is part of wsecho's sources, and {} is in none of the folders above this "
        "program: set WSECHO_SOURCE to where they are",
        name, wanted.string()));
}

}  // namespace

ExitStatus run_suite(const Suite& suite) {
    if (suite.name != "reference") {
        throw CannotRun(fmt::format("there is no suite '{}': 'reference' is one", suite.name));
    }
    std::string script = script_of(suite.name);
    std::vector<std::string> words = suite.arguments;
    std::vector<char*> arguments{script.data()};
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    ::execv(script.c_str(), arguments.data());
    throw CannotRun(
        fmt::format("cannot run {}: {}", script, std::generic_category().message(errno)));
}

}  // namespace wsecho::loadgen
