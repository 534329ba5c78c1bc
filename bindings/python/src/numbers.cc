#include "numbers.h"

#include "errors.h"

namespace wsecho::python {

namespace {

bool out_of_range(PyObject* number, const char* name, std::int64_t least,
                  std::uint64_t most) noexcept {
    PyErr_Clear();
    PyObject* digits = PyObject_Str(number);
    const char* text = digits == nullptr ? nullptr : PyUnicode_AsUTF8(digits);
    if (text == nullptr) PyErr_Clear();  // more digits than Python writes
    try {
        raise(WSECHO_ERR_INVALID_ARGUMENT,
              std::string{name} + ": " + (text == nullptr ? "the number" : text) + " is not in " +
                  std::to_string(least) + " to " + std::to_string(most));
    } catch (const std::exception&) {
        PyErr_NoMemory();
    }
    Py_XDECREF(digits);
    return false;
}

}  // namespace

bool read_integer(PyObject* given, const char* name, std::int64_t least, std::uint64_t most,
                  std::uint64_t& bits) noexcept {
    if (PyIndex_Check(given) == 0) {
        PyErr_Format(PyExc_TypeError, "%s must be int, not %.200s", name, Py_TYPE(given)->tp_name);
        return false;
    }
    PyObject* number = PyNumber_Index(given);
    if (number == nullptr) return false;
    int overflow = 0;
    const long long small = PyLong_AsLongLongAndOverflow(number, &overflow);
    bool fits = false;
    if (overflow == 0) {
        bits = static_cast<std::uint64_t>(small);
        fits = small >= 0 ? bits <= most : small >= least;
    } else if (overflow > 0) {
        bits = PyLong_AsUnsignedLongLong(number);
        fits = PyErr_Occurred() == nullptr && bits <= most;
    }
    if (!fits) out_of_range(number, name, least, most);
    Py_DECREF(number);
    return fits;
}

}  // namespace wsecho::python
