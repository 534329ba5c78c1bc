// A message as Python gives it: str is text, bytes and whatever else has a buffer are binary.
#pragma once

#include <pybind11/pybind11.h>

#include "wsecho/wsecho.h"

namespace wsecho::python {

// What the keyword `text` says.
enum class Kind { by_type, text, binary };

// Borrows from the Python object for as long as it lives.
class GivenMessage {
  public:
    GivenMessage() noexcept { view_.obj = nullptr; }
    GivenMessage(const GivenMessage&) = delete;
    GivenMessage& operator=(const GivenMessage&) = delete;
    ~GivenMessage() {
        if (view_.obj != nullptr) PyBuffer_Release(&view_);
    }

    // false: a Python exception is set.
    [[nodiscard]] bool read(PyObject* given, Kind kind = Kind::by_type) noexcept {
        Py_ssize_t length = 0;
        if (PyUnicode_Check(given)) {
            data_ = PyUnicode_AsUTF8AndSize(given, &length);
            type_ = kind == Kind::binary ? WSECHO_BINARY : WSECHO_TEXT;
        } else if (PyBytes_Check(given)) {
            data_ = PyBytes_AS_STRING(given);
            length = PyBytes_GET_SIZE(given);
            type_ = kind == Kind::text ? WSECHO_TEXT : WSECHO_BINARY;
        } else {
            return read_buffer(given, kind);
        }
        length_ = static_cast<size_t>(length);
        return data_ != nullptr;
    }

    [[nodiscard]] int type() const noexcept { return type_; }
    [[nodiscard]] const void* data() const noexcept { return data_; }
    [[nodiscard]] size_t length() const noexcept { return length_; }

  private:
    bool read_buffer(PyObject* given, Kind kind) noexcept;

    int type_ = WSECHO_BINARY;
    const void* data_ = nullptr;
    size_t length_ = 0;
    Py_buffer view_;
};

// The keyword's value; false: an exception is set.
bool read_kind(PyObject* given, Kind& kind) noexcept;

// The keywords `key` and `lifetime_ms`, NULL where they are not given; false: an exception is set.
bool read_terms(PyObject* key, PyObject* lifetime_ms, wsecho_message_terms& terms) noexcept;

// What came, as Python has it; NULL: an exception is set.
inline PyObject* to_python(int type, const void* payload, size_t length) noexcept {
    const auto* bytes = static_cast<const char*>(payload);
    const auto size = static_cast<Py_ssize_t>(length);
    return type == WSECHO_TEXT ? PyUnicode_DecodeUTF8(bytes, size, nullptr)
                               : PyBytes_FromStringAndSize(bytes, size);
}

}  // namespace wsecho::python
