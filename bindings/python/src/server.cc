#include "server.h"

#include <algorithm>
#include <limits>

#include "call.h"
#include "connection.h"
#include "errors.h"
#include "event_queue.h"
#include "message.h"
#include "numbers.h"
#include "prepared.h"
#include "records.h"
#include "server_options.h"

namespace wsecho::python {

namespace {

// What is sent to many, as it was given.
class ToMany {
  public:
    ToMany(py::handle message, py::handle text, py::handle exclude) {
        Kind kind{};
        prepared_ = prepared_message(message.ptr());
        if ((prepared_ == nullptr &&
             (!read_kind(text.ptr(), kind) || !given_.read(message.ptr(), kind))) ||
            !read_connection_id(exclude.ptr(), "exclude", except_))
            throw py::error_already_set{};
    }
    [[nodiscard]] const wsecho_message* prepared() const noexcept { return prepared_; }
    [[nodiscard]] const GivenMessage& given() const noexcept { return given_; }
    [[nodiscard]] wsecho_connection_id except() const noexcept { return except_; }

  private:
    const wsecho_message* prepared_ = nullptr;
    GivenMessage given_;
    wsecho_connection_id except_ = 0;
};

}  // namespace

Server::Server(const py::kwargs& given) {
    Keywords keywords{"Server()", given};
    wsecho_server_options options = WSECHO_SERVER_OPTIONS_INIT;
    keywords.fill<wsecho_server_options>(options, server_fields());
    event_queue_ = keywords.take("event_queue");
    if (event_queue_) wrapped<EventQueue>(event_queue_, "event_queue", "EventQueue").check_open();
    core_.has_queue = static_cast<bool>(event_queue_);
    close_timeout_ms_ = options.close_timeout_ms;
    callbacks_.core = &core_;
    callbacks_.read(keywords);
    callbacks_.read_handshake(keywords);
    log_ = keywords.take_callable("log");
    if (log_) {
        options.log = log;
        options.log_user = this;
    }
    keywords.finish();
    wsecho_callbacks callbacks = callbacks_.to_c();
    add_pass_hooks(callbacks);
    check(wsecho_server_create(&core_.handle, &options, &callbacks, &callbacks_));
    if (event_queue_)
        check(wsecho_server_use_queue(core_.handle, event_queue_.cast<EventQueue&>().handle()));
}

void Server::add_path(const std::string& path, const py::kwargs& given) {
    check_process(core_);
    Keywords keywords{"add_path()", given};
    wsecho_path_options options = WSECHO_PATH_OPTIONS_INIT;
    keywords.fill<wsecho_path_options>(options, path_fields());
    if (options.close_timeout_ms != WSECHO_AS_SERVER) add_close_timeout(options.close_timeout_ms);
    auto callbacks = std::make_unique<Callbacks>();
    callbacks->core = &core_;
    callbacks->read(keywords);
    callbacks->read_handshake(keywords);
    if (!callbacks->on_error) callbacks->on_error = callbacks_.on_error;
    keywords.finish();
    const wsecho_callbacks to_c = callbacks->to_c();
    int code = WSECHO_OK;
    {
        const Unlocked unlocked;
        code = wsecho_server_add_path(core_.handle, path.c_str(), &options, &to_c, callbacks.get());
    }
    check(code);
    paths_.push_back(std::move(callbacks));
}

void Server::broadcast(py::handle message, py::handle text, py::handle exclude) {
    check_process(core_);
    const ToMany to{message, text, exclude};
    check(to.prepared() != nullptr
              ? wsecho_broadcast_prepared(core_.handle, to.prepared(), to.except())
              : wsecho_broadcast(core_.handle, to.given().type(), to.given().data(),
                                 to.given().length(), to.except()));
}

std::uint64_t Server::publish(const char* channel, py::handle message, py::handle text,
                              py::handle exclude) {
    check_process(core_);
    const ToMany to{message, text, exclude};
    std::uint64_t number = 0;
    check(to.prepared() != nullptr
              ? wsecho_publish_prepared(core_.handle, channel, to.prepared(), to.except(), &number)
              : wsecho_publish(core_.handle, channel, to.given().type(), to.given().data(),
                               to.given().length(), to.except(), &number));
    return number;
}

std::uint64_t Server::publish_numbered(const char* channel, py::handle message,
                                       std::size_t number_at, py::handle text, py::handle exclude) {
    check_process(core_);
    if (prepared_message(message.ptr()) != nullptr)
        fail(PyExc_TypeError,
             "message must be str or a bytes-like object: a PreparedMessage has no "
             "room for a number");
    const ToMany to{message, text, exclude};
    std::uint64_t number = 0;
    check(wsecho_publish_numbered(core_.handle, channel, to.given().type(), to.given().data(),
                                  to.given().length(), number_at, to.except(), &number));
    return number;
}

std::uint64_t Server::channel_size(const char* channel) const {
    check_process(core_);
    return wsecho_channel_size(core_.handle, channel);
}

void Server::set_history(const char* channel, const py::kwargs& given) {
    check_process(core_);
    Keywords keywords{"set_history()", given};
    wsecho_history history = WSECHO_HISTORY_INIT;
    keywords.fill<wsecho_history>(history, history_fields());
    keywords.finish();
    check(wsecho_channel_set_history(core_.handle, channel, &history));
}

void Server::end_history(const char* channel) {
    check_process(core_);
    check(wsecho_channel_set_history(core_.handle, channel, nullptr));
}

void Server::set_heartbeat(const char* path, const py::kwargs& given) {
    check_process(core_);
    Keywords keywords{"set_heartbeat()", given};
    wsecho_heartbeat heartbeat = WSECHO_HEARTBEAT_INIT;
    keywords.fill<wsecho_heartbeat>(heartbeat, heartbeat_fields());
    keywords.finish();
    check(wsecho_server_set_heartbeat(core_.handle, path,
                                      py::len(given) == 0 ? nullptr : &heartbeat));
}

PyObject* Server::statistics(std::optional<std::uint32_t> loop) const {
    check_process(core_);
    wsecho_statistics statistics{};
    statistics.version = WSECHO_STATISTICS_VERSION;
    statistics.size = sizeof statistics;
    check(wsecho_server_statistics(core_.handle, loop.value_or(WSECHO_ALL_LOOPS), &statistics));
    return to_python(statistics);
}

int Server::port() const {
    check_process(core_);
    return wsecho_server_port(core_.handle);
}

std::uint32_t Server::loops() const {
    check_process(core_);
    return wsecho_server_loops(core_.handle);
}

std::string Server::event_loop() const {
    check_process(core_);
    return wsecho_server_event_loop(core_.handle);
}

bool Server::is_running() const noexcept {
    return is_started_ && core_.is_of_this_process() && !is_over_->is_raised();
}

py::list Server::connections() const {
    check_process(core_);
    return open_connections(core_);
}

void Server::add_close_timeout(std::uint64_t milliseconds) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    close_timeout_ms_ =
        std::max(close_timeout_ms_, static_cast<std::uint32_t>(std::min(milliseconds, most)));
}

