// A server from its start to its end, and the end of all when the interpreter's comes.
#include <algorithm>
#include <exception>
#include <utility>

#include "errors.h"
#include "event_queue.h"
#include "keywords.h"
#include "pass.h"
#include "records.h"
#include "server.h"
#include "server_options.h"

namespace wsecho::python {

namespace {

// A server that runs keeps itself, as a thread does: nobody has to keep a name for it.
struct Running {
    std::vector<PyObject*> servers;
    bool is_interpreter_ending = false;
};

Running& running() {
    static auto* const those = new Running;  // not ended: the interpreter may be gone then
    return *those;
}

void keep(const py::object& self) {
    running().servers.push_back(py::object{self}.release().ptr());
}

void let_go(const py::object& self) {
    auto& servers = running().servers;
    const auto found = std::find(servers.begin(), servers.end(), self.ptr());
    if (found == servers.end()) return;
    servers.erase(found);
    Py_DECREF(self.ptr());
}

// Raises a flag for its life, and wakes who waits for its end.
class Starting {
  public:
    explicit Starting(std::atomic<bool>& flag) : flag_(flag) { flag_ = true; }
    Starting(const Starting&) = delete;
    Starting& operator=(const Starting&) = delete;
    ~Starting() {
        flag_ = false;
        flag_.notify_all();
    }

  private:
    std::atomic<bool>& flag_;
};

}  // namespace

void Server::start(const py::object& self) {
    check_process(core_);
    if (running().is_interpreter_ending)
        fail(PyExc_RuntimeError, "a server cannot start while the interpreter ends");
    if (is_starting_) check(WSECHO_ERR_WRONG_STATE, "another thread starts this server");
    const Starting starting{is_starting_};
    core_.object = self.ptr();
    if (event_queue_) event_queue_.cast<EventQueue&>().keep_server(self);
    keep(self);  // before its loops run: the interpreter may end meanwhile
    int code = WSECHO_OK;
    {
        const Unlocked unlocked;
        code = wsecho_server_start(core_.handle);
    }
    if (code != WSECHO_OK) let_go(self);
    check(code);
    is_started_ = true;
}

void Server::end(const py::object& self, Ending how, const wsecho_drain_options& options,
                 wsecho_drain_report& report) {
    const bool is_first = ending_ == Ending::none;  // the engine refuses all others
    if (is_first) ending_ = how;
    try {
        const Outcome outcome = long_calls_.run(
            [&] {
                const int code = wsecho_server_drain(core_.handle, &options, &report);
                if (code == WSECHO_OK) is_over_->raise();
                return code;
            },
            [this] { wsecho_server_stop(core_.handle); });
        check(outcome.code, outcome.detail);
    } catch (...) {
        if (is_over_->is_raised())
            let_go(self);
        else if (is_first)
            ending_ = Ending::none;
        throw;
    }
    let_go(self);
}

// As wsecho_server_stop(), but a drain, since that can be cut short by Ctrl-C.
void Server::stop(const py::object& self) {
    if (!is_running()) return;
    if (is_loop_of(core_))
        check(WSECHO_ERR_IN_CALLBACK, "a server cannot be stopped from its own callback");
    switch (ending_) {
        case Ending::none: {
            wsecho_drain_options options = WSECHO_DRAIN_OPTIONS_INIT;
            options.deadline_ms = close_timeout_ms_;
            wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;
            end(self, Ending::stop, options, report);
            break;
        }
        case Ending::drain: {  // by another thread: this cuts it short
            const Unlocked unlocked;
            wsecho_server_stop(core_.handle);
            break;
        }
        case Ending::stop:
            is_over_->wait(std::nullopt);
            break;
    }
}

PyObject* Server::drain(const py::object& self, const py::kwargs& given) {
    check_process(core_);
    Keywords keywords{"drain()", given};
    wsecho_drain_options options = WSECHO_DRAIN_OPTIONS_INIT;
    keywords.fill<wsecho_drain_options>(options, drain_fields());
    keywords.finish();
    wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;
    end(self, Ending::drain, options, report);
    return to_python(report);
}

bool Server::wait(std::optional<double> seconds) {
    check_process(core_);
    if (is_loop_of(core_))
        check(WSECHO_ERR_IN_CALLBACK, "a callback cannot wait for a server's end");
    if (!is_started_) check(WSECHO_ERR_WRONG_STATE, "the server was not started");
    return is_over_->wait(seconds);
}

void Server::end_at_once() {
    wsecho_drain_options options = WSECHO_DRAIN_OPTIONS_INIT;
    options.deadline_ms = 1;
    wsecho_drain_report report = WSECHO_DRAIN_REPORT_INIT;
    const Unlocked unlocked;
    wsecho_server_drain(core_.handle, &options, &report);  // refused where an end has begun
    if (wsecho_server_stop(core_.handle) == WSECHO_OK) is_over_->raise();
}

// Loops that ran on would call into an interpreter that is no more.
void Server::stop_all() {
    running().is_interpreter_ending = true;
    std::exception_ptr interruption;
    std::vector<py::object> servers;
    for (PyObject* server : running().servers)
        servers.push_back(py::reinterpret_borrow<py::object>(server));
    while (!servers.empty()) {
        const py::object self = std::move(servers.back());
        servers.pop_back();
        auto& server = self.cast<Server&>();
        try {
            server.stop_at_interpreters_end(self, interruption != nullptr);
        } catch (...) {
            interruption = std::current_exception();
            server.end_at_once();
        }
        if (!server.is_running()) let_go(self);
    }
    if (interruption) std::rethrow_exception(interruption);
}

void Server::stop_at_interpreters_end(const py::object& self, bool at_once) {
    if (!core_.is_of_this_process()) return;
    {
        const Unlocked unlocked;
        is_starting_.wait(true);
    }
    if (at_once && is_running())
        end_at_once();
    else
        stop(self);
}

}  // namespace wsecho::python
