// The header Sec-WebSocket-Extensions (RFC 6455, section 9.1): what is offered, in order of
// preference. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/request_head.h"

namespace wsecho::protocol {

struct ExtensionParameter {
    std::string name;
    std::optional<std::string> value;  // without the quotes that it may have had
};

struct Extension {
    std::string name;
    std::vector<ExtensionParameter> parameters;
};

// The elements of one header; nothing where it is malformed, for which section 9.1 has the
// handshake fail. Empty elements between commas are skipped (RFC 9110, section 5.6.1).
std::optional<std::vector<Extension>> parse_extensions(std::string_view header);

// Of all lines of the header, which are one list (RFC 6455, section 9.1).
std::optional<std::vector<Extension>> parse_extensions(const RequestHead& head);

}  // namespace wsecho::protocol
