// The page itself is examples/loadgen/page, embedded by the build.
#include "report/html_report.h"

#include "page_template.h"

namespace wsecho::loadgen {
namespace {

// In JSON a '<' is only ever part of a string, where its escape means the same. Without one
// nothing reads as </script> or as <!--, which are all that HTML looks for inside a script.
void append_escaped(std::string& page, std::string_view json) {
    for (std::size_t from = 0; from < json.size();) {
        const std::size_t at = json.find('<', from);
        page += json.substr(from, at - from);
        if (at == std::string_view::npos) break;
        page += "\\u003c";
        from = at + 1;
    }
}

}  // namespace

std::string html_report(std::string_view json_document) {
    std::string page;
    for (const std::string_view piece : page_before_document())
        page += piece;
    append_escaped(page, json_document);
    for (const std::string_view piece : page_after_document())
        page += piece;
    return page;
}

}  // namespace wsecho::loadgen
