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

PYBIND11_MODULE(_wsecho, module) {
    using namespace wsecho::python;
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
    py::module_::import("atexit").attr("register")(py::cpp_function(&Server::stop_all));
}
