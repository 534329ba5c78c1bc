#include "protocol/request_head.h"

#include <algorithm>

#include "protocol/http_text.h"
#include "protocol/list.h"

namespace wsecho::protocol {

namespace {

constexpr std::string_view line_end = "\r\n";

bool is_letter(char c) noexcept {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// RFC 3986, section 3.1.
bool is_scheme(std::string_view text) noexcept {
    return !text.empty() && is_letter(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
           });
}

// Takes a line off the front; every line of a checked head ends with CRLF.
std::string_view take_line(std::string_view& text) noexcept {
    const auto end = text.find(line_end);
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + line_end.size());
    return line;
}

RequestHead::Field split_field(std::string_view line) noexcept {
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

std::optional<std::size_t> find_head_end(std::string_view bytes) noexcept {
    constexpr std::string_view end = "\r\n\r\n";
    const auto at = bytes.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    return at + end.size();
}

// RFC 9112, section 3.2: a path with an optional query, or with a scheme and an authority before
// it, which are of no interest here.
bool RequestHead::parse_target(std::string_view target) noexcept {
    const bool is_visible =
        std::all_of(target.begin(), target.end(), [](char c) { return c > ' ' && c < 0x7F; });
    if (target.empty() || !is_visible) return false;
    if (target.front() != '/') {
        const auto scheme = target.find("://");
        if (scheme == std::string_view::npos || !is_scheme(target.substr(0, scheme))) return false;
        target.remove_prefix(scheme + 3);
        target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
    }
    const auto question = target.find('?');
    path_ = question == 0 || target.empty() ? "/" : target.substr(0, question);
    query_ = question == std::string_view::npos ? "" : target.substr(question + 1);
    return true;
}

// RFC 9112, section 3: method, one space, target, one space, version.
bool RequestHead::parse_request_line(std::string_view line) noexcept {
    const auto first = line.find(' ');
    const auto last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return false;
    method_ = line.substr(0, first);
    version_ = line.substr(last + 1);
    return is_token(method_) && version_.size() == 8 && version_.substr(0, 5) == "HTTP/" &&
           parse_target(line.substr(first + 1, last - first - 1));
}

std::optional<RequestHead> RequestHead::parse(std::string_view text) noexcept {
    RequestHead head;
    const auto request_line = take_line(text);
    if (!head.parse_request_line(request_line)) return std::nullopt;
    head.headers_ = text;
    for (auto line = take_line(text); !line.empty(); line = take_line(text))
        if (!is_field_line(line)) return std::nullopt;
    return head;
}

std::vector<RequestHead::Field> RequestHead::fields() const {
    std::vector<Field> found;
    auto rest = headers_;
    for (auto line = take_line(rest); !line.empty(); line = take_line(rest))
        found.push_back(split_field(line));
    return found;
}

std::optional<std::string_view> RequestHead::header(std::string_view name,
                                                    std::size_t others) const noexcept {
    auto rest = headers_;
    for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
        const auto field = split_field(line);
        if (equal_ignoring_case(field.name, name) && others-- == 0) return field.value;
    }
    return std::nullopt;
}

std::size_t RequestHead::count(std::string_view name) const noexcept {
    std::size_t found = 0;
    auto rest = headers_;
    for (auto line = take_line(rest); !line.empty(); line = take_line(rest))
        if (equal_ignoring_case(split_field(line).name, name)) ++found;
    return found;
}

std::vector<std::string_view> RequestHead::list(std::string_view name) const {
    std::vector<std::string_view> elements;
    auto rest = headers_;
    for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
        const auto field = split_field(line);
        if (!equal_ignoring_case(field.name, name)) continue;
        any_element(field.value, [&](std::string_view element) {
            elements.push_back(element);
            return false;
        });
    }
    return elements;
}

bool RequestHead::has_token(std::string_view name, std::string_view token) const noexcept {
    auto rest = headers_;
    for (auto line = take_line(rest); !line.empty(); line = take_line(rest)) {
        const auto field = split_field(line);
        if (equal_ignoring_case(field.name, name) &&
            any_element(field.value, [token](std::string_view element) {
                return equal_ignoring_case(element, token);
            }))
            return true;
    }
    return false;
}

}  // namespace wsecho::protocol
