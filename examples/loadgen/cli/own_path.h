// Where this program is: what belongs to it is found from there.
#pragma once

#include <filesystem>

namespace wsecho::loadgen {

[[nodiscard]] inline std::filesystem::path own_directory() {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path();
}

}  // namespace wsecho::loadgen
