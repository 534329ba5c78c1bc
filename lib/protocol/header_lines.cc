#include "protocol/header_lines.h"

#include "protocol/http_text.h"
#include "protocol/list.h"

namespace wsecho::protocol {

namespace {

constexpr std::string_view line_end = "\r\n";

// Takes the last line off the end, and the CRLF that ends it.
std::string_view take_last_line(std::string_view& text) noexcept {
    text.remove_suffix(text.ends_with(line_end) ? line_end.size() : 0);
    const auto before = text.rfind(line_end);
    const auto begin = before == std::string_view::npos ? 0 : before + line_end.size();
    const auto line = text.substr(begin);
    text = text.substr(0, begin);
    return line;
}

HeaderLines::Field split_field(std::string_view line) noexcept {
    const auto colon = line.find(':');
    return {line.substr(0, colon), trim(line.substr(colon + 1))};
}

bool is_field_line(std::string_view line) noexcept {
    const auto colon = line.find(':');
    return colon != std::string_view::npos && is_token(line.substr(0, colon)) &&
           is_field_value(line.substr(colon + 1));
}

// Calls `use` with each element of a comma-separated value (RFC 9110, section 5.6.1) that is not
// empty, until it says that it has seen enough.
template <class Use>  // Use: std::string_view -> bool
bool any_element(std::string_view list, Use&& use) {
    return !for_each_element(list, ",", [&](std::string_view element) {
        element = trim(element);
        return element.empty() || !use(element);
    });
}

}  // namespace

// Every line of a checked head ends with CRLF.
std::string_view take_line(std::string_view& text) noexcept {
    const auto end = text.find(line_end);
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + line_end.size());
    return line;
}

std::optional<std::string_view> HeaderValues::take_first() noexcept {
    while (!rest_.empty()) {
        const auto field = split_field(take_line(rest_));
        if (equal_ignoring_case(field.name, name_)) return field.value;
    }
    return std::nullopt;
}

std::optional<std::string_view> HeaderValues::take_last() noexcept {
    while (!rest_.empty()) {
        const auto field = split_field(take_last_line(rest_));
        if (equal_ignoring_case(field.name, name_)) return field.value;
    }
    return std::nullopt;
}

std::optional<HeaderLines> HeaderLines::parse(std::string_view text) noexcept {
    auto rest = text;
    std::size_t size = 0;
    for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
        if (!is_field_line(line)) return std::nullopt;
        size = text.size() - rest.size();
    }
    return HeaderLines{text.substr(0, size)};
}

std::vector<HeaderLines::Field> HeaderLines::fields() const {
    std::vector<Field> found;
    auto rest = lines_;
    while (!rest.empty())
        found.push_back(split_field(take_line(rest)));
    return found;
}

std::size_t HeaderLines::count(std::string_view name) const noexcept {
    std::size_t found = 0;
    auto left = values(name);
    while (left.take_first())
        ++found;
    return found;
}

std::vector<std::string_view> HeaderLines::list(std::string_view name) const {
    std::vector<std::string_view> elements;
    auto left = values(name);
    while (const auto value = left.take_first())
        any_element(*value, [&](std::string_view element) {
            elements.push_back(element);
            return false;
        });
    return elements;
}

bool HeaderLines::has_token(std::string_view name, std::string_view token) const noexcept {
    auto left = values(name);
    while (const auto value = left.take_first())
        if (any_element(*value, [token](std::string_view element) {
                return equal_ignoring_case(element, token);
            }))
            return true;
    return false;
}

}  // namespace wsecho::protocol
