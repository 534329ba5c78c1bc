#include "lws/sha1.h"

#include <libwebsockets.h>

#include <array>

namespace wsecho::lws {

std::string sha1_base64(std::string_view text) {
    std::array<unsigned char, 20> digest{};
    lws_SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::array<char, 32> encoded{};
    lws_b64_encode_string(reinterpret_cast<const char*>(digest.data()),
                          static_cast<int>(digest.size()), encoded.data(),
                          static_cast<int>(encoded.size()));
    return encoded.data();
}

}  // namespace wsecho::lws
