// The HTML report: one page that holds a run's JSON document and all that it takes to show it.
#pragma once

#include <string>
#include <string_view>

namespace wsecho::loadgen {

// The document may hold any text a server sent: none of it can end the script that it lies in.
[[nodiscard]] std::string html_report(std::string_view json_document);

}  // namespace wsecho::loadgen
