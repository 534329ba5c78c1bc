// An error number of the engine becomes the exception of wsecho.errors that mirrors it.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "core.h"

namespace wsecho::python {

void load_errors();  // once, at the module's import

// Sets the exception, with the detail of the last failure on this thread; returns NULL.
PyObject* raise(int code);
PyObject* raise(int code, const std::string& words);

// The same for functions that pybind11 wraps: throws where it is no WSECHO_OK.
void check(int code);
void check(int code, const std::string& words);
[[noreturn]] void fail(PyObject* type, const std::string& words);

// A server that was copied by fork() is of no use: says so.
PyObject* raise_forked();
void check_process(const ServerCore& core);

}  // namespace wsecho::python
