#include "message.h"

#include "numbers.h"

namespace wsecho::python {

bool GivenMessage::read_buffer(PyObject* given, Kind kind) noexcept {
    if (PyObject_CheckBuffer(given) == 0) {
        PyErr_Format(PyExc_TypeError, "message must be str or a bytes-like object, not %.200s",
                     Py_TYPE(given)->tp_name);
        return false;
    }
    if (PyObject_GetBuffer(given, &view_, PyBUF_SIMPLE) != 0) {
        view_.obj = nullptr;
        return false;
    }
    data_ = view_.buf;
    length_ = static_cast<size_t>(view_.len);
    type_ = kind == Kind::text ? WSECHO_TEXT : WSECHO_BINARY;
    return true;
}

bool read_kind(PyObject* given, Kind& kind) noexcept {
    if (given == nullptr || given == Py_None) {
        kind = Kind::by_type;
    } else {
        const int is_text = PyObject_IsTrue(given);
        if (is_text < 0) return false;
        kind = is_text != 0 ? Kind::text : Kind::binary;
    }
    return true;
}

bool read_terms(PyObject* key, PyObject* lifetime_ms, wsecho_message_terms& terms) noexcept {
    return (key == nullptr || read_number(key, "key", terms.key)) &&
           (lifetime_ms == nullptr || read_number(lifetime_ms, "lifetime_ms", terms.lifetime_ms));
}

}  // namespace wsecho::python