void Server::keep_dialer(const py::object& dialer) {
    let_dialer_go(dialer);
    dialers_.push_back(dialer);
}

void Server::let_dialer_go(const py::object& dialer) {
    const auto found = std::find_if(dialers_.begin(), dialers_.end(),
                                    [&](const py::object& kept) { return kept.is(dialer); });
    if (found != dialers_.end()) dialers_.erase(found);
}

int Server::traverse(visitproc visit, void* arg) const {
    Py_VISIT(log_.ptr());
    Py_VISIT(event_queue_.ptr());
    for (const py::object& dialer : dialers_)
        Py_VISIT(dialer.ptr());
    if (const int result = visit_open(core_, visit, arg)) return result;
    for (const auto& path : paths_)
        if (const int result = path->traverse(visit, arg)) return result;
    return callbacks_.traverse(visit, arg);
}

void Server::clear() {
    log_ = py::object{};
    event_queue_ = py::object{};
    forget_open(core_);
    const std::vector<py::object> dialers = std::move(dialers_);
    dialers_.clear();
    for (const auto& path : paths_)
        path->clear();
    callbacks_.clear();
}

void Server::log(wsecho_log_level level, const char* text, void* user) noexcept {
    const HoldLock lock;
    const Server& self = *static_cast<Server*>(user);
    PyObject* number = PyLong_FromLong(level);
    PyObject* words =
        PyUnicode_DecodeUTF8(text, static_cast<Py_ssize_t>(std::strlen(text)), "replace");
    PyObject* result = nullptr;
    if (number != nullptr && words != nullptr)
        result = call_application(self.core_, self.log_, number, words);
    Py_XDECREF(words);
    Py_XDECREF(number);
    if (result == nullptr) PyErr_WriteUnraisable(self.log_.ptr());
    Py_XDECREF(result);
}

}  // namespace wsecho::python
