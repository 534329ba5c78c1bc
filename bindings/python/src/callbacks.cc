#include "callbacks.h"

#include <string>
#include <string_view>
#include <utility>

#include "call.h"
#include "connection.h"
#include "errors.h"
#include "handshake.h"
#include "message.h"
#include "pass.h"
#include "records.h"

namespace wsecho::python {

namespace {

Callbacks& of(void* user) noexcept {
    return *static_cast<Callbacks*>(user);
}

// Borrowed: it has it until its close callback. nullptr: no memory was left to make one.
PyObject* connection_of(wsecho_server* server, wsecho_connection_id id) noexcept {
    return static_cast<PyObject*>(wsecho_connection_user(server, id));
}

// Takes the reference to `argument`, which may be NULL with an exception set.
void call(Callbacks& callbacks, const py::object& callback, PyObject* connection,
          PyObject* argument) noexcept {
    PyObject* result = nullptr;
    if (argument != nullptr) {
        result = call_application(*callbacks.core, callback, connection, argument);
        Py_DECREF(argument);
    }
    if (result != nullptr)
        Py_DECREF(result);
    else
        callbacks.report(connection, callback);
}

void on_open(wsecho_server* server, wsecho_connection_id id, void* user) noexcept {
    Callbacks& callbacks = of(user);
    ConnectionObject* opened = open_connection(*callbacks.core, id, connection_of(server, id));
    if (opened == nullptr) {
        callbacks.report(nullptr, callbacks.on_open);
        wsecho_connection_close(server, id, 1011, nullptr, 0);
        return;
    }
    if (!callbacks.on_open) return;
    PyObject* connection = reinterpret_cast<PyObject*>(opened);
    PyObject* result = call_application(*callbacks.core, callbacks.on_open, connection);
    if (result != nullptr)
        Py_DECREF(result);
    else
        callbacks.report(connection, callbacks.on_open);
}

void on_message(wsecho_server* server, wsecho_connection_id id, int type, const void* payload,
                size_t length, void* user) noexcept {
    PyObject* connection = connection_of(server, id);
    if (connection != nullptr)
        call(of(user), of(user).on_message, connection, to_python(type, payload, length));
}

// Revoked when the callback has returned, with all views that were made of it: the bytes are the
// engine's.
void on_message_uncopied(wsecho_server* server, wsecho_connection_id id, int type,
                         const void* payload, size_t length, void* user) noexcept {
    if (type == WSECHO_TEXT) {
        on_message(server, id, type, payload, length, user);
        return;
    }
    Callbacks& callbacks = of(user);
    PyObject* connection = connection_of(server, id);
    if (connection == nullptr) return;
    // It is not written to: PyBUF_READ.
    auto* bytes = static_cast<char*>(const_cast<void*>(payload));
    PyObject* view = PyMemoryView_FromMemory(bytes, static_cast<Py_ssize_t>(length), PyBUF_READ);
    if (view != nullptr) Py_INCREF(view);
    call(callbacks, callbacks.on_message, connection, view);
    if (view == nullptr) return;
    auto* memory = reinterpret_cast<PyMemoryViewObject*>(view);
    if (Py_REFCNT(view) > 1 || memory->exports > 0 || memory->mbuf->exports > 1) {
        memory->mbuf->flags |= _Py_MANAGED_BUFFER_RELEASED;
        if (memory->exports > 0) {
            PyErr_SetString(PyExc_BufferError,
                            "the message's memory is in use after on_message: with zero_copy, "
                            "what is kept has to be copied");
            callbacks.report(connection, callbacks.on_message);
        }
    }
    Py_DECREF(view);
}

void on_close(wsecho_server* server, wsecho_connection_id id, const wsecho_close_event* event,
              void* user) noexcept {
    PyObject* connection = connection_of(server, id);
    if (connection == nullptr) return;
    if (of(user).on_close) call(of(user), of(user).on_close, connection, to_python(*event));
    remove_from_open(reinterpret_cast<ConnectionObject*>(connection));
}

void on_heartbeat(wsecho_server* server, wsecho_connection_id id, uint64_t round_trip_ns,
                  void* user) noexcept {
    PyObject* connection = connection_of(server, id);
    if (connection != nullptr)
        call(of(user), of(user).on_heartbeat, connection,
             PyLong_FromUnsignedLongLong(round_trip_ns));
}

void on_watermark(wsecho_server* server, wsecho_connection_id id, int is_high,
                  uint64_t queued_bytes, void* user) noexcept {
    PyObject* connection = connection_of(server, id);
    if (connection == nullptr) return;
    Callbacks& callbacks = of(user);
    PyObject* queued = PyLong_FromUnsignedLongLong(queued_bytes);
    PyObject* result = nullptr;
    if (queued != nullptr) {
        result = call_application(*callbacks.core, callbacks.on_watermark, connection,
                                  is_high != 0 ? Py_True : Py_False, queued);
        Py_DECREF(queued);
    }
    if (result != nullptr)
        Py_DECREF(result);
    else
        callbacks.report(connection, callbacks.on_watermark);
}

void on_handshake(wsecho_server* server, wsecho_connection_id id, const wsecho_handshake* asked,
                  void* user) noexcept {
    Callbacks& callbacks = of(user);
    if (PyObject* handshake = new_handshake(*callbacks.core, id, *asked)) {
        PyObject* result = call_application(*callbacks.core, callbacks.on_handshake, handshake);
        Py_DECREF(handshake);
        Py_XDECREF(result);
        if (result != nullptr) return;
    }
    callbacks.report(nullptr, callbacks.on_handshake);
    wsecho_rejection rejection = WSECHO_REJECTION_INIT;
    rejection.status = 500;
    wsecho_handshake_reject(server, id, &rejection);  // an answer that was given before stands
}

void on_pass_begin(wsecho_server* /*server*/, uint32_t /*loop*/, void* user) noexcept {
    enter_pass(*of(user).core);
}

void on_pass_end(wsecho_server* /*server*/, uint32_t /*loop*/, void* user) noexcept {
    // A destructor or a hook of the interpreter's may have forked, too.
    if (!of(user).core->is_of_this_process()) end_forked_child(nullptr);
    leave_pass();
}

}  // namespace

void Callbacks::read(Keywords& keywords) {
    on_open = keywords.take_callable("on_open");
    on_message = keywords.take_callable("on_message");
    on_close = keywords.take_callable("on_close");
    on_heartbeat = keywords.take_callable("on_heartbeat");
    on_watermark = keywords.take_callable("on_watermark");
    on_error = keywords.take_callable("on_error");
    zero_copy = keywords.take_flag("zero_copy", false);
    if (core->has_queue) refuse_queued();
}

void Callbacks::read_handshake(Keywords& keywords) {
    on_handshake = keywords.take_callable("on_handshake");
}

// Half of a connection's events here and half there would have no order.
void Callbacks::refuse_queued() const {
    const std::pair<const char*, const py::object*> queued[] = {{"on_open", &on_open},
                                                                {"on_message", &on_message},
                                                                {"on_close", &on_close},
                                                                {"on_heartbeat", &on_heartbeat},
                                                                {"on_watermark", &on_watermark}};
    for (const auto& [name, callback] : queued)
        if (*callback)
            fail(PyExc_TypeError,
                 std::string{name} + ": its events are taken from the event_queue");
}

wsecho_callbacks Callbacks::to_c() const {
    wsecho_callbacks callbacks = WSECHO_CALLBACKS_INIT;
    if (on_handshake) callbacks.on_handshake = python::on_handshake;
    if (core->has_queue) return callbacks;
    callbacks.on_open = python::on_open;
    if (on_message) callbacks.on_message = zero_copy ? on_message_uncopied : python::on_message;
    callbacks.on_close = python::on_close;
    if (on_heartbeat) callbacks.on_heartbeat = python::on_heartbeat;
    if (on_watermark) callbacks.on_watermark = python::on_watermark;
    return callbacks;
}

void add_pass_hooks(wsecho_callbacks& callbacks) {
    callbacks.on_pass_begin = on_pass_begin;
    callbacks.on_pass_end = on_pass_end;
}

int Callbacks::traverse(visitproc visit, void* arg) const {
    for (const py::object* object :
         {&on_open, &on_message, &on_close, &on_heartbeat, &on_watermark, &on_handshake, &on_error})
        Py_VISIT(object->ptr());
    return 0;
}

void Callbacks::clear() {
    for (py::object* object :
         {&on_open, &on_message, &on_close, &on_heartbeat, &on_watermark, &on_handshake, &on_error})
        *object = py::object{};
}

void Callbacks::report(PyObject* connection, const py::object& callback) noexcept {
    constexpr std::string_view reason = "the application failed";
    PyObject* hook = on_error.ptr();
    if (hook == nullptr) {
        PyErr_WriteUnraisable(callback.ptr());
    } else {
        PyObject* type = nullptr;
        PyObject* value = nullptr;
        PyObject* traceback = nullptr;
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_NormalizeException(&type, &value, &traceback);
        if (traceback != nullptr) PyException_SetTraceback(value, traceback);
        PyObject* result =
            call_application(*core, on_error, connection == nullptr ? Py_None : connection, value);
        if (result == nullptr) PyErr_WriteUnraisable(hook);
        Py_XDECREF(result);
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
    }
    if (connection != nullptr)
        wsecho_connection_close(core->handle, reinterpret_cast<ConnectionObject*>(connection)->id,
                                1011, reason.data(), reason.size());
}

}  // namespace wsecho::python
