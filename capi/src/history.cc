// The functions of what channels keep: convert, call, return.
#include <chrono>

#include "channel_arguments.h"
#include "failure.h"
#include "handle.h"
#include "message.h"

using namespace wsecho;
using namespace wsecho::capi;
using engine::ConnectionId;
using engine::ErrorCode;

namespace {

constexpr std::uint32_t most_messages = 1'000'000;
constexpr std::uint64_t most_bytes = 1ULL << 32U;
constexpr std::uint32_t longest_age_ms = 49U * 24 * 3600 * 1000;

engine::Status read_bounds(const wsecho_history& given, runtime::HistoryBounds& bounds) {
    if (given.version != WSECHO_HISTORY_VERSION || given.size < sizeof given)
        return {ErrorCode::version, "history: set it up with WSECHO_HISTORY_INIT"};
    const auto wrong = [](const char* words) {
        return engine::Status{ErrorCode::invalid_option, words};
    };
    if (given.max_messages == 0 || given.max_messages > most_messages)
        return wrong("max_messages: must be 1 to 1000000");
    if (given.max_bytes == 0 || given.max_bytes > most_bytes)
        return wrong("max_bytes: must be 1 to 4294967296");
    if (given.max_age_ms == 0 || given.max_age_ms > longest_age_ms)
        return wrong("max_age_ms: must be 1 ms to 49 days");
    bounds = {given.max_messages, given.max_bytes, std::chrono::milliseconds{given.max_age_ms}};
    return {};
}

}  // namespace

extern "C" {

int wsecho_channel_set_history(wsecho_server* server, const char* channel,
                               const wsecho_history* history) {
    return guarded([&] {
        if (const char* const problem = problem_of(server, channel))
            return invalid_argument(problem);
        runtime::HistoryBounds bounds;
        if (history != nullptr) {
            const auto status = read_bounds(*history, bounds);
            if (!status.ok()) return report(status);
        }
        return report(server->server.keep_history(channel, bounds));
    });
}

int wsecho_subscribe_after(wsecho_server* server, wsecho_connection_id id, const char* channel,
                           uint64_t epoch, uint64_t after, wsecho_missed* missed) {
    return guarded([&] {
        if (const char* const problem = problem_of(server, channel))
            return invalid_argument(problem);
        if (missed != nullptr &&
            (missed->version != WSECHO_MISSED_VERSION || missed->size < sizeof *missed))
            return report(WSECHO_ERR_VERSION, "missed: set version and size before the call");
        engine::Missed found;
        const auto status =
            server->server.subscribe_since(ConnectionId{id}, channel, {epoch, after}, found);
        if (missed != nullptr && status.ok()) {
            missed->epoch = found.epoch;
            missed->newest = found.newest;
            missed->first = found.first;
            missed->is_complete = found.is_complete ? 1 : 0;
        }
        return report(status);
    });
}

int wsecho_publish_numbered(wsecho_server* server, const char* channel, int type,
                            const void* payload, size_t length, size_t number_at,
                            wsecho_connection_id except, uint64_t* number) {
    return guarded([&] {
        if (const char* const problem = problem_of(server, channel))
            return invalid_argument(problem);
        const GivenMessage message{type, payload, length};
        if (const char* const problem = message.problem()) return invalid_argument(problem);
        const std::size_t room = engine::PreparedMessage::number_size(message.opcode());
        if (length < room || number_at > length - room)
            return invalid_argument("number_at leaves no room for the number in the payload");
        std::uint64_t given = 0;
        const auto result = server->server.publish_numbered(
            channel, message.opcode(), message.bytes(), number_at, ConnectionId{except}, given);
        if (number != nullptr) *number = given;
        return report(result);
    });
}
}
