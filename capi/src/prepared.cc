// The functions of prepared messages: convert, call, return.
#include <chrono>
#include <memory>

#include "engine/prepared_message.h"
#include "failure.h"
#include "handle.h"
#include "message.h"

using namespace wsecho;
using namespace wsecho::capi;
using engine::ConnectionId;

struct wsecho_message {
    engine::SharedMessage shared;
};

namespace {

// Its lifetime begins here.
engine::Status read_terms(const wsecho_message_terms* given, runtime::WaitingTerms& terms) {
    if (given == nullptr) return {};
    if (given->version != WSECHO_MESSAGE_TERMS_VERSION)
        return {engine::ErrorCode::version, "message terms: version not known"};
    if (given->size < sizeof *given)
        return {engine::ErrorCode::invalid_option,
                "size: too small: set the terms up with WSECHO_MESSAGE_TERMS_INIT"};
    terms.key = given->key;
    if (given->lifetime_ms != 0)
        terms.deadline =
            std::chrono::steady_clock::now() + std::chrono::milliseconds{given->lifetime_ms};
    return {};
}

const char* problem_of(const wsecho_server* server, const wsecho_message* message) {
    if (server == nullptr) return "server is NULL";
    return message == nullptr ? "message is NULL" : nullptr;
}

}  // namespace

extern "C" {

int wsecho_message_prepare(wsecho_message** out, int type, const void* payload, size_t length) {
    return wsecho_message_prepare_with(out, type, payload, length, nullptr);
}

int wsecho_message_prepare_with(wsecho_message** out, int type, const void* payload, size_t length,
                                const wsecho_message_terms* terms) {
    return guarded([&] {
        if (out == nullptr) return invalid_argument("out is NULL");
        *out = nullptr;
        const GivenMessage message{type, payload, length};
        if (const char* const problem = message.problem()) return invalid_argument(problem);
        runtime::WaitingTerms read;
        if (auto status = read_terms(terms, read); !status.ok()) return report(status);
        *out = std::make_unique<wsecho_message>(
                   wsecho_message{engine::prepare(message.opcode(), message.bytes(), read)})
                   .release();
        return int{WSECHO_OK};
    });
}

void wsecho_message_release(wsecho_message* message) {
    const std::unique_ptr<wsecho_message> ended{message};
}

int wsecho_connection_send_with(wsecho_server* server, wsecho_connection_id id, int type,
                                const void* payload, size_t length,
                                const wsecho_message_terms* terms, int* queued) {
    return guarded([&] {
        if (server == nullptr) return invalid_argument("server is NULL");
        const GivenMessage message{type, payload, length};
        if (const char* const problem = message.problem()) return invalid_argument(problem);
        runtime::WaitingTerms read;
        if (auto status = read_terms(terms, read); !status.ok()) return report(status);
        bool waits = false;
        const auto result = server->server.send(
            ConnectionId{id}, engine::prepare(message.opcode(), message.bytes(), read), &waits);
        if (queued != nullptr) *queued = waits ? 1 : 0;
        return report(result);
    });
}

int wsecho_connection_send_prepared(wsecho_server* server, wsecho_connection_id id,
                                    const wsecho_message* message) {
    return guarded([&] {
        if (const char* const problem = problem_of(server, message))
            return invalid_argument(problem);
        return report(server->server.send(ConnectionId{id}, message->shared));
    });
}

int wsecho_broadcast_prepared(wsecho_server* server, const wsecho_message* message,
                              wsecho_connection_id except) {
    return guarded([&] {
        if (const char* const problem = problem_of(server, message))
            return invalid_argument(problem);
        return report(server->server.broadcast(message->shared, ConnectionId{except}));
    });
}

int wsecho_publish_prepared(wsecho_server* server, const char* channel,
                            const wsecho_message* message, wsecho_connection_id except,
                            uint64_t* number) {
    return guarded([&] {
        if (const char* const problem = problem_of(server, message))
            return invalid_argument(problem);
        if (channel == nullptr) return invalid_argument("channel is NULL");
        std::uint64_t given = 0;
        const auto result =
            server->server.publish(channel, message->shared, ConnectionId{except}, given);
        if (number != nullptr) *number = given;
        return report(result);
    });
}
}
