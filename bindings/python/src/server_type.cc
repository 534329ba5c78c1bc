// wsecho.Server, as Python sees it.
#include <pybind11/stl.h>

#include "collected.h"
#include "server.h"

namespace wsecho::python {

namespace {

py::object steal(PyObject* made) {
    if (made == nullptr) throw py::error_already_set{};
    return py::reinterpret_steal<py::object>(made);
}

}  // namespace

void add_server(py::module_& module) {
    using namespace pybind11::literals;
    const py::object none = py::none();
    py::class_<Server> type(module, "Server", py::custom_type_setup(&Collected<Server>::set_up),
                            "A WebSocket server; with port=-1, the loops of dialers.");
    type.attr("__module__") = "wsecho";
    type.def(py::init<const py::kwargs&>(),
             "Options are those of wsecho_server_options, by their names. Callbacks: on_open, "
             "on_message, on_close, on_heartbeat, on_watermark, on_handshake, on_error, log; with "
             "an "
             "event_queue instead of the first five.")
        .def(
            "start", [](const py::object& self) { self.cast<Server&>().start(self); },
            "Listens; returns when connections are accepted. A server is started once.")
        .def(
            "stop", [](const py::object& self) { self.cast<Server&>().stop(self); },
            "Tells every peer 1001, waits up to close_timeout_ms for the answers. What does not "
            "run is left as it is.")
        .def(
            "drain",
            [](const py::object& self, const py::kwargs& given) {
                return steal(self.cast<Server&>().drain(self, given));
            },
            "A stop with time: deadline_ms, spread_ms, code, reason. Returns a DrainReport.")
        .def("wait", &Server::wait, "timeout"_a = none,
             "Waits until the server is stopped; False: the timeout (in seconds) was over first.")
        .def("__enter__",
             [](const py::object& self) {
                 self.cast<Server&>().start(self);
                 return self;
             })
        .def("__exit__",
             [](const py::object& self, const py::args&) { self.cast<Server&>().stop(self); })
        .def("add_path", &Server::add_path, "path"_a, py::pos_only(),
             "Serves a path with callbacks and limits of its own. Before the start.")
        .def("broadcast", &Server::broadcast, "message"_a, py::pos_only(), py::kw_only(),
             "text"_a = none, "exclude"_a = none, "Sends a message to every open connection.")
        .def("publish", &Server::publish, "channel"_a, "message"_a, py::pos_only(), py::kw_only(),
             "text"_a = none, "exclude"_a = none,
             "Sends a message to every member of a channel; returns its number there, 0: nobody is "
             "in it.")
        .def("publish_numbered", &Server::publish_numbered, "channel"_a, "message"_a,
             py::pos_only(), "number_at"_a, py::kw_only(), "text"_a = none, "exclude"_a = none,
             "As publish(), with the message's own number written into it.")
        .def("channel_size", &Server::channel_size, "channel"_a, py::pos_only(),
             "How many members a channel has.")
        .def("set_history", &Server::set_history, "channel"_a, py::pos_only(),
             "Keeps a channel's messages from now on: max_messages, max_age_ms, max_bytes.")
        .def("end_history", &Server::end_history, "channel"_a, py::pos_only(),
             "Nothing of a channel is kept any more.")
        .def("set_heartbeat", &Server::set_heartbeat, "path"_a = none, py::pos_only(),
             "Changes the heartbeat of a path; None: the one of the server's options.")
        .def(
            "statistics",
            [](const Server& self, std::optional<std::uint32_t> loop) {
                return steal(self.statistics(loop));
            },
            "loop"_a = none, "A snapshot of all loops, or of one.")
        .def_property_readonly("port", &Server::port, "The TCP port; -1 while there is none.")
        .def_property_readonly("loops", &Server::loops, "How many loops it has.")
        .def_property_readonly("event_loop", &Server::event_loop, "What they wait with.")
        .def_property_readonly("is_running", &Server::is_running)
        .def_property_readonly("connections", &Server::connections, "Those that are open.");
}

}  // namespace wsecho::python
