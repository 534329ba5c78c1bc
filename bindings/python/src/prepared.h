// wsecho.PreparedMessage: encoded once, to be sent to many. Written for CPython itself, since one
// is sent per peer.
#pragma once

#include <pybind11/pybind11.h>

#include "wsecho/wsecho.h"

namespace wsecho::python {

void add_prepared_message(pybind11::module_& module);  // once, at its import

// The message of one; nullptr, without an exception: the object is none.
const wsecho_message* prepared_message(PyObject* object) noexcept;

}  // namespace wsecho::python
