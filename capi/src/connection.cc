// A connection's functions: convert, call, return.
#include <chrono>
#include <string_view>

#include "failure.h"
#include "handle.h"
#include "message.h"
#include "options.h"
#include "protocol/close_code.h"
#include "protocol/request_head.h"
#include "protocol/utf8.h"
#include "text_buffer.h"

using namespace wsecho;
using namespace wsecho::capi;
using engine::Connection;
using engine::ConnectionId;
using engine::ErrorCode;

namespace {

static_assert(static_cast<int>(engine::ConnectionState::open) == WSECHO_STATE_OPEN);
static_assert(static_cast<int>(engine::ConnectionState::closing) == WSECHO_STATE_CLOSING);
static_assert(static_cast<int>(engine::ConnectionState::closed) == WSECHO_STATE_CLOSED);
static_assert(static_cast<int>(engine::ConnectionState::asking) == WSECHO_STATE_ASKING);
static_assert(static_cast<int>(protocol::Opcode::text) == WSECHO_TEXT);
static_assert(static_cast<int>(protocol::Opcode::binary) == WSECHO_BINARY);

// Ids are given out when a request is whole; before that there is nothing to ask.
bool is_told_of(const Connection& connection) {
    return connection.state() != engine::ConnectionState::handshake &&
           connection.state() != engine::ConnectionState::refused;
}

template <class Describe>  // Describe: const Connection& -> ErrorCode
int describe(wsecho_server* server, wsecho_connection_id id, const TextBuffer& out,
             Describe&& to_text) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        if (!out.is_right()) return invalid_argument("buffer is NULL");
        return report(server->server.with(ConnectionId{id}, [&](const Connection& connection) {
            return is_told_of(connection) ? to_text(connection) : ErrorCode::gone;
        }));
    });
}

// A checked head parses again: it was kept as it came.
protocol::RequestHead head_of(const Connection& connection) {
    return *protocol::RequestHead::parse(connection.details().head);
}

}  // namespace

extern "C" {

int wsecho_connection_send(wsecho_server* server, wsecho_connection_id id, int type,
                           const void* payload, size_t length) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        const GivenMessage message{type, payload, length};
        if (const char* const problem = message.problem()) return invalid_argument(problem);
        return report(server->server.send(ConnectionId{id}, message.opcode(), message.bytes()));
    });
}

int wsecho_connection_set_backpressure_policy(wsecho_server* server, wsecho_connection_id id,
                                              int policy) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        if (!is_policy(policy))
            return invalid_argument("policy: must be one of wsecho_backpressure_policy");
        return report(server->server.with(ConnectionId{id}, [&](Connection& connection) {
            const auto code = connection.check_open();
            if (code == ErrorCode::ok)
                connection.set_backpressure(static_cast<engine::BackpressurePolicy>(policy));
            return code;
        }));
    });
}

int wsecho_connection_ping(wsecho_server* server, wsecho_connection_id id) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        return report(server->server.ping(ConnectionId{id}));
    });
}

int wsecho_connection_pause_reading(wsecho_server* server, wsecho_connection_id id) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        return report(server->server.pause_reading(ConnectionId{id}));
    });
}

int wsecho_connection_resume_reading(wsecho_server* server, wsecho_connection_id id) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        return report(server->server.resume_reading(ConnectionId{id}));
    });
}

int wsecho_connection_round_trips(wsecho_server* server, wsecho_connection_id id,
                                  wsecho_round_trips* out) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        if (out == nullptr) return invalid_argument("out is NULL");
        if (out->version != WSECHO_ROUND_TRIPS_VERSION || out->size < sizeof *out)
            return report(WSECHO_ERR_VERSION, "round trips: set version and size before the call");
        runtime::RoundTripTimes times;
        const auto result = server->server.read_round_trips(ConnectionId{id}, times);
        if (result != ErrorCode::ok) return report(result);
        const auto nanoseconds = [](runtime::Duration time) {
            return static_cast<std::uint64_t>(
                std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
        };
        out->last_ns = nanoseconds(times.last());
        out->smoothed_ns = nanoseconds(times.smoothed());
        out->variation_ns = nanoseconds(times.variation());
        out->minimum_ns = nanoseconds(times.minimum());
        return int{WSECHO_OK};
    });
}

