#include "handshake.h"

#include <pybind11/stl.h>

#include <string>

#include "collected.h"
#include "connection.h"
#include "errors.h"
#include "headers.h"

namespace wsecho::python {

namespace {

// What a peer sends may be no UTF-8: it is shown all the same.
py::str text_of(const char* sent) {
    auto text = py::reinterpret_steal<py::str>(
        PyUnicode_DecodeUTF8(sent, static_cast<Py_ssize_t>(std::strlen(sent)), "surrogateescape"));
    if (!text) throw py::error_already_set{};
    return text;
}

class Handshake {
  public:
    Handshake(ServerCore& core, wsecho_connection_id id, const wsecho_handshake& asked)
        : core_(&core),
          id_(id),
          server_(py::reinterpret_borrow<py::object>(core.object)),
          method_(text_of(asked.method)),
          uri_(text_of(asked.uri)),
          query_(text_of(asked.query)),
          remote_address_(text_of(asked.remote_address)) {
        for (std::size_t i = 0; i < asked.header_count; ++i)
            headers_.append(
                py::make_tuple(text_of(asked.headers[i].name), text_of(asked.headers[i].value)));
        for (std::size_t i = 0; i < asked.subprotocol_count; ++i)
            subprotocols_.append(text_of(asked.subprotocols[i]));
    }

    void accept(const std::optional<std::string>& subprotocol, const py::object& headers,
                const py::object& user) {
        check_process(*core_);
        const GivenHeaders given{headers};
        wsecho_acceptance acceptance = WSECHO_ACCEPTANCE_INIT;
        acceptance.subprotocol = subprotocol ? subprotocol->c_str() : nullptr;
        acceptance.headers = given.data();
        acceptance.header_count = given.size();
        ConnectionObject* connection = new_connection(*core_, id_);
        if (connection == nullptr) throw py::error_already_set{};
        Py_DECREF(connection->user);
        connection->user = py::object{user}.release().ptr();
        // The open event takes the reference; it cannot come before this lock is given up.
        acceptance.connection_user = connection;
        const int code = wsecho_handshake_accept(core_->handle, id_, &acceptance);
        if (code == WSECHO_OK) return;
        const std::string detail = wsecho_error_detail();
        Py_DECREF(connection);
        check(code, detail);
    }

    void reject(std::uint32_t status, const py::object& headers, const py::object& body) {
        check_process(*core_);
        const GivenHeaders given{headers};
        wsecho_rejection rejection = WSECHO_REJECTION_INIT;
        rejection.status = status;
        rejection.headers = given.data();
        rejection.header_count = given.size();
        const std::string bytes = py::isinstance<py::str>(body)
                                      ? body.cast<std::string>()
                                      : py::bytes{body}.cast<std::string>();
        rejection.body = bytes.data();
        rejection.body_length = bytes.size();
        check(wsecho_handshake_reject(core_->handle, id_, &rejection));
    }

    // The first value, whatever the case of the name.
    [[nodiscard]] py::object header(const py::str& name, const py::object& otherwise) const {
        const py::object wanted = name.attr("lower")();
        for (const py::handle item : headers_) {
            const auto pair = item.cast<py::tuple>();
            if (pair[0].attr("lower")().equal(wanted)) return pair[1];
        }
        return otherwise;
    }

    [[nodiscard]] wsecho_connection_id id() const noexcept { return id_; }
    [[nodiscard]] const py::object& server() const noexcept { return server_; }
    [[nodiscard]] const py::str& method() const noexcept { return method_; }
    [[nodiscard]] const py::str& uri() const noexcept { return uri_; }
    [[nodiscard]] const py::str& query() const noexcept { return query_; }
    [[nodiscard]] const py::str& remote_address() const noexcept { return remote_address_; }
    [[nodiscard]] const py::list& headers() const noexcept { return headers_; }
    [[nodiscard]] const py::list& subprotocols() const noexcept { return subprotocols_; }

    int traverse(visitproc visit, void* arg) const {
        Py_VISIT(server_.ptr());
        Py_VISIT(headers_.ptr());
        Py_VISIT(subprotocols_.ptr());
        return 0;
    }
    void clear() {}  // whoever is in a cycle with it breaks it

  private:
    ServerCore* core_;
    wsecho_connection_id id_;
    py::object server_;
    py::str method_;
    py::str uri_;
    py::str query_;
    py::str remote_address_;
    py::list headers_;
    py::list subprotocols_;
};

}  // namespace

void add_handshake(py::module_& module) {
    using namespace pybind11::literals;
    const py::object none = py::none();
    py::class_<Handshake> type(
        module, "Handshake", py::custom_type_setup(&Collected<Handshake>::set_up),
        "A peer that asks to be let in. Answer it once, in on_handshake or later, "
        "from any thread; who has no answer in handshake_timeout_ms gets 503.");
    type.attr("__module__") = "wsecho";
    type.def("accept", &Handshake::accept, py::kw_only(), "subprotocol"_a = none,
             "headers"_a = none, "user"_a = none,
             "Lets the peer in, with one of its subprotocols, more headers for the answer, and the "
             "connection's `user`. Raises GoneError: it has left; WrongStateError: it is answered "
             "already.")
        .def("reject", &Handshake::reject, "status"_a = 403, py::kw_only(), "headers"_a = none,
             "body"_a = py::bytes{}, "Turns the peer away with an HTTP answer.")
        .def("header", &Handshake::header, "name"_a, "default"_a = none,
             "The first value of a header; its name in any case.")
        .def_property_readonly("id", &Handshake::id, "That of the connection, if it is let in.")
        .def_property_readonly("server", &Handshake::server)
        .def_property_readonly("method", &Handshake::method)
        .def_property_readonly("uri", &Handshake::uri, "The path, without the query.")
        .def_property_readonly("query", &Handshake::query)
        .def_property_readonly("remote_address", &Handshake::remote_address)
        .def_property_readonly("headers", &Handshake::headers, "Names and values, in their order.")
        .def_property_readonly("subprotocols", &Handshake::subprotocols,
                               "Those offered, the most wanted first.");
}

PyObject* new_handshake(ServerCore& core, wsecho_connection_id id,
                        const wsecho_handshake& asked) noexcept {
    try {
        return py::cast(std::make_unique<Handshake>(core, id, asked)).release().ptr();
    } catch (py::error_already_set& error) {
        error.restore();
    } catch (const std::exception& error) {
        PyErr_SetString(PyExc_RuntimeError, error.what());
    }
    return nullptr;
}

}  // namespace wsecho::python
