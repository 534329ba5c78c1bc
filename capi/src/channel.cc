// The functions of channels: convert, call, return.
#include <string>

#include "channel_arguments.h"
#include "failure.h"
#include "handle.h"
#include "message.h"
#include "text_buffer.h"

using namespace wsecho;
using namespace wsecho::capi;
using engine::ConnectionId;
using engine::ErrorCode;

extern "C" {

int wsecho_subscribe(wsecho_server* server, wsecho_connection_id id, const char* channel) {
    return guarded([&] {
        if (const char* const problem = problem_of(server, channel))
            return invalid_argument(problem);
        return report(server->server.subscribe(ConnectionId{id}, channel));
    });
}

int wsecho_unsubscribe(wsecho_server* server, wsecho_connection_id id, const char* channel) {
    return guarded([&] {
        if (const char* const problem = problem_of(server, channel))
            return invalid_argument(problem);
        return report(server->server.unsubscribe(ConnectionId{id}, channel));
    });
}

int wsecho_publish(wsecho_server* server, const char* channel, int type, const void* payload,
                   size_t length, wsecho_connection_id except, uint64_t* number) {
    return guarded([&] {
        if (const char* const problem = problem_of(server, channel))
            return invalid_argument(problem);
        const GivenMessage message{type, payload, length};
        if (const char* const problem = message.problem()) return invalid_argument(problem);
        std::uint64_t given = 0;
        const auto result = server->server.publish(channel, message.opcode(), message.bytes(),
                                                   ConnectionId{except}, given);
        if (number != nullptr) *number = given;
        return report(result);
    });
}

uint64_t wsecho_channel_size(const wsecho_server* server, const char* channel) {
    return problem_of(server, channel) != nullptr ? 0 : server->server.channel_size(channel);
}

int wsecho_connection_channels(wsecho_server* server, wsecho_connection_id id, char* buffer,
                               size_t size, size_t* length) {
    return guarded([&] {
        const TextBuffer out{buffer, size, length};
        if (server == nullptr) return invalid_argument("server is NULL");
        if (!out.is_right()) return invalid_argument("buffer is NULL");
        std::vector<std::string> names;
        const auto result = server->server.list_channels(ConnectionId{id}, names);
        if (result != ErrorCode::ok) return report(result);
        std::string lines;
        for (const auto& name : names)
            lines.append(name).push_back('\n');
        out.fill(lines);
        return int{WSECHO_OK};
    });
}
}
