// The C interface, called in any order by several threads and from inside callbacks, with ids that
// are stale, states that are wrong and arguments that are missing: each call returns a code that
// the header lists, each open callback has its close callback, and after the stop nothing is there
// any more.
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <thread>

#include "c_abi_calls.h"
#include "unix_folder.h"

namespace wsecho::fuzz {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t thread_count = 3;
constexpr std::size_t client_count = 3;
constexpr std::size_t steps_of_each = 24;

constexpr std::string_view requests =
    "GET /a?b HTTP/1.1\r\nHost: fuzz\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    "\x81\x82\0\0\0\0hi\x82\x81\0\0\0\0!"sv;

// A server with peers and a dialer that connects to it, for one input.
class World {
  public:
    World(const UnixFolder& folder, View input, std::uint8_t flags)
        : folder_(folder), callback_steps_(input) {
        wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
        options.unix_path = folder_.socket().c_str();
        options.threads = 1 + (flags & 1U);
        options.max_connections = 16;
        options.max_queued_bytes = 4096;
        options.close_timeout_ms = 1;
        options.backpressure_policy = (flags >> 1U) % 3;
        options.max_channels = 2;
        options.deflate = (flags & 8U) != 0 ? 1 : 0;
        wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
        callbacks.on_open = [](auto*, wsecho_connection_id id, void* user) { of(user).open(id); };
        callbacks.on_message = [](auto*, auto, auto, auto*, auto, void* user) {
            of(user).call_from_callback();
        };
        callbacks.on_close = [](auto*, auto, auto*, void* user) {
            of(user).call_from_callback();
            of(user).closes_.fetch_add(1);
        };
        if ((flags & 16U) != 0)  // answered by whatever call comes, or never
            callbacks.on_handshake = [](auto*, wsecho_connection_id id, auto*, void* user) {
                of(user).know(id);
            };
        require(wsecho_server_create(&subjects_.server, &options, &callbacks, this) == WSECHO_OK,
                "the options are right");
        require(wsecho_message_prepare(&message_, WSECHO_TEXT, "prepared", 8) == WSECHO_OK,
                "a message is prepared");
        subjects_.message = message_;
        // Nobody is there before the start, and the dialer is refused or not served without a port.
        wsecho_dialer_options dialer = WSECHO_DIALER_OPTIONS_INIT;
        dialer.urls = "ws://127.0.0.1:1/";
        require(wsecho_dialer_create(&subjects_.dialer, subjects_.server, &dialer, nullptr, nullptr,
                                     this) == WSECHO_OK,
                "a dialer is made");
        require(wsecho_connection_send(subjects_.server, 1, WSECHO_TEXT, "", 0) == WSECHO_ERR_GONE,
                "before the start there is no connection");
        require(
            wsecho_broadcast(subjects_.server, WSECHO_TEXT, "", 0, 0) == WSECHO_ERR_WRONG_STATE &&
                wsecho_dialer_start(subjects_.dialer) == WSECHO_ERR_WRONG_STATE,
            "before the start nothing is sent or dialed");
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void start() {
        require(wsecho_server_start(subjects_.server) == WSECHO_OK, "the server starts");
        require(wsecho_server_start(subjects_.server) == WSECHO_ERR_WRONG_STATE, "once");
        for (int& client : clients_) {
            client = folder_.connect();
            require(client >= 0, "the server listens");
            static_cast<void>(::send(client, requests.data(), requests.size(), MSG_NOSIGNAL));
        }
    }

    void run(View steps, std::size_t index) {
        Reader reader{steps};
        for (std::size_t i = 0; i < steps_of_each && !reader.empty(); ++i) {
            const Subjects now = subjects();
            if (i == steps_of_each / 2) ::shutdown(clients_[index], SHUT_RDWR);
            Call{now, reader, false}.make();
        }
    }

    // Ends all of it, in one of the ways that there are.
    void end(std::uint8_t way) {
        wsecho_drain_options drain = WSECHO_DRAIN_OPTIONS_INIT;
        drain.deadline_ms = 1;
        wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;
        if (way % 3 == 0) {
            require(wsecho_server_drain(subjects_.server, &drain, &report) == WSECHO_OK,
                    "it drains");
            require(
                report.answered + report.left + report.broken + report.forced == report.connections,
                "a drain's report adds up");
        }
        require(wsecho_server_stop(subjects_.server) == WSECHO_OK, "it stops");
        require(wsecho_server_drain(subjects_.server, &drain, nullptr) == WSECHO_ERR_WRONG_STATE,
                "what is stopped is not drained");
        require(opens_.load() == closes_.load(),
                "each connection has one open and one close callback");
        for (const auto id : subjects_.ids) {
            require(wsecho_connection_get_state(subjects_.server, id) == WSECHO_STATE_GONE,
                    "after the stop no connection is there");
            require(
                wsecho_connection_send(subjects_.server, id, WSECHO_TEXT, "", 0) == WSECHO_ERR_GONE,
                "nor is it sent to");
        }
        wsecho_statistics statistics{};
        statistics.version = WSECHO_STATISTICS_VERSION;
        statistics.size = sizeof statistics;
        require(wsecho_server_statistics(subjects_.server, WSECHO_ALL_LOOPS, &statistics) ==
                        WSECHO_OK &&
                    statistics.connections == 0 && statistics.bytes_queued == 0,
                "nothing is counted as there");
        require(statistics.connections_total == opens_.load(), "all that were opened are counted");
        if (way % 2 == 0)
            require(wsecho_dialer_destroy(subjects_.dialer) == WSECHO_OK,
                    "a dialer ends by itself");
        wsecho_message_release(message_);
        require(wsecho_server_destroy(subjects_.server) == WSECHO_OK, "or with its server");
        for (const int client : clients_)
            ::close(client);
    }

  private:
    static World& of(void* user) { return *static_cast<World*>(user); }

    Subjects subjects() {
        const std::lock_guard lock{mutex_};
        return subjects_;
    }

    void know(wsecho_connection_id id) {
        const std::lock_guard lock{mutex_};
        subjects_.ids.push_back(id);
    }

    void open(wsecho_connection_id id) {
        opens_.fetch_add(1);
        know(id);
        call_from_callback();
    }

    void call_from_callback() {
        const Subjects now = subjects();
        View step;
        {
            const std::lock_guard lock{mutex_};
            step = callback_steps_.bytes(12);
        }
        Reader reader{step};
        if (!step.empty()) Call{now, reader, true}.make();
    }

    const UnixFolder& folder_;
    Subjects subjects_;
    wsecho_message* message_ = nullptr;
    std::mutex mutex_;  // of the subjects and the steps
    Reader callback_steps_;
    std::array<int, client_count> clients_{};
    std::atomic<std::uint64_t> opens_ = 0;
    std::atomic<std::uint64_t> closes_ = 0;
};

}  // namespace

void check(View input) {
    static const UnixFolder folder;  // removing one takes longer than all the rest
    Reader reader{input};
    const std::uint8_t flags = reader.byte();
    const std::uint8_t way = reader.byte();
    const View in_callbacks = reader.bytes(reader.rest().size() / (thread_count + 1));
    World world{folder, in_callbacks, flags};
    world.start();
    std::vector<std::thread> threads;
    const std::size_t share = reader.rest().size() / thread_count;
    for (std::size_t i = 0; i < thread_count; ++i)
        threads.emplace_back([&world, steps = reader.bytes(share), i] { world.run(steps, i); });
    for (std::thread& thread : threads)
        thread.join();
    world.end(way);
}

}  // namespace wsecho::fuzz
