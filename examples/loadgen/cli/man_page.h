// The man page, from the same options as --help, and the words that both end with.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace wsecho::loadgen {

[[nodiscard]] std::string help_footer();

// roff for man(7).
[[nodiscard]] std::string man_page(const CLI::App& app);

}  // namespace wsecho::loadgen
