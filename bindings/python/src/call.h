// Calls of what the application has given, out of the engine.
#pragma once

#include "core.h"

namespace wsecho::python {

// Ends this process: in a child that was forked in a callback, and has left it. It has a copy of
// the loop that would serve the parent's sockets. The exception that is set is shown.
[[noreturn]] void end_forked_child(PyObject* callback) noexcept;

// A new reference; NULL: an exception is set.
template <class... Arguments>  // Arguments: PyObject
PyObject* call_application(const ServerCore& core, const py::object& callback,
                           Arguments*... arguments) noexcept {
    PyObject* given[] = {nullptr, arguments...};
    PyObject* result = PyObject_Vectorcall(
        callback.ptr(), given + 1, sizeof...(arguments) | PY_VECTORCALL_ARGUMENTS_OFFSET, nullptr);
    if (!core.is_of_this_process()) end_forked_child(callback.ptr());
    return result;
}

}  // namespace wsecho::python
