#include "records.h"

#include <cstring>
#include <initializer_list>
#include <string>

namespace wsecho::python {

namespace py = pybind11;

namespace {

// Types and enumerations live as long as the process: nothing has to be ended after the
// interpreter.
PyTypeObject* close_event_type = nullptr;
PyTypeObject* statistics_type = nullptr;
PyTypeObject* round_trips_type = nullptr;
PyTypeObject* drain_report_type = nullptr;
PyTypeObject* missed_type = nullptr;
PyTypeObject* dialer_event_type = nullptr;

// From numbers to members.
PyObject* causes = nullptr;
PyObject* initiators = nullptr;
PyObject* refusals = nullptr;
PyObject* states = nullptr;
PyObject* dialer_states = nullptr;
PyObject* dial_failures = nullptr;

PyObject* load_enumeration(const char* name) {
    const auto type = py::module_::import("wsecho.constants").attr(name);
    return py::object{type.attr("_value2member_map_")}.release().ptr();
}

// A number that this binding does not know yet stays one.
PyObject* member(PyObject* enumeration, int number) noexcept {
    PyObject* key = PyLong_FromLong(number);
    if (key == nullptr) return nullptr;
    PyObject* found = PyDict_GetItemWithError(enumeration, key);
    if (found == nullptr) return key;
    Py_DECREF(key);
    Py_INCREF(found);
    return found;
}

PyObject* number(std::uint64_t value) noexcept {
    return PyLong_FromUnsignedLongLong(value);
}

// Takes the references; any may be NULL, with an exception set.
PyObject* record(PyTypeObject* type, std::initializer_list<PyObject*> values) noexcept {
    PyObject* result = PyStructSequence_New(type);
    bool is_whole = result != nullptr;
    Py_ssize_t at = 0;
    for (PyObject* value : values) {
        is_whole = is_whole && value != nullptr;
        if (result != nullptr)
            PyStructSequence_SET_ITEM(result, at++, value);
        else
            Py_XDECREF(value);
    }
    if (is_whole) return result;
    Py_XDECREF(result);
    return nullptr;
}

template <std::size_t Size>
PyObject* counts(const std::uint64_t (&values)[Size], PyObject* enumeration) noexcept {
    PyObject* result = PyDict_New();
    if (result == nullptr) return nullptr;
    for (std::size_t i = 0; i < Size; ++i) {
        PyObject* key = member(enumeration, static_cast<int>(i));
        PyObject* value = key == nullptr ? nullptr : number(values[i]);
        const bool is_set = value != nullptr && PyDict_SetItem(result, key, value) == 0;
        Py_XDECREF(key);
        Py_XDECREF(value);
        if (is_set) continue;
        Py_DECREF(result);
        return nullptr;
    }
    return result;
}

template <std::size_t Size>
PyTypeObject* add(py::module_& module, const char* name, const char* words,
                  const PyStructSequence_Field (&fields)[Size]) {
    const std::string full = std::string{"wsecho."} + name;
    PyStructSequence_Desc description{full.c_str(), words,
                                      const_cast<PyStructSequence_Field*>(fields),
                                      static_cast<int>(Size - 1)};
    PyTypeObject* type = PyStructSequence_NewType(&description);
    if (type == nullptr) throw py::error_already_set{};
    module.attr(name) = py::handle{reinterpret_cast<PyObject*>(type)};
    return type;
}

constexpr PyStructSequence_Field close_event_fields[] = {
    {"code",
     "of the close frame that began the close; 1005: it had none; 1006: there was no frame"},
    {"reason", "the frame's reason"},
    {"cause", "a CloseCause"},
    {"initiator", "an Initiator"},
    {"age_ms", "since the open callback"},
    {"messages_received", nullptr},
    {"messages_sent", nullptr},
    {"bytes_received", nullptr},
    {"bytes_sent", "what the kernel took"},
    {"bytes_unsent", "waited for this peer when it ended, frame headers included"},
    {"round_trip_ns", "smoothed; 0: no ping was answered"},
    {nullptr, nullptr}};

constexpr PyStructSequence_Field statistics_fields[] = {
    {"connections", "open now"},
    {"connections_total", "ever opened"},
    {"messages_received", nullptr},
    {"messages_sent", "accepted to be sent; a broadcast counts once for each peer"},
    {"bytes_received", "from the sockets, handshakes and frame headers included"},
    {"bytes_sent", nullptr},
    {"bytes_queued", "waiting now"},
    {"messages_refused", "by a full queue, or unsent when their connection ended"},
    {"callback_failures", nullptr},
    {"closes", "a dict by CloseCause"},
    {"refusals", "a dict by Refusal"},
    {"messages_dropped", nullptr},
    {"messages_replaced", nullptr},
    {"messages_late", nullptr},
    {"high_watermarks", nullptr},
    {"rate_pauses", nullptr},
    {"rate_closes", nullptr},
    {nullptr, nullptr}};

constexpr PyStructSequence_Field round_trips_fields[] = {{"last_ns", nullptr},
                                                         {"smoothed_ns", "RFC 6298, section 2"},
                                                         {"variation_ns", "RFC 6298, section 2"},
                                                         {"minimum_ns", nullptr},
                                                         {nullptr, nullptr}};

constexpr PyStructSequence_Field drain_report_fields[] = {
    {"connections", "open at the begin"},
    {"answered", "by a close frame, and all that was sent to them had left"},
    {"left", "before they were told, or were closing at the begin"},
    {"broken", "told, and gone without an answer"},
    {"forced", "cut off, at the deadline or by a stop"},
    {"bytes_unsent", "waited for those that were cut off"},
    {nullptr, nullptr}};

constexpr PyStructSequence_Field missed_fields[] = {
    {"epoch", "of the channel's numbers; never 0"},
    {"newest", "the last number so far: what comes next has the one behind it"},
    {"first", "of those that are sent now, up to the newest; none: newest + 1"},
    {"is_complete", "is nothing missing between the number given and the first?"},
    {nullptr, nullptr}};

constexpr PyStructSequence_Field dialer_event_fields[] = {
    {"state", "a DialerState, that it is in now"},
    {"index", "which of the dialer's connections, from 0"},
    {"connection_id", "Connected: its id; Disconnected: of the connection that was lost; else 0"},
    {"url", "of the endpoint in hand, or of the next; without its credentials"},
    {"failure", "a DialFailure, of Disconnected"},
    {"http_status", "of the answer; 0: there was none"},
    {"detail", "in words"},
    {"failed_attempts", "in a row"},
    {"has_given_up", "it will not try again by itself"},
    {"wait_ms", "until the next attempt"},
    {nullptr, nullptr}};

PyObject* text(const char* words) noexcept {
    return PyUnicode_DecodeUTF8(words, static_cast<Py_ssize_t>(std::strlen(words)), "replace");
}

}  // namespace

void add_records(py::module_& module) {
    causes = load_enumeration("CloseCause");
    initiators = load_enumeration("Initiator");
    refusals = load_enumeration("Refusal");
    states = load_enumeration("ConnectionState");
    dialer_states = load_enumeration("DialerState");
    dial_failures = load_enumeration("DialFailure");
    close_event_type = add(module, "CloseEvent", "How a connection ended.", close_event_fields);
    statistics_type =
        add(module, "Statistics", "What a server, or one loop, has counted.", statistics_fields);
    round_trips_type =
        add(module, "RoundTrips", "Of the answers to a connection's pings.", round_trips_fields);
    drain_report_type =
        add(module, "DrainReport", "How many connections ended which way.", drain_report_fields);
    missed_type =
        add(module, "Missed", "What a peer had missed when it joined a channel.", missed_fields);
    dialer_event_type =
        add(module, "DialerEvent", "A change of one connection's state.", dialer_event_fields);
}

PyObject* to_python(const wsecho_close_event& event) noexcept {
    return record(
        close_event_type,
        {PyLong_FromLong(event.code),
         PyUnicode_DecodeUTF8(event.reason, static_cast<Py_ssize_t>(event.reason_length),
                              "replace"),
         member(causes, event.cause), member(initiators, event.initiator), number(event.age_ms),
         number(event.messages_received), number(event.messages_sent), number(event.bytes_received),
         number(event.bytes_sent), number(event.bytes_unsent), number(event.round_trip_ns)});
}

PyObject* to_python(const wsecho_statistics& of) noexcept {
    return record(
        statistics_type,
        {number(of.connections), number(of.connections_total), number(of.messages_received),
         number(of.messages_sent), number(of.bytes_received), number(of.bytes_sent),
         number(of.bytes_queued), number(of.messages_refused), number(of.callback_failures),
         counts(of.closes, causes), counts(of.refusals, refusals), number(of.messages_dropped),
         number(of.messages_replaced), number(of.messages_late), number(of.high_watermarks),
         number(of.rate_pauses), number(of.rate_closes)});
}

PyObject* to_python(const wsecho_round_trips& times) noexcept {
    return record(round_trips_type, {number(times.last_ns), number(times.smoothed_ns),
                                     number(times.variation_ns), number(times.minimum_ns)});
}

PyObject* to_python(const wsecho_drain_report& report) noexcept {
    return record(drain_report_type,
                  {number(report.connections), number(report.answered), number(report.left),
                   number(report.broken), number(report.forced), number(report.bytes_unsent)});
}

PyObject* to_python(const wsecho_missed& missed) noexcept {
    return record(missed_type, {number(missed.epoch), number(missed.newest), number(missed.first),
                                PyBool_FromLong(missed.is_complete)});
}

PyObject* to_python(const wsecho_dialer_event& event) noexcept {
    return record(dialer_event_type,
                  {member(dialer_states, event.state), number(event.index),
                   number(event.connection), text(event.url == nullptr ? "" : event.url),
                   member(dial_failures, event.failure), number(event.http_status),
                   text(event.detail == nullptr ? "" : event.detail), number(event.failed_attempts),
                   PyBool_FromLong(event.has_given_up), number(event.wait_ms)});
}

PyObject* connection_state(int state) noexcept {
    return member(states, state);
}

}  // namespace wsecho::python
