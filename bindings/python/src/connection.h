// wsecho.Connection: one peer. Written for CPython itself: its send() is on every message's way.
#pragma once

#include "core.h"

namespace wsecho::python {

struct ConnectionObject {
    PyObject_HEAD wsecho_connection_id id;
    ServerCore* core;
    PyObject* server;  // which holds the core
    PyObject* user;    // the application's; NULL: the collector has taken it
    PyObject* weak_references;
    // Of its server's connections that are open.
    ConnectionObject* previous;
    ConnectionObject* next;
};

void add_connection(py::module_& module);  // once, at its import

// A new reference; NULL: an exception is set.
ConnectionObject* new_connection(ServerCore& core, wsecho_connection_id id) noexcept;

// Borrowed, in the list of those that are open: what the handshake's acceptance made, or a new one.
// NULL: an exception is set.
ConnectionObject* open_connection(ServerCore& core, wsecho_connection_id id,
                                  PyObject* accepted) noexcept;

// Its id where it is one, else 0 with an exception set. None is 0 without one: nobody.
bool read_connection_id(PyObject* given, const char* name, wsecho_connection_id& id) noexcept;

// From its open event to its close event a connection is in the list of its server, which has a
// reference to it.
void add_to_open(ConnectionObject* connection) noexcept;       // takes over the caller's reference
void remove_from_open(ConnectionObject* connection) noexcept;  // gives it up
void forget_open(ServerCore& core) noexcept;                   // all of them
int visit_open(const ServerCore& core, visitproc visit, void* arg) noexcept;
py::list open_connections(const ServerCore& core);

}  // namespace wsecho::python
