// Base64 (RFC 4648, section 4), as HTTP has it for keys and passwords. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wsecho::protocol {

std::string to_base64(std::span<const std::uint8_t> bytes);
std::string to_base64(std::string_view text);

}  // namespace wsecho::protocol
