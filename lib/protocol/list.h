// Lists as options and headers have them: elements with separators between them. Pure.
#pragma once

#include <algorithm>
#include <string_view>

namespace wsecho::protocol {

// Calls `use` with each element that is not empty, until it says no; whether it never did.
template <class Use>  // Use: std::string_view -> bool
bool for_each_element(std::string_view list, std::string_view separators, Use&& use) {
    while (!list.empty()) {
        const auto end = std::min(list.find_first_of(separators), list.size());
        const auto element = list.substr(0, end);
        if (!element.empty() && !use(element)) return false;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return true;
}

}  // namespace wsecho::protocol
