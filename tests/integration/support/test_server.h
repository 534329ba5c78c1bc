// A server under test, seen through the C interface alone: started at once, ended with its
// scope, and every event of its connections kept to be awaited.
#pragma once

#include <wsecho/wsecho.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace wsecho::test {

using Id = wsecho_connection_id;

struct Message {
    Id id;
    int type;
    std::string payload;
};

struct Close {
    Id id;
    unsigned code;
    wsecho_close_cause cause;
    wsecho_initiator initiator;
    std::string reason;
    wsecho_close_event numbers;  // its reason has not outlived the call
};

struct Heartbeat {
    Id id;
    std::uint64_t round_trip_ns;
};

struct Watermark {
    Id id;
    bool is_high;
    std::uint64_t queued_bytes;
};

// What happened so far, in order.
struct Record {
    std::vector<Id> opened;
    std::vector<Message> messages;
    std::vector<Close> closes;
    std::vector<Heartbeat> heartbeats;
    std::vector<Watermark> watermarks;
    std::vector<std::string> log;
};

class TestServer;

// What a test does inside the callbacks, behind the recording. May throw.
struct Callbacks {
    std::function<void(TestServer&, Id, const wsecho_handshake&)> on_handshake = nullptr;
    std::function<void(TestServer&, Id)> on_open = nullptr;
    std::function<void(TestServer&, const Message&)> on_message = nullptr;
    std::function<void(TestServer&, const Close&)> on_close = nullptr;
    std::function<void(TestServer&, const Heartbeat&)> on_heartbeat = nullptr;
    std::function<void(TestServer&, const Watermark&)> on_watermark = nullptr;
    std::function<void(TestServer&, std::uint32_t)> on_pass_begin = nullptr;
    std::function<void(TestServer&, std::uint32_t)> on_pass_end = nullptr;
};

// The library's defaults: any free port of this machine. The event loop is the one of the
// environment's WSECHO_TEST_EVENT_LOOP, if there is such.
wsecho_server_options default_options();

class TestServer {
  public:
    struct NotStarted {};

    // Created and started; throws with the library's words where that fails.
    explicit TestServer(const wsecho_server_options& options = default_options(),
                        Callbacks callbacks = {});
    // Created only.
    TestServer(NotStarted, const wsecho_server_options& options, Callbacks callbacks = {});
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;
    ~TestServer();

    [[nodiscard]] wsecho_server* get() const { return handle_; }
    int start() { return wsecho_server_start(handle_); }
    int stop() { return wsecho_server_stop(handle_); }
    // Before its scope ends; the record stays.
    int destroy();
    [[nodiscard]] int port() const { return wsecho_server_port(handle_); }

    int send_text(Id id, std::string_view payload);
    int send_binary(Id id, std::string_view payload);
    int broadcast_text(std::string_view payload, Id except = 0);
    int close(Id id, unsigned code, std::string_view reason = {});
    [[nodiscard]] wsecho_connection_state state(Id id) const;
    [[nodiscard]] std::uint64_t queued_bytes(Id id) const;
    // What one of the functions that copy a text gives; throws where it fails.
    using TextFunction = int (*)(wsecho_server*, Id, char*, std::size_t, std::size_t*);
    [[nodiscard]] std::string ask(TextFunction function, Id id) const;
    [[nodiscard]] wsecho_statistics statistics(std::uint32_t loop = WSECHO_ALL_LOOPS) const;

    [[nodiscard]] Record record() const;
    // For who counts memory.
    void forget_record();
    void await(const std::string& what, const std::function<bool(const Record&)>& holds) const;
    // The n-th of its kind, once it has happened.
    Id await_open(std::size_t n = 0) const;
    Message await_message(std::size_t n = 0) const;
    Close await_close(std::size_t n = 0) const;
    Heartbeat await_heartbeat(std::size_t n = 0) const;
    Watermark await_watermark(std::size_t n = 0) const;

  private:
    void keep(const std::function<void(Record&)>& write);
    static wsecho_callbacks recording_callbacks();

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    Record record_;
    Callbacks callbacks_;
    wsecho_server* handle_ = nullptr;
};

// libuv opens a pipe for the whole process at its first loop, and keeps it: whoever counts
// descriptors calls this before.
void use_library_once();

// Sends a message back: for Callbacks::on_message.
void echo(TestServer& server, const Message& message);

}  // namespace wsecho::test
