#include "engine/served_path.h"

#include <algorithm>

namespace wsecho::engine {

namespace {

// Visible ASCII, but for what ends a path in a request (RFC 3986, section 3.3).
bool is_path_char(char c) noexcept {
    return c > ' ' && c < 0x7F && c != '?' && c != '#' && c != '*';
}

}  // namespace

bool PathTable::is_pattern(std::string_view text) noexcept {
    if (text.ends_with("/*")) text.remove_suffix(1);
    return text.starts_with('/') && std::all_of(text.begin(), text.end(), is_path_char);
}

bool PathTable::add(std::string_view pattern, const PathOptions& options, Observer& observer) {
    const bool whole = !pattern.ends_with('*');
    if (!whole) {
        pattern.remove_suffix(1);
        longest_below_ = std::max(longest_below_, pattern.size());
    }
    return add_to(whole ? exact_ : below_, pattern, options, observer);
}

void PathTable::set_fallback(const PathOptions& options, Observer& observer) {
    add_to(fallback_, {}, options, observer);
}

bool PathTable::add_to(Table& table, std::string_view name, const PathOptions& options,
                       Observer& observer) {
    if (!table.try_emplace(std::string{name}, options, observer).second) return false;
    largest_queue_ = std::max(largest_queue_, options.limits.max_queued_bytes);
    return true;
}

// Nothing longer than the longest pattern is looked for, so that a peer cannot make this long by
// many slashes.
ServedPath* PathTable::find(std::string_view path) noexcept {
    if (const auto found = exact_.find(path); found != exact_.end()) return &found->second;
    std::string_view above = path.substr(0, longest_below_);
    while (!above.empty()) {
        above = above.substr(0, above.rfind('/') + 1);
        if (const auto found = below_.find(above); found != below_.end()) return &found->second;
        if (!above.empty()) above.remove_suffix(1);
    }
    return fallback_.empty() ? nullptr : &fallback_.begin()->second;
}

}  // namespace wsecho::engine
