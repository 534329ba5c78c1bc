#include "connection.h"

#include <structmember.h>

#include <array>
#include <cstdio>
#include <string>

#include "connection_calls.h"
#include "errors.h"
#include "records.h"

namespace wsecho::python {

namespace {

PyTypeObject* connection_type = nullptr;

ConnectionObject* of(PyObject* object) noexcept {
    return reinterpret_cast<ConnectionObject*>(object);
}

int traverse(PyObject* object, visitproc visit, void* arg) noexcept {
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(of(object)->server);
    Py_VISIT(of(object)->user);
    return 0;
}

// Not the server, which the core is part of: it breaks its own cycles.
int clear(PyObject* object) noexcept {
    Py_CLEAR(of(object)->user);
    return 0;
}

void end(PyObject* object) noexcept {
    PyObject_GC_UnTrack(object);
    if (of(object)->weak_references != nullptr) PyObject_ClearWeakRefs(object);
    Py_XDECREF(of(object)->user);
    Py_DECREF(of(object)->server);
    PyTypeObject* type = Py_TYPE(object);
    type->tp_free(object);
    Py_DECREF(type);
}

// Ask: char* buffer, size_t size, size_t* length -> int, as wsecho_connection_uri()
template <class Ask>
PyObject* text(Ask&& ask) noexcept {
    std::array<char, 256> small;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by ask
    size_t length = 0;
    const int code = ask(small.data(), small.size(), &length);
    if (code != WSECHO_OK) return raise(code);
    if (length < small.size())
        return PyUnicode_DecodeUTF8(small.data(), static_cast<Py_ssize_t>(length), "replace");
    try {
        std::string large(length + 1, '\0');
        const int again = ask(large.data(), large.size(), &length);
        if (again != WSECHO_OK) return raise(again);
        return PyUnicode_DecodeUTF8(large.data(), static_cast<Py_ssize_t>(large.size() - 1),
                                    "replace");
    } catch (const std::bad_alloc&) {
        return PyErr_NoMemory();
    }
}

template <auto Function>
PyObject* text_attribute(PyObject* self, void* /*closure*/) noexcept {
    const ConnectionObject* connection = of(self);
    if (!is_usable(connection)) return nullptr;
    return text([&](char* buffer, size_t size, size_t* length) {
        return Function(connection->core->handle, connection->id, buffer, size, length);
    });
}

PyObject* header(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept {
    static const char* const names[] = {"name", "default", nullptr};
    const ConnectionObject* connection = of(self);
    const char* name = nullptr;
    PyObject* otherwise = Py_None;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "s|O:header", const_cast<char**>(names),
                                    &name, &otherwise) == 0 ||
        !is_usable(connection))
        return nullptr;
    int code = WSECHO_OK;
    PyObject* found = text([&](char* buffer, size_t size, size_t* length) {
        code = wsecho_connection_header(connection->core->handle, connection->id, name, buffer,
                                        size, length);
        return code;
    });
    if (code != WSECHO_ERR_NOT_FOUND) return found;
    PyErr_Clear();
    Py_INCREF(otherwise);
    return otherwise;
}

PyObject* channels(PyObject* self, void* /*closure*/) noexcept {
    PyObject* lines = text_attribute<wsecho_connection_channels>(self, nullptr);
    if (lines == nullptr) return nullptr;
    PyObject* names = PyUnicode_Splitlines(lines, 0);
    Py_DECREF(lines);
    return names;
}

PyObject* queued_bytes(PyObject* self, void* /*closure*/) noexcept {
    const ConnectionObject* connection = of(self);
    if (!is_usable(connection)) return nullptr;
    return PyLong_FromUnsignedLongLong(
        wsecho_connection_queued_bytes(connection->core->handle, connection->id));
}

int state_of(const ConnectionObject* connection) noexcept {
    return connection->core->is_of_this_process()
               ? wsecho_connection_get_state(connection->core->handle, connection->id)
               : WSECHO_STATE_GONE;
}

PyObject* state(PyObject* self, void* /*closure*/) noexcept {
    return connection_state(state_of(of(self)));
}

PyObject* is_open(PyObject* self, void* /*closure*/) noexcept {
    return PyBool_FromLong(state_of(of(self)) == WSECHO_STATE_OPEN ? 1 : 0);
}

PyObject* round_trips(PyObject* self, void* /*closure*/) noexcept {
    const ConnectionObject* connection = of(self);
    if (!is_usable(connection)) return nullptr;
    wsecho_round_trips times{};
    times.version = WSECHO_ROUND_TRIPS_VERSION;
    times.size = sizeof times;
    const int code =
        wsecho_connection_round_trips(connection->core->handle, connection->id, &times);
    if (code == WSECHO_ERR_NOT_FOUND) Py_RETURN_NONE;
    return code == WSECHO_OK ? to_python(times) : raise(code);
}

PyObject* represent(PyObject* self) noexcept {
    static constexpr std::array names{"gone", "", "open", "closing", "closed", "asking"};
    const int state = state_of(of(self));
    std::array<char, 17> id{};  // Python's own format has no such numbers before 3.12
    std::snprintf(id.data(), id.size(), "%llx", static_cast<unsigned long long>(of(self)->id));
    return PyUnicode_FromFormat("<wsecho.Connection %s, %s>", id.data(),
                                names[static_cast<std::size_t>(state)]);
}

template <class Function>
PyCFunction method(Function* function) noexcept {
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef methods[] = {
    {"send", method(send), METH_FASTCALL | METH_KEYWORDS,
     "send($self, message, /, *, text=None, key=0, lifetime_ms=0)\n--\n\n"
     "Sends a message: str as text, bytes-like objects as binary, or a PreparedMessage. From any\n"
     "thread. It is copied, or written, before the call returns.\n\n"
     "text: True or False: whatever its type is. key, lifetime_ms: as of PreparedMessage.\n\n"
     "Raises GoneError, ClosingError, BackpressureError, TooBigError; LateError of a\n"
     "PreparedMessage."},
    {"close", method(close), METH_VARARGS | METH_KEYWORDS,
     "close($self, /, code=1000, reason='')\n--\n\n"
     "Begins a close: what was sent before goes out first. Of one that is closing or gone it does\n"
     "nothing."},
    {"ping", method(ping), METH_NOARGS,
     "ping($self, /)\n--\n\nPings the peer now; the answer comes to on_heartbeat."},
    {"header", method(header), METH_VARARGS | METH_KEYWORDS,
     "header($self, /, name, default=None)\n--\n\n"
     "The first value of a header of the peer's request, or of its answer where a dialer made the\n"
     "connection; its name in any case."},
    {"pause_reading", method(pause_reading), METH_NOARGS,
     "pause_reading($self, /)\n--\n\nNothing more is read from the peer: TCP makes it wait."},
    {"resume_reading", method(resume_reading), METH_NOARGS,
     "resume_reading($self, /)\n--\n\nGoes on reading where it was paused."},
    {"subscribe", method(subscribe), METH_VARARGS | METH_KEYWORDS,
     "subscribe($self, /, channel)\n--\n\n"
     "Joins a channel, until unsubscribe() or the close. To be in it already is no error."},
    {"subscribe_after", method(subscribe_after), METH_VARARGS | METH_KEYWORDS,
     "subscribe_after($self, /, channel, number, epoch=0)\n--\n\n"
     "As subscribe(), but first the peer gets what was published after a number and is kept.\n"
     "Returns a Missed."},
    {"unsubscribe", method(unsubscribe), METH_VARARGS | METH_KEYWORDS,
     "unsubscribe($self, /, channel)\n--\n\nLeaves a channel. Raises NotFoundError: it is not in "
     "it."},
    {"set_heartbeat", method(set_heartbeat), METH_VARARGS | METH_KEYWORDS,
     "set_heartbeat($self, /, *, interval_ms=30000, max_interval_ms=0, timeout_ms=20000, "
     "misses=1)\n--\n\n"
     "A heartbeat of its own. Without arguments its path's again."},
    {"set_backpressure_policy", method(set_backpressure_policy), METH_VARARGS | METH_KEYWORDS,
     "set_backpressure_policy($self, /, policy)\n--\n\n"
     "What becomes of messages for which there is no room; from now on. A BackpressurePolicy."},
    {nullptr, nullptr, 0, nullptr}};

PyGetSetDef attributes[] = {
    {"remote_address", text_attribute<wsecho_connection_remote_address>, nullptr,
     "'192.0.2.1:4711', '[2001:db8::1]:4711', or 'unix'.", nullptr},
    {"uri", text_attribute<wsecho_connection_uri>, nullptr,
     "The path that was asked for, without the query.", nullptr},
    {"query", text_attribute<wsecho_connection_query>, nullptr,
     "What stood behind the question mark; '' if nothing did.", nullptr},
    {"channels", channels, nullptr, "The names of the channels that it is in.", nullptr},
    {"queued_bytes", queued_bytes, nullptr, "Bytes that wait for this peer.", nullptr},
    {"state", state, nullptr, "A ConnectionState.", nullptr},
    {"is_open", is_open, nullptr, "May it be sent to?", nullptr},
    {"round_trips", round_trips, nullptr, "A RoundTrips; None: no ping was answered yet.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr}};

PyMemberDef members[] = {
    {"id", T_ULONGLONG, offsetof(ConnectionObject, id), READONLY,
     "The engine's number for it; never that of another connection of its server."},
    {"server", T_OBJECT, offsetof(ConnectionObject, server), READONLY, "The Server."},
    {"user", T_OBJECT, offsetof(ConnectionObject, user), 0,
     "An object of yours, kept for the connection; None until it is set."},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(ConnectionObject, weak_references), READONLY,
     nullptr},
    {nullptr, 0, 0, 0, nullptr}};

constexpr const char* words =
    "One peer, from its open event on. What its calls raise: GoneError once the close callback is\n"
    "over, ClosingError when its close has begun. They may be made from any thread.";

}  // namespace

void add_connection(py::module_& module) {
    PyType_Slot slots[] = {{Py_tp_dealloc, reinterpret_cast<void*>(end)},
                           {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
                           {Py_tp_clear, reinterpret_cast<void*>(clear)},
                           {Py_tp_repr, reinterpret_cast<void*>(represent)},
                           {Py_tp_methods, methods},
                           {Py_tp_getset, attributes},
                           {Py_tp_members, members},
                           {Py_tp_doc, const_cast<char*>(words)},
                           {0, nullptr}};
    PyType_Spec spec{"wsecho.Connection", static_cast<int>(sizeof(ConnectionObject)), 0,
                     Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};
    connection_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    if (connection_type == nullptr) throw py::error_already_set{};
    connection_type->tp_new = nullptr;  // a server makes them
    PyType_Modified(connection_type);
    module.attr("Connection") = py::handle{reinterpret_cast<PyObject*>(connection_type)};
}

ConnectionObject* new_connection(ServerCore& core, wsecho_connection_id id) noexcept {
    ConnectionObject* made = PyObject_GC_New(ConnectionObject, connection_type);
    if (made == nullptr) return nullptr;
    made->id = id;
    made->core = &core;
    made->server = core.object;
    Py_INCREF(core.object);
    made->user = Py_None;
    Py_INCREF(Py_None);
    made->weak_references = nullptr;
    made->previous = nullptr;
    made->next = nullptr;
    PyObject_GC_Track(made);
    return made;
}

ConnectionObject* open_connection(ServerCore& core, wsecho_connection_id id,
                                  PyObject* accepted) noexcept {
    ConnectionObject* opened = accepted != nullptr ? of(accepted) : new_connection(core, id);
    if (opened == nullptr) return nullptr;
    add_to_open(opened);
    if (accepted == nullptr) wsecho_connection_set_user(core.handle, id, opened);
    return opened;
}

bool read_connection_id(PyObject* given, const char* name, wsecho_connection_id& id) noexcept {
    id = 0;
    if (given == nullptr || given == Py_None) return true;
    if (Py_TYPE(given) != connection_type) {
        PyErr_Format(PyExc_TypeError, "%s must be wsecho.Connection or None, not %.200s", name,
                     Py_TYPE(given)->tp_name);
        return false;
    }
    id = of(given)->id;
    return true;
}

void add_to_open(ConnectionObject* connection) noexcept {
    ConnectionObject*& first = connection->core->first_connection;
    connection->next = first;
    if (first != nullptr) first->previous = connection;
    first = connection;
}

void remove_from_open(ConnectionObject* connection) noexcept {
    if (connection->previous != nullptr)
        connection->previous->next = connection->next;
    else
        connection->core->first_connection = connection->next;
    if (connection->next != nullptr) connection->next->previous = connection->previous;
    connection->previous = nullptr;
    connection->next = nullptr;
    Py_DECREF(connection);
}

void forget_open(ServerCore& core) noexcept {
    while (core.first_connection != nullptr)
        remove_from_open(core.first_connection);
}

int visit_open(const ServerCore& core, visitproc visit, void* arg) noexcept {
    for (ConnectionObject* at = core.first_connection; at != nullptr; at = at->next)
        Py_VISIT(at);
    return 0;
}

py::list open_connections(const ServerCore& core) {
    py::list connections;
    for (ConnectionObject* at = core.first_connection; at != nullptr; at = at->next)
        connections.append(py::handle{reinterpret_cast<PyObject*>(at)});
    return connections;
}

}  // namespace wsecho::python
