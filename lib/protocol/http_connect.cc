#include "protocol/http_connect.h"

#include "protocol/client_handshake.h"

namespace wsecho::protocol {

std::string connect_request(const Url& endpoint, const Url& proxy) {
    const std::string authority = endpoint.authority();
    std::string text = "CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n";
    if (!proxy.user_info.empty())
        text += "Proxy-Authorization: " + basic_credentials(proxy.user_info) + "\r\n";
    return text + "\r\n";
}

}  // namespace wsecho::protocol
