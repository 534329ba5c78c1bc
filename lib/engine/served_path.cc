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
    largest_message_ = std::max(largest_message_, options.limits.max_message_bytes);
    return true;
}

ServedPath* PathTable::find_in(Table& table, std::string_view name) noexcept {
    const auto found = table.find(name);
    return found == table.end() ? nullptr : &found->second;
}

ServedPath* PathTable::find_pattern(std::string_view pattern) noexcept {
    if (pattern.empty()) return find_in(fallback_, pattern);
    if (!pattern.ends_with('*')) return find_in(exact_, pattern);
    return find_in(below_, pattern.substr(0, pattern.size() - 1));
}

// Nothing longer than the longest pattern is looked for, so that a peer cannot make this long by
// many slashes.
ServedPath* PathTable::find(std::string_view path) noexcept {
    if (ServedPath* const whole = find_in(exact_, path)) return whole;
    std::string_view above = path.substr(0, longest_below_);
    while (!above.empty()) {
        above = above.substr(0, above.rfind('/') + 1);
        if (ServedPath* const found = find_in(below_, above)) return found;
        if (!above.empty()) above.remove_suffix(1);
    }
    return find_in(fallback_, {});
}

}  // namespace wsecho::engine
