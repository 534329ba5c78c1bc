// The handshake's functions: convert, call, return.
#include "handshake.h"

#include <utility>

#include "failure.h"
#include "handle.h"
#include "header_fields.h"

using namespace wsecho;
using namespace wsecho::capi;
using engine::ConnectionId;

namespace {

bool fits(std::uint32_t version, std::uint32_t size, std::uint32_t known, std::size_t known_size) {
    return version == known && size >= known_size;
}

int wrong_version(const char* name) {
    return report(WSECHO_ERR_VERSION, std::string{name} +
                                          ": version or size not known: set it up "
                                          "with its macro");
}

}  // namespace

namespace wsecho::capi {

HandshakeTexts::HandshakeTexts(const protocol::RequestHead& head) {
    const auto fields = head.fields();
    const auto subprotocols = head.list("Sec-WebSocket-Protocol");
    std::size_t size = head.method().size() + head.path().size() + head.query().size() + 3;
    for (const auto& field : fields)
        size += field.name.size() + field.value.size() + 2;
    for (const auto subprotocol : subprotocols)
        size += subprotocol.size() + 1;
    texts_.reserve(size);

    method_ = keep(head.method());
    uri_ = keep(head.path());
    query_ = keep(head.query());
    for (const auto& field : fields) {
        const char* const name = keep(field.name);
        headers_.push_back({name, keep(field.value)});
    }
    for (const auto subprotocol : subprotocols)
        subprotocols_.push_back(keep(subprotocol));
}

const char* HandshakeTexts::keep(std::string_view text) {
    const std::size_t at = texts_.size();
    texts_.append(text).push_back('\0');
    return texts_.data() + at;
}

wsecho_handshake HandshakeTexts::view(const std::string& remote_address) const noexcept {
    return {method_,
            uri_,
            query_,
            remote_address.c_str(),
            headers_.data(),
            headers_.size(),
            subprotocols_.data(),
            subprotocols_.size()};
}

}  // namespace wsecho::capi

extern "C" {

int wsecho_handshake_accept(wsecho_server* server, wsecho_connection_id id,
                            const wsecho_acceptance* acceptance) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        const wsecho_acceptance plain = WSECHO_ACCEPTANCE_INIT;
        const wsecho_acceptance& given = acceptance == nullptr ? plain : *acceptance;
        if (!fits(given.version, given.size, WSECHO_ACCEPTANCE_VERSION, sizeof given))
            return wrong_version("acceptance");
        engine::AcceptedHandshake accepted;
        accepted.user = given.connection_user;
        if (given.subprotocol != nullptr) accepted.answer.subprotocol = given.subprotocol;
        if (!read_headers(given.headers, given.header_count, accepted.answer.headers))
            return invalid_argument("headers: a NULL");
        return report(server->server.decide(ConnectionId{id}, std::move(accepted)));
    });
}

int wsecho_handshake_reject(wsecho_server* server, wsecho_connection_id id,
                            const wsecho_rejection* rejection) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        const wsecho_rejection plain = WSECHO_REJECTION_INIT;
        const wsecho_rejection& given = rejection == nullptr ? plain : *rejection;
        if (!fits(given.version, given.size, WSECHO_REJECTION_VERSION, sizeof given))
            return wrong_version("rejection");
        if (given.body == nullptr && given.body_length != 0)
            return invalid_argument("body is NULL");
        protocol::Rejection rejected;
        rejected.status = given.status;
        if (given.body_length != 0)
            rejected.body.assign(static_cast<const char*>(given.body), given.body_length);
        if (!read_headers(given.headers, given.header_count, rejected.headers))
            return invalid_argument("headers: a NULL");
        return report(server->server.decide(ConnectionId{id}, std::move(rejected)));
    });
}
}
