#include "prepared.h"

#include "errors.h"
#include "message.h"

namespace wsecho::python {

namespace {

struct PreparedObject {
    PyObject_HEAD wsecho_message* message;
    Py_ssize_t length;
};

PyTypeObject* prepared_type = nullptr;

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords) noexcept {
    static const char* const names[] = {"message", "text", "key", "lifetime_ms", nullptr};
    PyObject* given = nullptr;
    PyObject* text = nullptr;
    PyObject* key = nullptr;
    PyObject* lifetime = nullptr;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O|$OOO:PreparedMessage",
                                    const_cast<char**>(names), &given, &text, &key, &lifetime) == 0)
        return nullptr;
    wsecho_message_terms terms = WSECHO_MESSAGE_TERMS_INIT;
    if (!read_terms(key, lifetime, terms)) return nullptr;
    Kind kind{};
    GivenMessage message;
    if (!read_kind(text, kind) || !message.read(given, kind)) return nullptr;

    auto* self = reinterpret_cast<PreparedObject*>(type->tp_alloc(type, 0));
    if (self == nullptr) return nullptr;
    const int code = wsecho_message_prepare_with(&self->message, message.type(), message.data(),
                                                 message.length(), &terms);
    self->length = static_cast<Py_ssize_t>(message.length());
    if (code == WSECHO_OK) return reinterpret_cast<PyObject*>(self);
    Py_DECREF(self);
    return raise(code);
}

void end(PyObject* object) noexcept {
    PyTypeObject* type = Py_TYPE(object);
    wsecho_message_release(reinterpret_cast<PreparedObject*>(object)->message);
    type->tp_free(object);
    Py_DECREF(type);
}

Py_ssize_t length(PyObject* object) noexcept {
    return reinterpret_cast<PreparedObject*>(object)->length;
}

constexpr const char* words =
    "PreparedMessage(message, *, text=None, key=0, lifetime_ms=0)\n--\n\n"
    "A message that is encoded once, to be sent to many, with any server.\n\n"
    "key: where a message with this key waits for the peer already, it is replaced; 0: none.\n"
    "lifetime_ms: from each call that sends it; what has not left by then is not sent; 0: no end.";

}  // namespace

void add_prepared_message(py::module_& module) {
    PyType_Slot slots[] = {{Py_tp_new, reinterpret_cast<void*>(make)},
                           {Py_tp_dealloc, reinterpret_cast<void*>(end)},
                           {Py_sq_length, reinterpret_cast<void*>(length)},
                           {Py_tp_doc, const_cast<char*>(words)},
                           {0, nullptr}};
    PyType_Spec spec{"wsecho.PreparedMessage", static_cast<int>(sizeof(PreparedObject)), 0,
                     Py_TPFLAGS_DEFAULT, slots};
    prepared_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    if (prepared_type == nullptr) throw py::error_already_set{};
    module.attr("PreparedMessage") = py::handle{reinterpret_cast<PyObject*>(prepared_type)};
}

const wsecho_message* prepared_message(PyObject* object) noexcept {
    return Py_TYPE(object) == prepared_type ? reinterpret_cast<PreparedObject*>(object)->message
                                            : nullptr;
}

}  // namespace wsecho::python
