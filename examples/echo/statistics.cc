#include "statistics.h"

#include <array>
#include <nlohmann/json.hpp>

namespace {

// In the order of enum wsecho_close_cause and enum wsecho_refusal.
constexpr std::array causes{"peer",     "local", "heartbeat", "idle",  "too_big", "slow_consumer",
                            "protocol", "tls",   "tcp",       "limit", "drain",   "memory"};
constexpr std::array refusals{"bad_request",      "not_found", "method",  "timeout",
                              "upgrade_required", "too_large", "limit",   "disconnected",
                              "origin",           "rejected",  "address", "host"};
static_assert(causes.size() == WSECHO_CLOSE_CAUSES && refusals.size() == WSECHO_REFUSALS);

nlohmann::ordered_json to_json(const wsecho_statistics& from) {
    nlohmann::ordered_json json{{"connections", from.connections},
                                {"connections_total", from.connections_total},
                                {"messages_received", from.messages_received},
                                {"messages_sent", from.messages_sent},
                                {"bytes_received", from.bytes_received},
                                {"bytes_sent", from.bytes_sent},
                                {"bytes_queued", from.bytes_queued},
                                {"messages_refused", from.messages_refused},
                                {"messages_dropped", from.messages_dropped},
                                {"messages_replaced", from.messages_replaced},
                                {"messages_late", from.messages_late},
                                {"high_watermarks", from.high_watermarks},
                                {"rate_pauses", from.rate_pauses},
                                {"rate_closes", from.rate_closes},
                                {"callback_failures", from.callback_failures}};
    for (std::size_t i = 0; i < WSECHO_CLOSE_CAUSES; ++i)
        json["closes"][causes[i]] = from.closes[i];
    for (std::size_t i = 0; i < WSECHO_REFUSALS; ++i)
        json["refusals"][refusals[i]] = from.refusals[i];
    return json;
}

wsecho_statistics read(const wsecho_server* server, uint32_t loop) {
    wsecho_statistics statistics{};
    statistics.version = WSECHO_STATISTICS_VERSION;
    statistics.size = sizeof statistics;
    wsecho_server_statistics(server, loop, &statistics);
    return statistics;
}

}  // namespace

std::string statistics_json(const wsecho_server* server) {
    auto json = to_json(read(server, WSECHO_ALL_LOOPS));
    json["event_loop"] = wsecho_server_event_loop(server);
    for (uint32_t loop = 0; loop < wsecho_server_loops(server); ++loop)
        json["loops"].push_back(to_json(read(server, loop)));
    return json.dump(2);
}
