#include "event_queue.h"

#include <algorithm>

#include "collected.h"
#include "connection.h"
#include "errors.h"
#include "message.h"
#include "records.h"

namespace wsecho::python {

namespace {

// Room for so many is kept; who wants more at once gets it in parts.
constexpr std::size_t most_at_once = 1024;

py::object own(PyObject* made) {
    if (made == nullptr) throw py::error_already_set{};
    return py::reinterpret_steal<py::object>(made);
}

class Taking {
  public:
    explicit Taking(bool& flag) : flag_(flag) { flag_ = true; }
    Taking(const Taking&) = delete;
    Taking& operator=(const Taking&) = delete;
    ~Taking() { flag_ = false; }

  private:
    bool& flag_;
};

}  // namespace

EventQueue::EventQueue(std::uint64_t max_bytes) {
    check(wsecho_event_queue_create(&handle_, max_bytes));
}

EventQueue::~EventQueue() {
    if (process_ == process_number()) wsecho_event_queue_destroy(handle_);
}

void EventQueue::check_open() const {
    if (process_ != process_number()) {
        raise_forked();
        throw py::error_already_set{};
    }
    if (handle_ == nullptr) check(WSECHO_ERR_WRONG_STATE, "the event queue is closed");
}

int EventQueue::fileno() const {
    check_open();
    return wsecho_event_queue_descriptor(handle_);
}

ConnectionObject* EventQueue::connection_of(const wsecho_event& event) {
    ServerCore& core = *static_cast<Callbacks*>(event.user)->core;
    auto* known = static_cast<PyObject*>(event.connection_user);
    if (event.type == WSECHO_EVENT_OPEN) {
        ConnectionObject* opened = open_connection(core, event.id, known);
        if (opened == nullptr) throw py::error_already_set{};
        if (known == nullptr) connections_.emplace(Key{&core, event.id}, opened);
        return opened;
    }
    if (known != nullptr) return reinterpret_cast<ConnectionObject*>(known);
    const auto found = connections_.find({&core, event.id});
    return found == connections_.end() ? nullptr : found->second;
}

py::object EventQueue::value_of(const wsecho_event& event) {
    switch (event.type) {
        case WSECHO_EVENT_MESSAGE:
            return own(to_python(event.message_type, event.payload, event.length));
        case WSECHO_EVENT_CLOSE:
            return own(to_python(event.close));
        case WSECHO_EVENT_HEARTBEAT:
            return py::int_{event.round_trip_ns};
        case WSECHO_EVENT_WATERMARK:
            return py::make_tuple(event.message_type != 0, event.close.bytes_unsent);
        default:
            return py::none();
    }
}

void EventQueue::append(py::list& events, const wsecho_event& event) {
    ConnectionObject* connection = connection_of(event);
    if (connection == nullptr) return;  // its open event was lost: no memory was left then
    const auto object = py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(connection));
    PyObject* tuple = PyTuple_New(3);
    if (tuple == nullptr) throw py::error_already_set{};
    const py::object event_tuple = py::reinterpret_steal<py::object>(tuple);
    PyTuple_SET_ITEM(tuple, 0, PyLong_FromLong(event.type));
    PyTuple_SET_ITEM(tuple, 1, py::object{object}.release().ptr());
    PyTuple_SET_ITEM(tuple, 2, value_of(event).release().ptr());
    if (PyList_Append(events.ptr(), tuple) != 0) throw py::error_already_set{};
    if (event.type != WSECHO_EVENT_CLOSE) return;
    connections_.erase({connection->core, event.id});
    remove_from_open(connection);
}

py::list EventQueue::take(std::size_t most) {
    check_open();
    if (is_taking_) check(WSECHO_ERR_WRONG_STATE, "take(): from inside of another one");
    const Taking taking{is_taking_};
    most = std::min(most, most_at_once);
    if (taken_.size() < most) taken_.resize(most);
    std::size_t count = 0;
    check(wsecho_event_queue_take(handle_, taken_.data(), sizeof(wsecho_event), most, &count));
    py::list events;
    for (std::size_t i = 0; i < count; ++i)
        append(events, taken_[i]);
    return events;
}

void EventQueue::close() {
    if (process_ != process_number()) return;
    if (is_taking_) check(WSECHO_ERR_WRONG_STATE, "close(): from inside of take()");
    wsecho_event_queue_destroy(handle_);
    handle_ = nullptr;
    clear();
}

void EventQueue::keep_server(const py::object& server) {
    check_open();
    const bool is_kept = std::any_of(servers_.begin(), servers_.end(),
                                     [&](const py::object& kept) { return kept.is(server); });
    if (!is_kept) servers_.push_back(server);
}

int EventQueue::traverse(visitproc visit, void* arg) const {
    for (const py::object& server : servers_)
        Py_VISIT(server.ptr());
    return 0;
}

// What waits in it refers to its servers: nothing of it may be taken any more.
void EventQueue::clear() {
    if (process_ == process_number()) wsecho_event_queue_destroy(handle_);
    handle_ = nullptr;
    connections_.clear();
    const std::vector<py::object> servers = std::move(servers_);
    servers_.clear();
}

void add_event_queue(py::module_& module) {
    using namespace pybind11::literals;
    py::class_<EventQueue> type(
        module, "EventQueue", py::custom_type_setup(&Collected<EventQueue>::set_up),
        "Events of servers in batches, for a thread of yours: for Server(..., "
        "event_queue=queue).");
    type.attr("__module__") = "wsecho";
    type.def(py::init<std::uint64_t>(), py::kw_only(), "max_bytes"_a = 64ULL << 20U)
        .def("fileno", &EventQueue::fileno, "Readable while events wait.")
        .def("take", &EventQueue::take, "max"_a = 256,
             "The events that wait, up to a number: tuples of an EventType, the Connection, and of "
             "a "
             "message the message, of a close the CloseEvent, of a heartbeat the round trip in "
             "nanoseconds, of a watermark (is_high, queued_bytes). One thread at a time.")
        .def("close", &EventQueue::close, "What waits, and what still comes, is lost.");
}

}  // namespace wsecho::python
