// The interpreter's lock (GIL), taken once for all the callbacks of a pass.
#pragma once

#include <pybind11/pybind11.h>

namespace wsecho::python {

// On a loop's thread, in turn. The first makes the thread known to the interpreter; it is forgotten
// when the thread ends.
void enter_pass(PyInterpreterState* interpreter) noexcept;
void leave_pass() noexcept;
bool is_loop_thread() noexcept;  // the one that asks, of whichever server

// On any thread, whether it has the lock or not.
class HoldLock {
  public:
    HoldLock() noexcept : state_(PyGILState_Ensure()) {}
    HoldLock(const HoldLock&) = delete;
    HoldLock& operator=(const HoldLock&) = delete;
    ~HoldLock() { PyGILState_Release(state_); }

  private:
    PyGILState_STATE state_;
};

}  // namespace wsecho::python
