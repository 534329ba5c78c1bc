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

// Nothing where the peer is not limited.
std::optional<protocol::IpAddress> limited_network(const ServerOptions& options,
                                                   const std::string& remote_address) {
    const auto address = limited_address(options.proxies, remote_address);
    if (!address) return {};
    return address->prefix(options.addresses.v4_bits, options.addresses.v6_bits);
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

std::unique_ptr<PendingConnections::Place> Loop::add_pending(const Connection& connection) {
    return pending_.add(connection.id(),
                        limited_network(options_, connection.details().remote_address));
}

void Loop::client_is_known(Connection& connection) {
    PendingConnections::Place* const place = connection.details().place.get();
    const auto network = limited_network(options_, connection.details().remote_address);
    if (place == nullptr || !network) return;
    pending_.set_network(*place, *network);
    // The others of its network have told theirs before: none of them comes here again.
    while (const auto surplus = pending_.find_surplus_of_network(*place))
        find(*surplus)->give_way(RefusalReason::address);
    serve(connection);  // again
}

}  // namespace wsecho::engine
