#include "engine/proxies.h"

#include "protocol/forwarded.h"
#include "protocol/ip_address.h"

namespace wsecho::engine {

using protocol::Endpoint;

namespace {

constexpr std::string_view unix_peer = "unix";

}  // namespace

bool is_trusted(const ProxyOptions& options, std::string_view peer) noexcept {
    if (peer == unix_peer) return options.trusted.trusts_unix();
    const auto endpoint = Endpoint::parse(peer);
    return endpoint && options.trusted.contains(endpoint->address);
}

bool is_loopback(std::string_view peer) noexcept {
    const auto endpoint = Endpoint::parse(peer);
    return endpoint && endpoint->address.is_loopback();
}

std::optional<std::string> find_client(const ProxyOptions& options,
                                       const protocol::RequestHead& head, std::string_view peer) {
    if (options.header != ProxyHeader::x_forwarded_for && options.header != ProxyHeader::forwarded)
        return std::nullopt;
    const auto header = options.header == ProxyHeader::forwarded
                            ? protocol::ForwardedHeader::forwarded
                            : protocol::ForwardedHeader::x_forwarded_for;
    std::optional<Endpoint> client;
    if (peer == unix_peer)
        client = protocol::find_client(head, header, protocol::UnixPeer{}, options.trusted);
    else if (const auto endpoint = Endpoint::parse(peer))
        client = protocol::find_client(head, header, endpoint->address, options.trusted);
    if (!client) return std::nullopt;
    return client->to_text();
}

}  // namespace wsecho::engine
