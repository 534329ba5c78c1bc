// The methods of a connection that act on it, in the manner of CPython's own.
#pragma once

#include "connection.h"
#include "errors.h"

namespace wsecho::python {

// false: an exception is set.
inline bool is_usable(const ConnectionObject* connection) noexcept {
    if (connection->core->is_of_this_process()) return true;
    raise_forked();
    return false;
}

PyObject* send(PyObject* self, PyObject* const* arguments, Py_ssize_t count,
               PyObject* keywords) noexcept;
PyObject* close(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept;
PyObject* ping(PyObject* self, PyObject* none) noexcept;
PyObject* pause_reading(PyObject* self, PyObject* none) noexcept;
PyObject* resume_reading(PyObject* self, PyObject* none) noexcept;
PyObject* subscribe(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept;
PyObject* subscribe_after(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept;
PyObject* unsubscribe(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept;
PyObject* set_heartbeat(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept;
PyObject* set_backpressure_policy(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept;

}  // namespace wsecho::python
