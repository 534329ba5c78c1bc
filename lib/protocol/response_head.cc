#include "protocol/response_head.h"

#include <algorithm>
#include <charconv>

#include "protocol/http_text.h"

namespace wsecho::protocol {

namespace {

// Three digits, of which the first says the class (RFC 9110, section 15).
unsigned status_of(std::string_view digits) noexcept {
    unsigned status = 0;
    const auto* const end = digits.data() + digits.size();
    const auto [behind, error] = std::from_chars(digits.data(), end, status);
    return error == std::errc{} && behind == end && status >= 100 && status <= 599 ? status : 0;
}

}  // namespace

// The reason may be missing, and even the space before it in practice.
std::optional<ResponseHead> ResponseHead::parse(std::string_view text) noexcept {
    ResponseHead head;
    const auto line = take_line(text);
    head.version_ = line.substr(0, 8);
    if (head.version_ != "HTTP/1.1" && head.version_ != "HTTP/1.0") return std::nullopt;
    if (line.size() < 12 || line[8] != ' ') return std::nullopt;
    head.status_ = status_of(line.substr(9, 3));
    if (head.status_ == 0 || (line.size() > 12 && line[12] != ' ')) return std::nullopt;
    head.reason_ = line.substr(std::min<std::size_t>(13, line.size()));
    if (!is_field_value(head.reason_)) return std::nullopt;
    const auto lines = HeaderLines::parse(text);
    if (!lines) return std::nullopt;
    head.lines_ = *lines;
    return head;
}

}  // namespace wsecho::protocol
