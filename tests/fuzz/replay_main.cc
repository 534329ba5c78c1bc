// Runs a target on files, without libFuzzer: how corpora are ordinary tests, and how a finding is
// looked at in a debugger.
//
// Usage: wsecho-fuzz-TARGET FILE-OR-FOLDER...
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "fuzz.h"

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(const fs::path& path) {
    if (!fs::is_directory(path)) return {path};
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(path))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

void replay(const fs::path& path) {
    std::ifstream file{path, std::ios::binary};
    if (!file) throw std::runtime_error("cannot read " + path.string());
    const std::string read{std::istreambuf_iterator<char>{file}, {}};
    // In memory of just its size: a sanitizer sees what reads beyond it.
    const auto exact = std::make_unique<std::uint8_t[]>(read.size());
    std::copy(read.begin(), read.end(), exact.get());
    wsecho::fuzz::check({exact.get(), read.size()});
}

}  // namespace

int main(int argc, char** argv) try {
    std::size_t count = 0;
    for (int i = 1; i < argc; ++i)
        for (const auto& path : files_of(argv[i])) {
            // Before it: so it is known what an abort was about.
            std::printf("%s\n", path.c_str());
            std::fflush(stdout);
            replay(path);
            ++count;
        }
    std::printf("%zu inputs, no finding\n", count);
    return count == 0 ? 2 : 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
