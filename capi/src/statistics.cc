// The statistics snapshot: convert, call, return.
#include <algorithm>
#include <cstring>
#include <optional>

#include "failure.h"
#include "handle.h"

using namespace wsecho;
using namespace wsecho::capi;

namespace {

static_assert(engine::close_causes <= WSECHO_TABLE_ROOM);
static_assert(engine::refusal_reasons == WSECHO_REFUSALS && WSECHO_REFUSALS <= WSECHO_TABLE_ROOM);
static_assert(static_cast<int>(engine::RefusalReason::disconnected) == WSECHO_REFUSED_DISCONNECTED);
static_assert(static_cast<int>(engine::RefusalReason::address) == WSECHO_REFUSED_ADDRESS);
static_assert(static_cast<int>(engine::RefusalReason::host) == WSECHO_REFUSED_HOST);

constexpr std::size_t statistics_size_of_version(uint32_t version) {
    return version == 1 ? offsetof(wsecho_statistics, rate_closes) + sizeof(std::uint64_t) : 0;
}

wsecho_statistics to_c(const engine::Statistics& from) {
    wsecho_statistics to{};
    to.connections = from.connections;
    to.connections_total = from.connections_total;
    to.messages_received = from.messages_received;
    to.messages_sent = from.messages_sent;
    to.bytes_received = from.bytes_received;
    to.bytes_sent = from.bytes_sent;
    to.bytes_queued = from.bytes_queued;
    to.messages_refused = from.messages_refused;
    to.callback_failures = from.callback_failures;
    std::copy(from.closes.begin(), from.closes.end(), to.closes);
    std::copy(from.refusals.begin(), from.refusals.end(), to.refusals);
    to.messages_dropped = from.messages_dropped;
    to.messages_replaced = from.messages_replaced;
    to.messages_late = from.messages_late;
    to.high_watermarks = from.high_watermarks;
    to.rate_pauses = from.rate_pauses;
    to.rate_closes = from.rate_closes;
    return to;
}

}  // namespace

extern "C" int wsecho_server_statistics(const wsecho_server* server, uint32_t loop,
                                        wsecho_statistics* out) {
    return guarded([&] {
        if (server == nullptr || out == nullptr) return invalid_argument("server or out is NULL");
        if (loop != WSECHO_ALL_LOOPS && loop >= server->server.loop_count())
            return invalid_argument("no such loop");
        const std::size_t size = statistics_size_of_version(out->version);
        if (size == 0 || out->size < size)
            return report(WSECHO_ERR_VERSION,
                          "set version and size before the call: WSECHO_STATISTICS_VERSION, "
                          "sizeof(wsecho_statistics)");
        auto filled = to_c(server->server.statistics(
            loop == WSECHO_ALL_LOOPS ? std::nullopt : std::optional{loop}));
        filled.version = out->version;
        filled.size = out->size;
        std::memcpy(out, &filled, size);
        return int{WSECHO_OK};
    });
}
