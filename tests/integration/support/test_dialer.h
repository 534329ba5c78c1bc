// A dialer under test, seen through the C interface alone: every change of its state, and every
// event of its connections, kept to be awaited.
#pragma once

#include <wsecho/wsecho.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "support/test_server.h"

namespace wsecho::test {

struct DialChange {
    wsecho_dialer_state state;
    unsigned index;
    Id connection;
    std::string url;
    wsecho_dial_failure failure;
    unsigned status;
    std::string detail;
    std::uint64_t failed_attempts;
    bool has_given_up;
    std::uint64_t wait_ms;
};

// What happened so far, in order; `all` has a word for each event.
struct DialRecord {
    std::vector<DialChange> changes;
    std::vector<Id> opened;
    std::vector<Message> messages;
    std::vector<Close> closes;
    std::vector<Watermark> watermarks;
    std::vector<std::string> all;
};

// Quick to try again.
wsecho_dialer_options dialer_options();
// A server that listens on nothing.
wsecho_server_options no_listener();

class TestDialer;

// What a test does in the callbacks, behind the recording. May throw.
struct DialHooks {
    std::function<void(TestDialer&, const DialChange&)> on_state = nullptr;
    std::function<void(TestDialer&, Id)> on_open = nullptr;
    std::function<void(TestDialer&, const Message&)> on_message = nullptr;
};

class TestDialer {
  public:
    // Started at once; throws with the library's words where that fails.
    TestDialer(TestServer& server, const std::string& urls,
               wsecho_dialer_options options = dialer_options(), DialHooks hooks = {});
    TestDialer(const TestDialer&) = delete;
    TestDialer& operator=(const TestDialer&) = delete;
    ~TestDialer() { destroy(); }

    [[nodiscard]] wsecho_dialer* get() const { return handle_; }
    int stop() { return wsecho_dialer_stop(handle_); }
    int destroy();
    int remember(const std::string& key, const std::string& payload);
    int send_text(const std::string& payload);  // on its first connection

    [[nodiscard]] DialRecord record() const;
    void await(const std::string& what, const std::function<bool(const DialRecord&)>& holds) const;
    // The n-th change to this state, once it has happened.
    DialChange await_change(wsecho_dialer_state state, std::size_t n = 0) const;
    Message await_message(std::size_t n = 0) const;
    Close await_close(std::size_t n = 0) const;

  private:
    void keep(const std::function<void(DialRecord&)>& write);
    static wsecho_callbacks recording_callbacks();
    static void record_state(wsecho_dialer* dialer, const wsecho_dialer_event* event, void* user);

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    DialRecord record_;
    DialHooks hooks_;
    TestServer& server_;
    wsecho_dialer* handle_ = nullptr;
};

}  // namespace wsecho::test
