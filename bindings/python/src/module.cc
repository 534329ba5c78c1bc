// wsecho._wsecho: the C interface of wsecho, for Python.
#include <pybind11/pybind11.h>

#include "connection.h"
#include "dialer.h"
#include "errors.h"
#include "event_queue.h"
#include "handshake.h"
#include "prepared.h"
#include "process.h"
#include "records.h"
#include "server.h"

namespace {

// The loops of another interpreter would outlive it: only the end of the main one is waited for.
bool is_main_interpreter() noexcept {
    return PyInterpreterState_Get() == PyInterpreterState_Main();
}

constexpr const char* main_only = "wsecho works in the main interpreter only";

void fill(pybind11::module_& module) {
    using namespace wsecho::python;
    // Python initializes the module once, and shares it with interpreters that import it later.
    module.def("_check_interpreter", [] {
        // Not error_already_set, whose end takes the lock as in the main interpreter.
        if (!is_main_interpreter()) throw py::import_error{main_only};
    });
    module.doc() = "The C interface of wsecho, for Python.";
    module.attr("__version__") = wsecho_version();
    watch_forks();
    load_errors();
    load_records();
    add_prepared_message(module);
    add_connection(module);
    add_event_queue(module);
    add_handshake(module);
    add_server(module);
    add_dialer(module);
    // Behind all that was registered since: what others do at the end may still use a server.
    py::module_::import("atexit").attr("register")(
        py::cpp_function(&Server::stop_all, py::name("stop_servers")));
}

}  // namespace

// As PYBIND11_MODULE() has it, which would wait for itself in another interpreter.
// NOLINTNEXTLINE(bugprone-reserved-identifier): the name that Python looks for
extern "C" PYBIND11_EXPORT PyObject* PyInit__wsecho() {
    if (!is_main_interpreter()) {
        PyErr_SetString(PyExc_ImportError, main_only);
        return nullptr;
    }
    PYBIND11_CHECK_PYTHON_VERSION
    PYBIND11_ENSURE_INTERNALS_READY
    static pybind11::module_::module_def definition;
    auto module = pybind11::module_::create_extension_module("_wsecho", nullptr, &definition);
    try {
        fill(module);
        return module.ptr();
    }
    PYBIND11_CATCH_INIT_EXCEPTIONS
}
