// wsecho.Server: an engine's server, and what Python has given it.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "callbacks.h"
#include "core.h"
#include "keywords.h"
#include "waiting.h"

namespace wsecho::python {

class Server {
  public:
    explicit Server(const py::kwargs& given);

    // `self` is the Python object of this one.
    void start(const py::object& self);
    void stop(const py::object& self);
    PyObject* drain(const py::object& self, const py::kwargs& given);
    bool wait(std::optional<double> seconds);

    void add_path(const std::string& path, const py::kwargs& given);
    void broadcast(py::handle message, py::handle text, py::handle exclude);
    std::uint64_t publish(const char* channel, py::handle message, py::handle text,
                          py::handle exclude);
    std::uint64_t publish_numbered(const char* channel, py::handle message, std::size_t number_at,
                                   py::handle text, py::handle exclude);
    [[nodiscard]] std::uint64_t channel_size(const char* channel) const;
    void set_history(const char* channel, const py::kwargs& given);
    void end_history(const char* channel);
    void set_heartbeat(const char* path, const py::kwargs& given);

    [[nodiscard]] PyObject* statistics(std::optional<std::uint32_t> loop) const;
    [[nodiscard]] int port() const;
    [[nodiscard]] std::uint32_t loops() const;
    [[nodiscard]] std::string event_loop() const;
    [[nodiscard]] bool is_running() const noexcept;
    [[nodiscard]] py::list connections() const;

    ServerCore& core() noexcept { return core_; }
    Callbacks& callbacks() noexcept { return callbacks_; }
    void add_close_timeout(std::uint64_t milliseconds);
    // Those that were started, until they are closed.
    void keep_dialer(const py::object& dialer);
    void let_dialer_go(const py::object& dialer);
    int traverse(visitproc visit, void* arg) const;
    void clear();

    // At the interpreter's end: stops all, and lets none start. What a signal's handler raises
    // meanwhile cuts it short, and is thrown when all are stopped.
    static void stop_all();

  private:
    enum class Ending { none, drain, stop };

    // Until all is over; an exception cuts it short.
    void end(const py::object& self, Ending how, const wsecho_drain_options& options,
             wsecho_drain_report& report);
    void stop_at_interpreters_end(const py::object& self, bool at_once);
    // Nobody is waited for; what has begun already is cut short.
    void end_at_once();
    static void log(wsecho_log_level level, const char* text, void* user) noexcept;
    wsecho_server* handle() const { return core_.handle; }

    Callbacks callbacks_;
    py::object log_;
    py::object event_queue_;
    std::vector<py::object> dialers_;
    std::vector<std::unique_ptr<Callbacks>> paths_;
    std::atomic<bool> is_starting_ = false;  // changed with the lock, waited for without
    bool is_started_ = false;
    Ending ending_ = Ending::none;
    // stop() waits for answers as long as any connection would.
    std::uint32_t close_timeout_ms_ = 0;
    ServerCore core_;  // ends first but for the calls: it refers to what is above
    std::shared_ptr<Flag> is_over_ = std::make_shared<Flag>();
    LongCalls long_calls_;
};

void add_server(py::module_& module);  // once, at its import

}  // namespace wsecho::python
