// The opening handshake of the floor server: just enough to be let in.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wsecho::floor_server {

struct Handshake {
    std::size_t request_size = 0;  // 0: the request is not whole yet
    std::string response;          // empty for a request that is no WebSocket handshake
};

[[nodiscard]] Handshake answer_handshake(std::string_view received);

}  // namespace wsecho::floor_server
