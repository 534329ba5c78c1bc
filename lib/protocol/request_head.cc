#include "protocol/request_head.h"

#include <algorithm>

#include "protocol/http_text.h"

namespace wsecho::protocol {

namespace {

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

}  // namespace

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
    const auto lines = HeaderLines::parse(text);
    if (!lines) return std::nullopt;
    head.lines_ = *lines;
    return head;
}

}  // namespace wsecho::protocol
