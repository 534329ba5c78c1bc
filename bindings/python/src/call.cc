#include "call.h"

#include <sysexits.h>
#include <unistd.h>

#include <string_view>

namespace wsecho::python {

void end_forked_child(PyObject* callback) noexcept {
    constexpr std::string_view words =
        "wsecho: a callback returned in a child process that was forked in it; the child ends "
        "here, since it has no loops. End it with os._exit() inside of the callback, or fork "
        "outside of callbacks.\n";
    if (PyErr_Occurred() != nullptr && PyErr_ExceptionMatches(PyExc_SystemExit) == 0)
        PyErr_WriteUnraisable(callback);
    // Not by way of sys.stderr, whose lock another thread may have had.
    if (::write(STDERR_FILENO, words.data(), words.size()) < 0) _exit(EX_IOERR);
    _exit(EX_SOFTWARE);
}

}  // namespace wsecho::python
