// What the application wants to be told of a server's, a path's or a dialer's connections, and the
// way there from the engine's callbacks.
#pragma once

#include "core.h"
#include "keywords.h"

namespace wsecho::python {

struct Callbacks {
    ServerCore* core = nullptr;
    py::object on_open;
    py::object on_message;
    py::object on_close;
    py::object on_heartbeat;
    py::object on_watermark;
    py::object on_handshake;
    py::object on_error;
    bool zero_copy = false;

    // Those that are given; TypeError: a queue has their events.
    void read(Keywords& keywords);
    void read_handshake(Keywords& keywords);  // of servers and paths
    // To be given to the engine with this object as their user.
    [[nodiscard]] wsecho_callbacks to_c() const;
    int traverse(visitproc visit, void* arg) const;
    void clear();

    // The exception that is set goes to on_error, or to sys.unraisablehook, and the connection, if
    // there is one, is closed with 1011.
    void report(PyObject* connection, const py::object& callback) noexcept;

  private:
    void refuse_queued() const;
};

// With the pass hooks, for those of a server; their user is a Callbacks, too.
void add_pass_hooks(wsecho_callbacks& callbacks);

}  // namespace wsecho::python
