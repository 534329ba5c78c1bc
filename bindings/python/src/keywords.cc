#include "keywords.h"

#include <cstring>

#include "errors.h"
#include "numbers.h"

namespace wsecho::python {

namespace {

template <class Integer>
void read_integer_of(const char* name, const py::object& value, Integer& to) {
    if (!read_number(value.ptr(), name, to)) throw py::error_already_set{};
}

}  // namespace

void wrong_type(const std::string& name, const std::string& wanted, py::handle value) {
    fail(PyExc_TypeError, name + " must be " + wanted + ", not " + Py_TYPE(value.ptr())->tp_name);
}

Keywords::Keywords(const char* function, const py::kwargs& given) : function_(function) {
    left_ = py::reinterpret_steal<py::dict>(PyDict_Copy(given.ptr()));
    if (!left_) throw py::error_already_set{};
}

void Keywords::set(const char* name, const py::object& value) {
    if (value) left_[name] = value;
}

py::object Keywords::take(const char* name) {
    if (!left_.contains(name)) return {};
    py::object value = left_[name];
    if (PyDict_DelItemString(left_.ptr(), name) != 0) throw py::error_already_set{};
    if (value.is_none()) return {};
    return value;
}

py::object Keywords::take_callable(const char* name) {
    py::object value = take(name);
    if (!value) return value;
    if (PyCallable_Check(value.ptr()) == 0) wrong_type(name, "callable", value);
    if (py::module_::import("inspect").attr("iscoroutinefunction")(value).cast<bool>())
        fail(PyExc_TypeError, std::string{name} +
                                  " must be an ordinary function: nobody would await this one. "
                                  "Coroutines go with wsecho.aio");
    return value;
}

bool Keywords::take_flag(const char* name, bool otherwise) {
    const py::object value = take(name);
    if (!value) return otherwise;
    const int is_true = PyObject_IsTrue(value.ptr());
    if (is_true < 0) throw py::error_already_set{};
    return is_true != 0;
}

void Keywords::finish() const {
    for (const auto& item : left_)
        fail(PyExc_TypeError, function_ + " got an unexpected keyword argument '" +
                                  py::str(item.first).cast<std::string>() + "'");
}

void Keywords::read(const char* name, const py::object& value, const char*& to) {
    py::object text = py::reinterpret_steal<py::object>(PyOS_FSPath(value.ptr()));
    if (!text) {
        PyErr_Clear();
        wrong_type(name, "str", value);
    }
    if (PyBytes_Check(text.ptr()) != 0)
        text = py::reinterpret_steal<py::object>(PyUnicode_DecodeFSDefaultAndSize(
            PyBytes_AS_STRING(text.ptr()), PyBytes_GET_SIZE(text.ptr())));
    if (!text) throw py::error_already_set{};
    Py_ssize_t length = 0;
    to = PyUnicode_AsUTF8AndSize(text.ptr(), &length);
    if (to == nullptr) throw py::error_already_set{};
    if (std::strlen(to) != static_cast<std::size_t>(length))
        fail(PyExc_ValueError, std::string{name} + ": embedded null character");
    texts_.push_back(std::move(text));
}

void Keywords::read(const char* name, const py::object& value, std::int32_t& to) {
    read_integer_of(name, value, to);
}
void Keywords::read(const char* name, const py::object& value, std::uint32_t& to) {
    read_integer_of(name, value, to);
}
void Keywords::read(const char* name, const py::object& value, std::uint64_t& to) {
    read_integer_of(name, value, to);
}

}  // namespace wsecho::python
