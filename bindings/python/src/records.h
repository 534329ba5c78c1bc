// What the engine tells in structs, as the named tuples of wsecho.records.
#pragma once

#include <pybind11/pybind11.h>

#include "wsecho/wsecho.h"

namespace wsecho::python {

void load_records();  // once, at the module's import

// New references; NULL: an exception is set.
PyObject* to_python(const wsecho_close_event& event) noexcept;
PyObject* to_python(const wsecho_statistics& statistics) noexcept;
PyObject* to_python(const wsecho_round_trips& times) noexcept;
PyObject* to_python(const wsecho_drain_report& report) noexcept;
PyObject* to_python(const wsecho_missed& missed) noexcept;
PyObject* to_python(const wsecho_dialer_event& event) noexcept;

// A member of an enumeration of wsecho.constants.
PyObject* connection_state(int state) noexcept;

}  // namespace wsecho::python
