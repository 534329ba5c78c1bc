// Options: what is refused, with the name of its field, and the borders of what is not.
#include "engine/options.h"

#include <gtest/gtest.h>

#include <climits>
#include <functional>
#include <string>

#include "engine/connection_id.h"

namespace wsecho::engine {
namespace {

using namespace std::chrono_literals;

using Change = std::function<void(ServerOptions&)>;

Status checked(const Change& change) {
    ServerOptions options;
    change(options);
    return check(options);
}

// The field that the refusal names; "" where the options pass.
std::string refused_field(const Change& change) {
    const Status status = checked(change);
    if (status.ok()) return "";
    EXPECT_EQ(status.code(), ErrorCode::invalid_option);
    const auto colon = status.detail().find(": ");
    EXPECT_NE(colon, std::string::npos) << status.detail();
    EXPECT_GT(status.detail().size(), colon + 2) << "and says why";
    return status.detail().substr(0, colon);
}

TEST(options, the_defaults_pass) {
    EXPECT_EQ(refused_field([](ServerOptions&) {}), "");
}

TEST(options, an_event_loop_is_one_that_there_is_and_others_are_told_which) {
    const auto named = [](const char* name) {
        return [=](ServerOptions& o) { o.event_loop = name; };
    };
    for (const auto* good : {"auto", "epoll", "epoll-level", "poll"})
        EXPECT_EQ(refused_field(named(good)), "") << good;
    for (const auto* bad : {"", "Epoll", "epoll ", "kqueue"})
        EXPECT_EQ(refused_field(named(bad)), "event_loop") << bad;
    EXPECT_NE(checked(named("kqueue")).detail().find("auto, " WSECHO_EVENT_LOOPS),
              std::string::npos);
}

TEST(options, libuv_is_an_event_loop_where_it_was_built_in) {
    const std::string built_in = WSECHO_EVENT_LOOPS;
    const auto refused = refused_field([](ServerOptions& o) { o.event_loop = "libuv"; });
    EXPECT_EQ(refused.empty(), built_in.find("libuv") != std::string::npos);
}

TEST(options, a_port_is_minus_one_to_65535) {
    const auto port = [](int value) {
        return refused_field([=](ServerOptions& o) {
            o.port = value;
            o.unix_path = "/tmp/socket";
        });
    };
    for (const int good : {-1, 0, 1, 65535})
        EXPECT_EQ(port(good), "") << good;
    for (const int bad : {-2, 65536, INT_MIN, INT_MAX})
        EXPECT_EQ(port(bad), "port") << bad;
}

TEST(options, a_host_that_only_dials_listens_on_nothing) {
    EXPECT_EQ(refused_field([](ServerOptions& o) { o.port = -1; }), "");
    EXPECT_EQ(refused_field([](ServerOptions& o) { o.port = -2; }), "port");
}

TEST(options, a_path_begins_with_a_slash_or_is_empty) {
    const auto path = [](const char* value) {
        return refused_field([=](ServerOptions& o) { o.path = value; });
    };
    EXPECT_EQ(path(""), "");
    EXPECT_EQ(path("/"), "");
    EXPECT_EQ(path("/chat"), "");
    EXPECT_EQ(path("/rooms/*"), "");
    EXPECT_EQ(path("/ro*ms"), "path");
    EXPECT_EQ(path("chat"), "path");
    EXPECT_EQ(path(" /chat"), "path");
}

TEST(options, threads_are_at_most_256) {
    const auto threads = [](unsigned value) {
        return refused_field([=](ServerOptions& o) { o.threads = value; });
    };
    EXPECT_EQ(threads(0), "");
    EXPECT_EQ(threads(256), "");
    EXPECT_EQ(threads(257), "threads");
    EXPECT_EQ(threads(UINT_MAX), "threads");
}

TEST(options, connections_are_at_most_16777216) {
    const auto connections = [](std::uint32_t value) {
        return refused_field([=](ServerOptions& o) { o.max_connections = value; });
    };
    EXPECT_EQ(connections(0), "");
    EXPECT_EQ(connections(16'777'216), "");
    EXPECT_EQ(connections(16'777'217), "max_connections");
}

TEST(options, a_message_limit_is_one_byte_to_one_gib) {
    const auto bytes = [](std::size_t value) {
        return refused_field([=](ServerOptions& o) { o.limits.max_message_bytes = value; });
    };
    EXPECT_EQ(bytes(1), "");
    EXPECT_EQ(bytes(1'073'741'824), "");
    EXPECT_EQ(bytes(0), "max_message_bytes");
    EXPECT_EQ(bytes(1'073'741'825), "max_message_bytes");
}

TEST(options, a_queue_limit_is_256_bytes_to_four_gib) {
    const auto bytes = [](std::size_t value) {
        return refused_field([=](ServerOptions& o) { o.limits.max_queued_bytes = value; });
    };
    EXPECT_EQ(bytes(256), "");
    EXPECT_EQ(bytes(4'294'967'296), "");
    EXPECT_EQ(bytes(255), "max_queued_bytes");
    EXPECT_EQ(bytes(4'294'967'297), "max_queued_bytes");
}

struct TimeField {
    const char* name;
    runtime::Duration& (*field)(ServerOptions&);
    bool may_be_zero;
};

const TimeField time_fields[] = {
    {"handshake_timeout_ms", [](ServerOptions& o) -> auto& {return o.handshake_timeout;
}  // namespace
, false
}  // namespace wsecho::engine
, {"idle_timeout_ms", [](ServerOptions& o) -> auto& {return o.limits.idle_timeout;
}
, true
}
, {"heartbeat_interval_ms", [](ServerOptions& o) -> auto& {return o.limits.heartbeat.interval;
}
, true
}
, {"heartbeat_timeout_ms", [](ServerOptions& o) -> auto& {return o.limits.heartbeat.timeout;
}
, false
}
, {"close_timeout_ms", [](ServerOptions& o) -> auto& {return o.limits.close_timeout;
}
, false
}
,
}
;

TEST(options, a_time_is_at_most_49_days) {
    for (const TimeField& time : time_fields) {
        const auto set = [&](runtime::Duration value) {
            return refused_field([&](ServerOptions& o) { time.field(o) = value; });
        };
        EXPECT_EQ(set(1ms), "") << time.name;
        EXPECT_EQ(set(24h * 49), "") << time.name;
        EXPECT_EQ(set(24h * 49 + 1ms), time.name);
        EXPECT_EQ(set(-1ms), time.name);
    }
}

TEST(options, a_time_of_zero_is_refused_where_it_does_not_mean_never) {
    for (const TimeField& time : time_fields)
        EXPECT_EQ(refused_field([&](ServerOptions& o) { time.field(o) = 0ms; }),
                  time.may_be_zero ? "" : time.name);
}

// A ping by hand waits as long for its answer.
TEST(options, the_heartbeats_timeout_is_needed_though_its_interval_is_off) {
    EXPECT_EQ(refused_field([](ServerOptions& o) {
                  o.limits.heartbeat.interval = 0ms;
                  o.limits.heartbeat.timeout = 0ms;
              }),
              "heartbeat_timeout_ms");
}

TEST(options, a_rate_is_at_most_ten_thousand_million_a_second) {
    const auto messages = [](std::uint64_t value) {
        return refused_field([=](ServerOptions& o) { o.limits.rates.messages = value; });
    };
    const auto bytes = [](std::uint64_t value) {
        return refused_field([=](ServerOptions& o) { o.limits.rates.bytes = value; });
    };
    EXPECT_EQ(messages(10'000'000'000), "");
    EXPECT_EQ(messages(10'000'000'001), "max_messages_per_second");
    EXPECT_EQ(bytes(10'000'000'000), "");
    EXPECT_EQ(bytes(10'000'000'001), "max_bytes_per_second");
}

TEST(options, pending_handshakes_have_a_bound_that_ids_can_name) {
    ServerOptions options;
    options.max_pending_handshakes = ConnectionId::max_slots;
    EXPECT_TRUE(check(options).ok());
    ++options.max_pending_handshakes;
    EXPECT_EQ(check(options).detail().substr(0, 23), "max_pending_handshakes:");
}

TEST(options, an_adaptive_heartbeat_goes_up_from_its_interval) {
    const auto longest = [](runtime::Duration value, runtime::Duration interval) {
        return refused_field([=](ServerOptions& o) {
            o.limits.heartbeat.interval = interval;
            o.limits.heartbeat.max_interval = value;
        });
    };
    EXPECT_EQ(longest(0ms, 30s), "") << "not adaptive";
    EXPECT_EQ(longest(30s, 30s), "");
    EXPECT_EQ(longest(24h * 49, 1ms), "");
    EXPECT_EQ(longest(1ms, 0ms), "") << "off";
    EXPECT_EQ(longest(30s - 1ms, 30s), "heartbeat_max_interval_ms");
    EXPECT_EQ(longest(24h * 49 + 1ms, 30s), "heartbeat_max_interval_ms");
    EXPECT_EQ(longest(-1ms, 0ms), "heartbeat_max_interval_ms");
}

TEST(options, one_to_a_hundred_pings_may_be_missed) {
    const auto misses = [](std::uint32_t value) {
        return refused_field([=](ServerOptions& o) { o.limits.heartbeat.misses = value; });
    };
    EXPECT_EQ(misses(1), "");
    EXPECT_EQ(misses(100), "");
    EXPECT_EQ(misses(0), "heartbeat_misses");
    EXPECT_EQ(misses(101), "heartbeat_misses");
}

TEST(options, of_a_heartbeat_alone_the_fields_are_named_without_what_they_are_of) {
    runtime::HeartbeatSettings heartbeat;
    EXPECT_TRUE(check(heartbeat, "").ok());
    heartbeat.max_interval = 1s;
    EXPECT_EQ(check(heartbeat, "").detail(),
              "max_interval_ms: must be 0, or interval_ms to 49 days");
}

TEST(options, a_backlog_is_at_least_one) {
    const auto backlog = [](int value) {
        return refused_field([=](ServerOptions& o) { o.backlog = value; });
    };
    EXPECT_EQ(backlog(1), "");
    EXPECT_EQ(backlog(0), "backlog");
    EXPECT_EQ(backlog(-1), "backlog");
}

TEST(options, the_first_thing_wrong_is_the_one_named) {
    EXPECT_EQ(refused_field([](ServerOptions& o) {
                  o.port = -5;
                  o.backlog = 0;
              }),
              "port");
}

}  // namespace
}  // namespace wsecho::engine
