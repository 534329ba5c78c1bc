#include "options.h"

#include <chrono>
#include <cstring>

#include "failure.h"

namespace wsecho::capi {

namespace {

// The size of each version's struct. A version is never taken away, and its size never changes.
constexpr std::size_t size_of_version(std::uint32_t version) {
    switch (version) {
        case 1:
            return offsetof(wsecho_server_options, log_user) + sizeof(void*);
        case 2:
            return offsetof(wsecho_server_options, event_loop) + sizeof(const char*);
        case 3:
            return offsetof(wsecho_server_options, origins) + sizeof(const char*);
        default:
            return 0;
    }
}

std::string text_or(const char* given, const char* otherwise) {
    return given == nullptr ? otherwise : given;
}

}  // namespace

engine::Status read_options(const wsecho_server_options& given, engine::ServerOptions& options) {
    const std::size_t size = size_of_version(given.version);
    if (size == 0)
        return {engine::ErrorCode::version, "version: " + std::to_string(given.version) +
                                                " is not known to wsecho " + wsecho_version()};
    if (given.size < size)
        return {engine::ErrorCode::invalid_option,
                "size: smaller than version " + std::to_string(given.version) +
                    " is: set the options up with WSECHO_SERVER_OPTIONS_INIT"};

    using std::chrono::milliseconds;
    options.host = text_or(given.host, "127.0.0.1");
    options.port = given.port;
    options.unix_path = text_or(given.unix_path, "");
    options.path = text_or(given.path, "");
    options.threads = given.threads;
    options.max_connections = given.max_connections;
    options.max_message_bytes = given.max_message_bytes;
    options.max_queued_bytes = given.max_queued_bytes;
    options.handshake_timeout = milliseconds{given.handshake_timeout_ms};
    options.idle_timeout = milliseconds{given.idle_timeout_ms};
    options.heartbeat_interval = milliseconds{given.heartbeat_interval_ms};
    options.heartbeat_timeout = milliseconds{given.heartbeat_timeout_ms};
    options.close_timeout = milliseconds{given.close_timeout_ms};
    options.backlog = given.backlog;
    options.share_port = given.share_port != 0;
    if (given.version >= 3 && given.origins != nullptr) {
        const auto origins = protocol::OriginPolicy::parse(given.origins);
        if (!origins)
            return {engine::ErrorCode::invalid_option,
                    "origins: must be made of 'same', 'null', '*' and origins such as "
                    "'https://example.com' or 'https://*.example.com'"};
        options.origins = *origins;
    }
    if (given.version >= 2 && given.event_loop != nullptr) options.event_loop = given.event_loop;
    return engine::check(options);
}

}  // namespace wsecho::capi

extern "C" int wsecho_server_options_init_version(wsecho_server_options* options,
                                                  uint32_t version) {
    using namespace wsecho::capi;
    return guarded([&] {
        if (options == nullptr) return invalid_argument("options is NULL");
        const std::size_t size = size_of_version(version);
        if (size == 0) return report(wsecho::engine::ErrorCode::version);
        wsecho_server_options defaults = WSECHO_SERVER_OPTIONS_INIT;
        defaults.version = version;
        defaults.size = static_cast<uint32_t>(size);
        // A caller with an older header has a smaller struct: not a byte beyond it is touched.
        std::memcpy(options, &defaults, size);
        return int{WSECHO_OK};
    });
}