int wsecho_connection_close(wsecho_server* server, wsecho_connection_id id, uint16_t code,
                            const char* reason, size_t length) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        if (!protocol::may_be_sent(code))
            return invalid_argument("code may not stand in a close frame");
        if (reason == nullptr && length != 0) return invalid_argument("reason is NULL");
        if (length > protocol::max_close_reason)
            return invalid_argument("reason is longer than 123 bytes");
        const std::string_view text{length == 0 ? "" : reason, length};
        if (!protocol::is_utf8({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}))
            return invalid_argument("reason is not UTF-8");
        return report(server->server.close(ConnectionId{id},
                                           {protocol::CloseCode{code}, std::string{text},
                                            engine::CloseCause::local, engine::Initiator::local}));
    });
}

int wsecho_connection_remote_address(wsecho_server* server, wsecho_connection_id id, char* buffer,
                                     size_t size, size_t* length) {
    const TextBuffer out{buffer, size, length};
    return describe(server, id, out, [&](const Connection& connection) {
        out.fill(connection.details().remote_address);
        return ErrorCode::ok;
    });
}

int wsecho_connection_uri(wsecho_server* server, wsecho_connection_id id, char* buffer, size_t size,
                          size_t* length) {
    const TextBuffer out{buffer, size, length};
    return describe(server, id, out, [&](const Connection& connection) {
        out.fill(head_of(connection).path());
        return ErrorCode::ok;
    });
}

int wsecho_connection_query(wsecho_server* server, wsecho_connection_id id, char* buffer,
                            size_t size, size_t* length) {
    const TextBuffer out{buffer, size, length};
    return describe(server, id, out, [&](const Connection& connection) {
        out.fill(head_of(connection).query());
        return ErrorCode::ok;
    });
}

int wsecho_connection_header(wsecho_server* server, wsecho_connection_id id, const char* name,
                             char* buffer, size_t size, size_t* length) {
    if (name == nullptr) return invalid_argument("name is NULL");
    const TextBuffer out{buffer, size, length};
    return describe(server, id, out, [&](const Connection& connection) {
        const auto value = connection.peer_header(name);
        if (!value) return ErrorCode::not_found;
        out.fill(*value);
        return ErrorCode::ok;
    });
}

int wsecho_connection_set_user(wsecho_server* server, wsecho_connection_id id, void* pointer) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        return report(server->server.with(ConnectionId{id}, [&](Connection& connection) {
            if (!is_told_of(connection)) return ErrorCode::gone;
            connection.set_user(pointer);
            return ErrorCode::ok;
        }));
    });
}

void* wsecho_connection_user(wsecho_server* server, wsecho_connection_id id) {
    void* user = nullptr;
    if (server != nullptr)
        server->server.with(ConnectionId{id}, [&](const Connection& connection) {
            user = connection.user();
            return ErrorCode::ok;
        });
    return user;
}

uint64_t wsecho_connection_queued_bytes(wsecho_server* server, wsecho_connection_id id) {
    uint64_t bytes = 0;
    if (server != nullptr)
        server->server.with(ConnectionId{id}, [&](const Connection& connection) {
            bytes = connection.queued_bytes();
            return ErrorCode::ok;
        });
    return bytes;
}

enum wsecho_connection_state wsecho_connection_get_state(wsecho_server* server,
                                                         wsecho_connection_id id) {
    auto state = WSECHO_STATE_GONE;
    if (server != nullptr)
        server->server.with(ConnectionId{id}, [&](const Connection& connection) {
            if (is_told_of(connection))
                state = static_cast<wsecho_connection_state>(connection.state());
            return ErrorCode::ok;
        });
    return state;
}
}
