// The small words of HTTP (RFC 9110): tokens, field values, status phrases. Pure.
#pragma once

#include <string_view>

namespace wsecho::protocol {

// RFC 9110, section 5.6.2: names of headers and methods, subprotocols.
bool is_token(std::string_view text) noexcept;

// Visible characters, spaces and tabs (RFC 9110, section 5.5); bytes above 0x7F are obsolete there
// but allowed.
bool is_field_value(std::string_view text) noexcept;

// Without the spaces and tabs around it.
std::string_view trim(std::string_view text) noexcept;

// Do two ASCII texts match when the case of letters does not count?
bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept;

// RFC 9110, section 15, and RFC 6585; for a status that is in neither, what its class is called.
std::string_view reason_phrase(unsigned status) noexcept;

}  // namespace wsecho::protocol
