// wsecho.Handshake: a peer that asks to be let in, until it is answered.
#pragma once

#include <pybind11/pybind11.h>

#include "core.h"

namespace wsecho::python {

void add_handshake(py::module_& module);  // once, at its import

// A new reference; NULL: an exception is set.
PyObject* new_handshake(ServerCore& core, wsecho_connection_id id,
                        const wsecho_handshake& asked) noexcept;

}  // namespace wsecho::python
