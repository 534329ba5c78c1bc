// wsecho.Dialer: connections that this side makes, on the loops of a server.
#pragma once

#include <string>

#include "callbacks.h"
#include "core.h"
#include "waiting.h"

namespace wsecho::python {

class Server;

class Dialer {
  public:
    Dialer(const py::object& server, const py::object& urls, const py::kwargs& given);
    Dialer(const Dialer&) = delete;
    Dialer& operator=(const Dialer&) = delete;
    ~Dialer();

    void start(const py::object& self);
    void stop();
    // Waits for its connections' ends, close_timeout_ms at the most.
    void close(const py::object& self);

    void remember(const char* key, py::handle message, py::handle text);
    void forget(const char* key);
    [[nodiscard]] int state() const;
    // Null where there is none now.
    [[nodiscard]] py::object connection(std::uint32_t index) const;
    [[nodiscard]] py::list connections() const;
    [[nodiscard]] const py::object& server() const noexcept { return server_; }

    int traverse(visitproc visit, void* arg) const;
    void clear();

  private:
    static void on_state(wsecho_dialer* dialer, const wsecho_dialer_event* event,
                         void* user) noexcept;
    void check_open() const;

    py::object server_;
    ServerCore* core_ = nullptr;
    wsecho_dialer* handle_ = nullptr;
    Callbacks callbacks_;
    py::object on_state_;
    std::uint32_t count_ = 1;
    bool is_closing_ = false;
    LongCalls long_calls_;
};

void add_dialer(py::module_& module);  // once, at its import

}  // namespace wsecho::python
