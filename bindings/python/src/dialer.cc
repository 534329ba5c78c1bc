#include "dialer.h"

#include <pybind11/stl.h>

#include "call.h"
#include "collected.h"
#include "connection.h"
#include "errors.h"
#include "headers.h"
#include "message.h"
#include "records.h"
#include "server.h"
#include "server_options.h"

namespace wsecho::python {

namespace {

// One text, or several: with spaces between them.
py::object joined(const char* name, const py::object& given) {
    if (!given || py::isinstance<py::str>(given)) return given;
    py::list texts;
    if (PyObject* items = PyObject_GetIter(given.ptr())) {
        for (const py::handle text : py::reinterpret_steal<py::iterator>(items)) {
            if (!py::isinstance<py::str>(text)) wrong_type(name, "of str", text);
            texts.append(text);
        }
        return py::str{" "}.attr("join")(texts);
    }
    PyErr_Clear();
    wrong_type(name, "str or an iterable of str", given);
}

}  // namespace

Dialer::Dialer(const py::object& server, const py::object& urls, const py::kwargs& given)
    : server_(server), core_(&wrapped<Server>(server, "server", "Server").core()) {
    check_process(*core_);
    core_->object = server.ptr();
    Keywords keywords{"Dialer()", given};
    wsecho_dialer_options options = WSECHO_DIALER_OPTIONS_INIT;
    keywords.set("urls", joined("urls", urls));
    keywords.set("subprotocols", joined("subprotocols", keywords.take("subprotocols")));
    const GivenHeaders headers{keywords.take("headers")};
    keywords.fill<wsecho_dialer_options>(options, dialer_fields());
    options.headers = headers.data();
    options.header_count = headers.size();
    count_ = options.connections;
    callbacks_.core = core_;
    callbacks_.read(keywords);
    on_state_ = keywords.take_callable("on_state");
    keywords.finish();
    if (!callbacks_.on_error) callbacks_.on_error = server.cast<Server&>().callbacks().on_error;
    const wsecho_callbacks callbacks = callbacks_.to_c();
    // What waits in a queue may outlive the dialer, but not the server.
    Callbacks* user = core_->has_queue ? &server.cast<Server&>().callbacks() : &callbacks_;
    int code = WSECHO_OK;
    {
        const Unlocked unlocked;
        code = wsecho_dialer_create(&handle_, core_->handle, &options, &callbacks,
                                    on_state_ ? on_state : nullptr, user);
    }
    check(code);
    if (options.close_timeout_ms != WSECHO_AS_SERVER)
        server.cast<Server&>().add_close_timeout(options.close_timeout_ms);
}

Dialer::~Dialer() {
    if (!core_->is_of_this_process()) return;
    const Unlocked unlocked;
    wsecho_dialer_destroy(handle_);
}

void Dialer::check_open() const {
    check_process(*core_);
    if (handle_ == nullptr) check(WSECHO_ERR_WRONG_STATE, "the dialer is closed");
}

void Dialer::start(const py::object& self) {
    check_open();
    core_->dialers[handle_] = self.ptr();
    server_.cast<Server&>().keep_dialer(self);
    check(wsecho_dialer_start(handle_));
}

void Dialer::stop() {
    check_open();
    check(wsecho_dialer_stop(handle_));
}

void Dialer::close(const py::object& self) {
    if (handle_ == nullptr || is_closing_ || !core_->is_of_this_process()) return;
    Outcome outcome;
    is_closing_ = true;
    try {
        outcome = long_calls_.run([dialer = handle_] { return wsecho_dialer_destroy(dialer); });
    } catch (const py::error_already_set&) {
        handle_ = nullptr;  // a thread that is left to itself ends it
        throw;
    } catch (...) {
        is_closing_ = false;
        throw;
    }
    is_closing_ = false;
    check(outcome.code, outcome.detail);
    core_->dialers.erase(handle_);
    handle_ = nullptr;
    server_.cast<Server&>().let_dialer_go(self);
}

void Dialer::remember(const char* key, py::handle message, py::handle text) {
    check_open();
    Kind kind{};
    GivenMessage given;
    if (!read_kind(text.ptr(), kind) || !given.read(message.ptr(), kind))
        throw py::error_already_set{};
    check(wsecho_dialer_remember(handle_, key, given.type(), given.data(), given.length()));
}

void Dialer::forget(const char* key) {
    check_open();
    check(wsecho_dialer_forget(handle_, key));
}

int Dialer::state() const {
    check_process(*core_);
    return wsecho_dialer_get_state(handle_);
}

py::object Dialer::connection(std::uint32_t index) const {
    check_open();
    const wsecho_connection_id id = wsecho_dialer_connection(handle_, index);
    void* known = id == 0 ? nullptr : wsecho_connection_user(core_->handle, id);
    return py::reinterpret_borrow<py::object>(static_cast<PyObject*>(known));
}

py::list Dialer::connections() const {
    py::list open;
    for (std::uint32_t i = 0; i < count_; ++i)
        if (const py::object found = connection(i)) open.append(found);
    return open;
}

int Dialer::traverse(visitproc visit, void* arg) const {
    Py_VISIT(server_.ptr());
    Py_VISIT(on_state_.ptr());
    return callbacks_.traverse(visit, arg);
}

// Not the server, which the dialer is part of: it breaks its own cycles.
void Dialer::clear() {
    on_state_ = py::object{};
    callbacks_.clear();
}

void Dialer::on_state(wsecho_dialer* handle, const wsecho_dialer_event* event,
                      void* user) noexcept {
    auto& callbacks = *static_cast<Callbacks*>(user);
    const auto found = callbacks.core->dialers.find(handle);
    if (found == callbacks.core->dialers.end()) return;
    const auto self = py::reinterpret_borrow<py::object>(found->second);
    const Dialer& dialer = *self.cast<Dialer*>();
    PyObject* told = to_python(*event);
    PyObject* result = nullptr;
    if (told != nullptr) {
        result = call_application(*callbacks.core, dialer.on_state_, self.ptr(), told);
        Py_DECREF(told);
    }
    if (result == nullptr) callbacks.report(nullptr, dialer.on_state_);
    Py_XDECREF(result);
}

void add_dialer(py::module_& module) {
    using namespace pybind11::literals;
    const py::object none = py::none();
    const py::object states = py::module_::import("wsecho.constants").attr("DialerState");
    py::class_<Dialer> type(
        module, "Dialer", py::custom_type_setup(&Collected<Dialer>::set_up),
        "Connects to a WebSocket server, and again when that ends; on the loops of a "
        "Server, which need not listen: port=-1.");
    type.attr("__module__") = "wsecho";
    type.def(py::init<const py::object&, const py::object&, const py::kwargs&>(), "server"_a,
             "urls"_a)
        .def(
            "start", [](const py::object& self) { self.cast<Dialer&>().start(self); },
            "Begins to connect; returns at once. What has given up begins anew.")
        .def("stop", &Dialer::stop,
             "Closes its connections with 1001 and tries no more; returns at once.")
        .def(
            "close", [](const py::object& self) { self.cast<Dialer&>().close(self); },
            "As stop(), and waits until it is over, close_timeout_ms at the most. It cannot be "
            "started again.")
        .def("__enter__",
             [](const py::object& self) {
                 self.cast<Dialer&>().start(self);
                 return self;
             })
        .def("__exit__",
             [](const py::object& self, const py::args&) { self.cast<Dialer&>().close(self); })
        .def(
            "remember", &Dialer::remember, "key"_a, "message"_a, py::pos_only(), py::kw_only(),
            "text"_a = none,
            "Keeps a message to be sent on each connection as soon as it is there, before anything "
            "else.")
        .def("forget", &Dialer::forget, "key"_a, py::pos_only())
        .def(
            "connection",
            [none](const Dialer& self, std::uint32_t index) {
                const py::object found = self.connection(index);
                return found ? found : none;
            },
            "index"_a = 0, "One of its connections; None while it is not Connected.")
        .def_property_readonly(
            "state", [states](const Dialer& self) { return states(self.state()); },
            "A DialerState: of several connections the one that is farthest.")
        .def_property_readonly("connections", &Dialer::connections, "Those that are open.")
        .def_property_readonly("server", &Dialer::server);
}

}  // namespace wsecho::python
