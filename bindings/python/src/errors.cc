#include "errors.h"

namespace wsecho::python {

namespace {

PyObject* by_code = nullptr;  // of the module, for its life

PyObject* class_of(int code) {
    const py::int_ number{code};
    PyObject* found = PyDict_GetItemWithError(by_code, number.ptr());
    return found != nullptr ? found : PyExc_RuntimeError;
}

}  // namespace

void load_errors() {
    by_code = py::object{py::module_::import("wsecho.errors").attr("_by_code")}.release().ptr();
}

PyObject* raise(int code, const std::string& words) {
    PyErr_SetString(class_of(code), words.empty() ? wsecho_strerror(code) : words.c_str());
    return nullptr;
}

PyObject* raise(int code) {
    return raise(code, wsecho_error_detail());
}

void check(int code) {
    if (code != WSECHO_OK) check(code, wsecho_error_detail());
}

void check(int code, const std::string& words) {
    if (code == WSECHO_OK) return;
    raise(code, words);
    throw py::error_already_set{};
}

void fail(PyObject* type, const std::string& words) {
    PyErr_SetString(type, words.c_str());
    throw py::error_already_set{};
}

PyObject* raise_forked() {
    return raise(WSECHO_ERR_WRONG_STATE,
                 "this server is of the process that was forked: make one in this process");
}

void check_process(const ServerCore& core) {
    if (core.is_of_this_process()) return;
    raise_forked();
    throw py::error_already_set{};
}

}  // namespace wsecho::python
