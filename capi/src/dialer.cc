// A dialer's functions: convert, call, return.
#include "dialer.h"

#include <algorithm>
#include <chrono>
#include <cstring>

#include "failure.h"
#include "handle.h"
#include "message.h"
#include "options.h"

using namespace wsecho;
using namespace wsecho::capi;
using engine::DialFailure;
using engine::DialState;

namespace {

static_assert(static_cast<int>(DialState::idle) == WSECHO_DIALER_IDLE);
static_assert(static_cast<int>(DialState::connecting) == WSECHO_DIALER_CONNECTING);
static_assert(static_cast<int>(DialState::connected) == WSECHO_DIALER_CONNECTED);
static_assert(static_cast<int>(DialState::disconnected) == WSECHO_DIALER_DISCONNECTED);
static_assert(static_cast<int>(DialFailure::Kind::none) == WSECHO_DIAL_OK);
static_assert(static_cast<int>(DialFailure::Kind::certificate) == WSECHO_DIAL_CERTIFICATE);
static_assert(static_cast<int>(DialFailure::Kind::limit) == WSECHO_DIAL_LIMIT);

constexpr std::size_t max_key = 255;

// Rounded up: after it, the attempt has begun.
uint64_t milliseconds(runtime::Duration time) {
    return static_cast<uint64_t>(std::chrono::ceil<std::chrono::milliseconds>(time).count());
}

// Rates are against those who come: whom the host asks for messages may send them.
engine::ConnectionLimits limits_as(const engine::ConnectionLimits& of_server) {
    engine::ConnectionLimits limits = of_server;
    limits.rates = {};
    return limits;
}

engine::Status make(wsecho_dialer** out, wsecho_server& server,
                    const wsecho_dialer_options& options, const wsecho_callbacks* callbacks,
                    wsecho_dialer_callback on_state, void* user) {
    engine::DialerOptions read;
    read.limits = limits_as(server.server.path_defaults().limits);
    engine::Status status = read_dialer_options(options, read);
    wsecho_callbacks known = WSECHO_CALLBACKS_INIT;
    if (status.ok()) status = read_callbacks(callbacks, known);
    if (!status.ok()) return status;
    if (known.on_handshake != nullptr || known.on_pass_begin != nullptr ||
        known.on_pass_end != nullptr)
        return {engine::ErrorCode::invalid_option,
                "callbacks: on_handshake, on_pass_begin and on_pass_end are a server's"};
    std::unique_ptr<wsecho_dialer> dialer;
    try {
        dialer = std::make_unique<wsecho_dialer>(&server, std::move(read), known, on_state, user,
                                                 server.passes, server.observer.log_target());
    } catch (const engine::TlsFailure& failure) {
        return {engine::ErrorCode::invalid_option, "tls_ca_file: " + failure.why};
    }
    const std::scoped_lock lock{server.dialers_mutex};
    server.dialers.push_back(std::move(dialer));
    *out = server.dialers.back().get();
    return {};
}

const char* problem_of_key(const char* key) {
    if (key == nullptr) return "key is NULL";
    const std::size_t length = std::strlen(key);
    return length == 0 || length > max_key ? "key must have 1 to 255 bytes" : nullptr;
}

}  // namespace

bool wsecho_dialer::on_state(const engine::DialEvent& event) {
    if (on_state_callback == nullptr) return true;
    passes.enter(event.loop);
    wsecho_dialer_event told{};
    told.state = static_cast<wsecho_dialer_state>(event.state);
    told.index = event.index;
    told.connection = event.connection.value();
    told.url = event.endpoint.text.c_str();
    told.failure = static_cast<wsecho_dial_failure>(event.failure.kind);
    told.http_status = event.failure.status;
    told.detail = event.failure.words.c_str();
    told.failed_attempts = event.failures;
    told.has_given_up = event.state == DialState::disconnected && !event.wait ? 1 : 0;
    told.wait_ms = event.wait ? milliseconds(*event.wait) : 0;
    try {
        on_state_callback(this, &told, user);
        return true;
    } catch (...) {
        return false;
    }
}

extern "C" {

int wsecho_dialer_create(wsecho_dialer** out, wsecho_server* server,
                         const wsecho_dialer_options* options, const wsecho_callbacks* callbacks,
                         wsecho_dialer_callback on_state, void* user) {
    return guarded([&] {
        if (out == nullptr) return invalid_argument("out is NULL");
        *out = nullptr;
        if (server == nullptr) return invalid_argument("server is NULL");
        if (options == nullptr) return invalid_argument("options is NULL");
        return report(make(out, *server, *options, callbacks, on_state, user));
    });
}

int wsecho_dialer_start(wsecho_dialer* dialer) {
    return guarded([&] {
        if (dialer == nullptr) return invalid_argument("dialer is NULL");
        return report(dialer->server->server.start_dialer(*dialer->dialer));
    });
}

int wsecho_dialer_stop(wsecho_dialer* dialer) {
    return guarded([&] {
        if (dialer == nullptr) return invalid_argument("dialer is NULL");
        dialer->dialer->stop();
        return int{WSECHO_OK};
    });
}

int wsecho_dialer_destroy(wsecho_dialer* dialer) {
    return guarded([&] {
        if (dialer == nullptr) return int{WSECHO_OK};
        wsecho_server& server = *dialer->server;
        if (server.server.in_callback())
            return report(WSECHO_ERR_IN_CALLBACK,
                          "a dialer cannot be destroyed from a callback of its server");
        std::unique_ptr<wsecho_dialer> ended;
        {
            const std::scoped_lock lock{server.dialers_mutex};
            const auto place =
                std::find_if(server.dialers.begin(), server.dialers.end(),
                             [dialer](const auto& each) { return each.get() == dialer; });
            ended = std::move(*place);
            server.dialers.erase(place);
        }
        return int{WSECHO_OK};  // without the lock it waits for its connections
    });
}

enum wsecho_dialer_state wsecho_dialer_get_state(const wsecho_dialer* dialer) {
    return dialer == nullptr ? WSECHO_DIALER_IDLE
                             : static_cast<wsecho_dialer_state>(dialer->dialer->state());
}

wsecho_connection_id wsecho_dialer_connection(const wsecho_dialer* dialer, uint32_t index) {
    return dialer == nullptr ? 0 : dialer->dialer->connection(index).value();
}

int wsecho_dialer_remember(wsecho_dialer* dialer, const char* key, int type, const void* payload,
                           size_t length) {
    return guarded([&] {
        if (dialer == nullptr) return invalid_argument("dialer is NULL");
        if (const char* const problem = problem_of_key(key)) return invalid_argument(problem);
        const GivenMessage message{type, payload, length};
        if (const char* const problem = message.problem()) return invalid_argument(problem);
        return report(
            dialer->dialer->remember(key, engine::prepare(message.opcode(), message.bytes())));
    });
}

int wsecho_dialer_forget(wsecho_dialer* dialer, const char* key) {
    return guarded([&] {
        if (dialer == nullptr) return invalid_argument("dialer is NULL");
        if (const char* const problem = problem_of_key(key)) return invalid_argument(problem);
        return report(dialer->dialer->forget(key));
    });
}
}
