// The digest of the opening handshake, by libwebsockets.
#pragma once

#include <string>
#include <string_view>

namespace wsecho::lws {

// SHA-1 of the text, in base64 (RFC 6455, section 4.2.2).
std::string sha1_base64(std::string_view text);

}  // namespace wsecho::lws
