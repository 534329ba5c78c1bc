// The interpreter's lock (GIL): taken, and given up for a while.
#pragma once

#include <pybind11/pybind11.h>
#include <unistd.h>

namespace wsecho::python {

// Before Python 3.14 the interpreter's end ends threads that want its lock, by pthread_exit():
// right through C++ that would go on to let Python objects go, without the lock. They sleep for
// ever instead, as later versions have them do.
template <class Call>
auto or_sleep(Call&& call) noexcept {
    try {
        return call();
    } catch (...) {  // a C function's: that of pthread_exit(), which has no object to refer to
        for (;;)
            ::pause();
    }
}

inline void take_lock(PyThreadState* state) noexcept {
    or_sleep([&] { PyEval_RestoreThread(state); });
}

// On any thread, whether it has the lock or not.
class HoldLock {
  public:
    HoldLock() noexcept : state_(or_sleep([] { return PyGILState_Ensure(); })) {}
    HoldLock(const HoldLock&) = delete;
    HoldLock& operator=(const HoldLock&) = delete;
    ~HoldLock() { PyGILState_Release(state_); }

  private:
    PyGILState_STATE state_;
};

// Gives up the lock, which the thread has, for its life.
class Unlocked {
  public:
    Unlocked() noexcept : state_(PyEval_SaveThread()) {}
    Unlocked(const Unlocked&) = delete;
    Unlocked& operator=(const Unlocked&) = delete;
    ~Unlocked() { take_lock(state_); }

  private:
    PyThreadState* state_;
};

}  // namespace wsecho::python
