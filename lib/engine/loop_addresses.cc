// How much of a server one client's address has: asked of all loops' common table.
//
// Not limited are peers of the Unix socket, which have no address, and proxies that tell of no
// client: they stand for many.
#include <optional>

#include "engine/loop.h"

namespace wsecho::engine {

namespace {

std::optional<protocol::IpAddress> limited_address(const ProxyOptions& proxies,
                                                   const std::string& remote_address) {
    if (proxies.header != ProxyHeader::none && is_trusted(proxies, remote_address)) return {};
    const auto endpoint = protocol::Endpoint::parse(remote_address);
    return endpoint ? std::optional{endpoint->address} : std::nullopt;
}

}  // namespace

bool Loop::take_handshake(const std::string& remote_address) {
    if (shared_.addresses == nullptr) return true;
    const auto address = limited_address(options_.proxies, remote_address);
    return !address || shared_.addresses->take_handshake(*address, now());
}

bool Loop::take_address_place(const std::string& remote_address) {
    if (shared_.addresses == nullptr) return true;
    const auto address = limited_address(options_.proxies, remote_address);
    return !address || shared_.addresses->take_place(*address);
}

void Loop::give_back_address_place(const std::string& remote_address) {
    if (shared_.addresses == nullptr) return;
    if (const auto address = limited_address(options_.proxies, remote_address))
        shared_.addresses->give_place(*address, now());
}

}  // namespace wsecho::engine
