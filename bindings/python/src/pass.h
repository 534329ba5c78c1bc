// The interpreter's lock (GIL), taken once for all the callbacks of a pass.
#pragma once

#include "core.h"

namespace wsecho::python {

// On a loop's thread, in turn. The first makes the thread known to the interpreter; it is forgotten
// when the thread ends.
void enter_pass(const ServerCore& core) noexcept;
void leave_pass() noexcept;
bool is_loop_of(const ServerCore& core) noexcept;  // the thread that asks

}  // namespace wsecho::python
