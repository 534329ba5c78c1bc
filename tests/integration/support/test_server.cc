#include "support/test_server.h"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "support/waiting.h"

namespace wsecho::test {

namespace {

void expect_ok(int result, const char* what) {
    if (result != WSECHO_OK)
        throw std::runtime_error(std::string{what} + ": " + std::to_string(result) + ", " +
                                 wsecho_error_detail());
}

TestServer& self(void* user) {
    return *static_cast<TestServer*>(user);
}

}  // namespace

wsecho_server_options default_options() {
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    // The same tests run on every event loop: CMakeLists.txt.
    options.event_loop = std::getenv("WSECHO_TEST_EVENT_LOOP");
    return options;
}

wsecho_callbacks TestServer::recording_callbacks() {
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.on_handshake = [](wsecho_server*, Id id, const wsecho_handshake* asked, void* user) {
        auto& server = self(user);
        server.callbacks_.on_handshake(server, id, *asked);
    };
    callbacks.on_open = [](wsecho_server*, Id id, void* user) {
        auto& server = self(user);
        server.keep([&](Record& record) { record.opened.push_back(id); });
        if (server.callbacks_.on_open) server.callbacks_.on_open(server, id);
    };
    callbacks.on_message = [](wsecho_server*, Id id, int type, const void* payload,
                              std::size_t length, void* user) {
        auto& server = self(user);
        const Message message{id, type, {static_cast<const char*>(payload), length}};
        server.keep([&](Record& record) { record.messages.push_back(message); });
        if (server.callbacks_.on_message) server.callbacks_.on_message(server, message);
    };
    callbacks.on_close = [](wsecho_server*, Id id, const wsecho_close_event* event, void* user) {
        auto& server = self(user);
        Close close{id,
                    event->code,
                    event->cause,
                    event->initiator,
                    {event->reason, event->reason_length},
                    *event};
        close.numbers.reason = nullptr;
        server.keep([&](Record& record) { record.closes.push_back(close); });
        if (server.callbacks_.on_close) server.callbacks_.on_close(server, close);
    };
    callbacks.on_heartbeat = [](wsecho_server*, Id id, std::uint64_t round_trip_ns, void* user) {
        auto& server = self(user);
        const Heartbeat heartbeat{id, round_trip_ns};
        server.keep([&](Record& record) { record.heartbeats.push_back(heartbeat); });
        if (server.callbacks_.on_heartbeat) server.callbacks_.on_heartbeat(server, heartbeat);
    };
    callbacks.on_watermark = [](wsecho_server*, Id id, int is_high, std::uint64_t queued_bytes,
                                void* user) {
        auto& server = self(user);
        const Watermark watermark{id, is_high != 0, queued_bytes};
        server.keep([&](Record& record) { record.watermarks.push_back(watermark); });
        if (server.callbacks_.on_watermark) server.callbacks_.on_watermark(server, watermark);
    };
    callbacks.on_pass_begin = [](wsecho_server*, std::uint32_t loop, void* user) {
        self(user).callbacks_.on_pass_begin(self(user), loop);
    };
    callbacks.on_pass_end = [](wsecho_server*, std::uint32_t loop, void* user) {
        self(user).callbacks_.on_pass_end(self(user), loop);
    };
    return callbacks;
}

TestServer::TestServer(NotStarted, const wsecho_server_options& options, Callbacks callbacks)
    : callbacks_(std::move(callbacks)) {
    auto logging = options;
    logging.log = [](wsecho_log_level, const char* line, void* user) {
        self(user).keep([&](Record& record) { record.log.emplace_back(line); });
    };
    logging.log_user = this;
    auto recording = recording_callbacks();
    if (!callbacks_.on_handshake) recording.on_handshake = nullptr;
    if (!callbacks_.on_pass_begin) recording.on_pass_begin = nullptr;
    if (!callbacks_.on_pass_end) recording.on_pass_end = nullptr;
    expect_ok(wsecho_server_create(&handle_, &logging, &recording, this), "create");
}

TestServer::TestServer(const wsecho_server_options& options, Callbacks callbacks)
    : TestServer(NotStarted{}, options, std::move(callbacks)) {
    expect_ok(start(), "start");
}

TestServer::~TestServer() {
    destroy();
}

int TestServer::destroy() {
    const int result = wsecho_server_destroy(handle_);
    if (result == WSECHO_OK) handle_ = nullptr;
    return result;
}

int TestServer::send_text(Id id, std::string_view payload) {
    return wsecho_connection_send(handle_, id, WSECHO_TEXT, payload.data(), payload.size());
}

int TestServer::send_binary(Id id, std::string_view payload) {
    return wsecho_connection_send(handle_, id, WSECHO_BINARY, payload.data(), payload.size());
}

int TestServer::broadcast_text(std::string_view payload, Id except) {
    return wsecho_broadcast(handle_, WSECHO_TEXT, payload.data(), payload.size(), except);
}

int TestServer::close(Id id, unsigned code, std::string_view reason) {
    return wsecho_connection_close(handle_, id, static_cast<std::uint16_t>(code), reason.data(),
                                   reason.size());
}

wsecho_connection_state TestServer::state(Id id) const {
    return wsecho_connection_get_state(handle_, id);
}

std::uint64_t TestServer::queued_bytes(Id id) const {
    return wsecho_connection_queued_bytes(handle_, id);
}

std::string TestServer::ask(TextFunction function, Id id) const {
    std::array<char, 512> buffer{};
    std::size_t length = 0;
    expect_ok(function(handle_, id, buffer.data(), buffer.size(), &length), "ask");
    std::string text{buffer.data()};
    if (text.size() != length) throw std::runtime_error("ask: the length is not the text's");
    return text;
}

wsecho_statistics TestServer::statistics(std::uint32_t loop) const {
    wsecho_statistics statistics{};
    statistics.version = WSECHO_STATISTICS_VERSION;
    statistics.size = sizeof statistics;
    expect_ok(wsecho_server_statistics(handle_, loop, &statistics), "statistics");
    return statistics;
}

void TestServer::keep(const std::function<void(Record&)>& write) {
    const std::scoped_lock lock{mutex_};
    write(record_);
    changed_.notify_all();
}

Record TestServer::record() const {
    const std::scoped_lock lock{mutex_};
    return record_;
}

void TestServer::forget_record() {
    keep([](Record& record) { record = {}; });
}

void TestServer::await(const std::string& what,
                       const std::function<bool(const Record&)>& holds) const {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, deadline, [&] { return holds(record_); })) throw TimedOut{what};
}

Id TestServer::await_open(std::size_t n) const {
    await("an open", [&](const Record& record) { return record.opened.size() > n; });
    return record().opened[n];
}

Message TestServer::await_message(std::size_t n) const {
    await("a message", [&](const Record& record) { return record.messages.size() > n; });
    return record().messages[n];
}

Close TestServer::await_close(std::size_t n) const {
    await("a close", [&](const Record& record) { return record.closes.size() > n; });
    return record().closes[n];
}

Heartbeat TestServer::await_heartbeat(std::size_t n) const {
    await("a heartbeat", [&](const Record& record) { return record.heartbeats.size() > n; });
    return record().heartbeats[n];
}

Watermark TestServer::await_watermark(std::size_t n) const {
    await("a watermark", [&](const Record& record) { return record.watermarks.size() > n; });
    return record().watermarks[n];
}

void use_library_once() {
    const TestServer once;
}

void echo(TestServer& server, const Message& message) {
    wsecho_connection_send(server.get(), message.id, message.type, message.payload.data(),
                           message.payload.size());
}

}  // namespace wsecho::test
