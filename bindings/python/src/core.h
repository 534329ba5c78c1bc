// What is known of a server wherever something of it is used: its handle, and whether it may be
// called.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <unordered_map>

#include "lock.h"
#include "process.h"
#include "wsecho/wsecho.h"

namespace wsecho::python {

namespace py = pybind11;

struct ConnectionObject;

struct ServerCore {
    wsecho_server* handle = nullptr;
    PyObject* object = nullptr;  // the Server, from its start on; it outlives this
    bool has_queue = false;      // its events are taken from one
    const std::uint32_t process = process_number();
    PyInterpreterState* const interpreter = PyInterpreterState_Get();
    ConnectionObject* first_connection = nullptr;  // of those that are open; under the GIL

    std::unordered_map<const wsecho_dialer*, PyObject*> dialers;  // that were started

    ServerCore() = default;
    ServerCore(const ServerCore&) = delete;
    ServerCore& operator=(const ServerCore&) = delete;
    ~ServerCore() {
        if (handle == nullptr || !is_of_this_process()) return;
        const Unlocked unlocked;  // it may wait for loops, which wait for the lock
        wsecho_server_destroy(handle);
    }

    // Its threads are not in a process that was forked, and its locks may be held there for ever.
    [[nodiscard]] bool is_of_this_process() const noexcept { return process == process_number(); }
};

}  // namespace wsecho::python
