#include "support/test_dialer.h"

#include <stdexcept>
#include <utility>

#include "support/waiting.h"

namespace wsecho::test {

namespace {

TestDialer& self(void* user) {
    return *static_cast<TestDialer*>(user);
}

void expect_ok(int result) {
    if (result != WSECHO_OK) throw std::runtime_error(wsecho_error_detail());
}

std::string word_of(wsecho_dialer_state state) {
    switch (state) {
        case WSECHO_DIALER_IDLE:
            return "idle";
        case WSECHO_DIALER_CONNECTING:
            return "connecting";
        case WSECHO_DIALER_CONNECTED:
            return "connected";
        case WSECHO_DIALER_DISCONNECTED:
            return "disconnected";
    }
    return "?";
}

}  // namespace

wsecho_dialer_options dialer_options() {
    wsecho_dialer_options options = WSECHO_DIALER_OPTIONS_INIT;
    options.retry_first_ms = 1;
    options.retry_max_ms = 20;
    return options;
}

wsecho_server_options no_listener() {
    auto options = default_options();
    options.port = -1;
    return options;
}

wsecho_callbacks TestDialer::recording_callbacks() {
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    callbacks.on_open = [](wsecho_server*, Id id, void* user) {
        self(user).keep([&](DialRecord& record) {
            record.opened.push_back(id);
            record.all.emplace_back("open");
        });
        if (self(user).hooks_.on_open) self(user).hooks_.on_open(self(user), id);
    };
    callbacks.on_message = [](wsecho_server*, Id id, int type, const void* payload,
                              std::size_t length, void* user) {
        const Message message{id, type, {static_cast<const char*>(payload), length}};
        self(user).keep([&](DialRecord& record) {
            record.messages.push_back(message);
            record.all.emplace_back("message");
        });
        if (self(user).hooks_.on_message) self(user).hooks_.on_message(self(user), message);
    };
    callbacks.on_close = [](wsecho_server*, Id id, const wsecho_close_event* event, void* user) {
        self(user).keep([&](DialRecord& record) {
            record.closes.push_back({id,
                                     event->code,
                                     event->cause,
                                     event->initiator,
                                     {event->reason, event->reason_length},
                                     *event});
            record.closes.back().numbers.reason = nullptr;
            record.all.emplace_back("close");
        });
    };
    callbacks.on_watermark = [](wsecho_server*, Id id, int is_high, std::uint64_t queued_bytes,
                                void* user) {
        self(user).keep([&](DialRecord& record) {
            record.watermarks.push_back({id, is_high != 0, queued_bytes});
        });
    };
    return callbacks;
}

void TestDialer::record_state(wsecho_dialer* /*dialer*/, const wsecho_dialer_event* event,
                              void* user) {
    const DialChange change{event->state,  event->index,           event->connection,
                            event->url,    event->failure,         event->http_status,
                            event->detail, event->failed_attempts, event->has_given_up != 0,
                            event->wait_ms};
    self(user).keep([&](DialRecord& record) {
        record.changes.push_back(change);
        record.all.push_back(word_of(change.state));
    });
    if (self(user).hooks_.on_state) self(user).hooks_.on_state(self(user), change);
}

TestDialer::TestDialer(TestServer& server, const std::string& urls, wsecho_dialer_options options,
                       DialHooks hooks)
    : hooks_(std::move(hooks)), server_(server) {
    options.urls = urls.c_str();
    const auto callbacks = recording_callbacks();
    expect_ok(
        wsecho_dialer_create(&handle_, server.get(), &options, &callbacks, record_state, this));
    expect_ok(wsecho_dialer_start(handle_));
}

int TestDialer::destroy() {
    const int result = wsecho_dialer_destroy(handle_);
    if (result == WSECHO_OK) handle_ = nullptr;
    return result;
}

int TestDialer::remember(const std::string& key, const std::string& payload) {
    return wsecho_dialer_remember(handle_, key.c_str(), WSECHO_TEXT, payload.data(),
                                  payload.size());
}

int TestDialer::send_text(const std::string& payload) {
    return server_.send_text(wsecho_dialer_connection(handle_, 0), payload);
}

void TestDialer::keep(const std::function<void(DialRecord&)>& write) {
    const std::scoped_lock lock{mutex_};
    write(record_);
    changed_.notify_all();
}

DialRecord TestDialer::record() const {
    const std::scoped_lock lock{mutex_};
    return record_;
}

void TestDialer::await(const std::string& what,
                       const std::function<bool(const DialRecord&)>& holds) const {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, deadline, [&] { return holds(record_); })) throw TimedOut{what};
}

DialChange TestDialer::await_change(wsecho_dialer_state state, std::size_t n) const {
    DialChange found{};
    await(word_of(state), [&](const DialRecord& record) {
        std::size_t seen = 0;
        for (const DialChange& change : record.changes)
            if (change.state == state && seen++ == n) {
                found = change;
                return true;
            }
        return false;
    });
    return found;
}

Message TestDialer::await_message(std::size_t n) const {
    await("a message", [&](const DialRecord& record) { return record.messages.size() > n; });
    return record().messages[n];
}

Close TestDialer::await_close(std::size_t n) const {
    await("a close", [&](const DialRecord& record) { return record.closes.size() > n; });
    return record().closes[n];
}

}  // namespace wsecho::test
