// Text of a server's choosing, made safe to print: a close reason may hold a terminal's commands.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

namespace wsecho::loadgen {

// Whatever is not a printable ASCII character comes as \xNN.
[[nodiscard]] inline std::string printable(std::string_view text) {
    std::string safe;
    for (const char character : text) {
        if (character >= ' ' && character <= '~') {
            safe.push_back(character);
        } else {
            safe += fmt::format("\\x{:02x}", static_cast<unsigned char>(character));
        }
    }
    return safe;
}

}  // namespace wsecho::loadgen
