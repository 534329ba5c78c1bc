#include "records.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <string>

namespace wsecho::python {

namespace py = pybind11;

namespace {

// Types and enumerations live as long as the process: nothing has to be ended after the
// interpreter.
struct Record {
    PyTypeObject* type = nullptr;
    std::size_t fields = 0;

    void load(const char* name) {
        py::object loaded = py::module_::import("wsecho.records").attr(name);
        fields = py::len(loaded.attr("_fields"));
        type = reinterpret_cast<PyTypeObject*>(loaded.release().ptr());
    }
};

Record close_events;
Record all_statistics;
Record all_round_trips;
Record drain_reports;
Record all_missed;
Record dialer_events;

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

// Takes the references; any may be NULL, with an exception set. Made as tuple.__new__ does it.
PyObject* make(const Record& record, std::initializer_list<PyObject*> values) noexcept {
    PyObject* result = nullptr;
    if (values.size() == record.fields)
        result = record.type->tp_alloc(record.type, static_cast<Py_ssize_t>(values.size()));
    else
        PyErr_SetString(PyExc_SystemError, "wsecho.records is of another version");
#if PY_VERSION_HEX >= 0x030E0000
    if (result != nullptr) reinterpret_cast<PyTupleObject*>(result)->ob_hash = -1;
#endif
    bool is_whole = result != nullptr;
    Py_ssize_t at = 0;
    for (PyObject* value : values) {
        is_whole = is_whole && value != nullptr;
        if (result != nullptr)
            PyTuple_SET_ITEM(result, at++, value);
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
    const auto members = static_cast<std::size_t>(PyObject_Size(enumeration));
    for (std::size_t i = 0; i < std::min(Size, members); ++i) {
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

PyObject* text(const char* words) noexcept {
    return PyUnicode_DecodeUTF8(words, static_cast<Py_ssize_t>(std::strlen(words)), "replace");
}

}  // namespace

void load_records() {
    causes = load_enumeration("CloseCause");
    initiators = load_enumeration("Initiator");
    refusals = load_enumeration("Refusal");
    states = load_enumeration("ConnectionState");
    dialer_states = load_enumeration("DialerState");
    dial_failures = load_enumeration("DialFailure");
    close_events.load("CloseEvent");
    all_statistics.load("Statistics");
    all_round_trips.load("RoundTrips");
    drain_reports.load("DrainReport");
    all_missed.load("Missed");
    dialer_events.load("DialerEvent");
}

PyObject* to_python(const wsecho_close_event& event) noexcept {
    return make(
        close_events,
        {PyLong_FromLong(event.code),
         PyUnicode_DecodeUTF8(event.reason, static_cast<Py_ssize_t>(event.reason_length),
                              "replace"),
         member(causes, event.cause), member(initiators, event.initiator), number(event.age_ms),
         number(event.messages_received), number(event.messages_sent), number(event.bytes_received),
         number(event.bytes_sent), number(event.bytes_unsent), number(event.round_trip_ns)});
}

PyObject* to_python(const wsecho_statistics& of) noexcept {
    return make(
        all_statistics,
        {number(of.connections), number(of.connections_total), number(of.messages_received),
         number(of.messages_sent), number(of.bytes_received), number(of.bytes_sent),
         number(of.bytes_queued), number(of.messages_refused), number(of.callback_failures),
         counts(of.closes, causes), counts(of.refusals, refusals), number(of.messages_dropped),
         number(of.messages_replaced), number(of.messages_late), number(of.high_watermarks),
         number(of.rate_pauses), number(of.rate_closes)});
}

PyObject* to_python(const wsecho_round_trips& times) noexcept {
    return make(all_round_trips, {number(times.last_ns), number(times.smoothed_ns),
                                  number(times.variation_ns), number(times.minimum_ns)});
}

PyObject* to_python(const wsecho_drain_report& report) noexcept {
    return make(drain_reports,
                {number(report.connections), number(report.answered), number(report.left),
                 number(report.broken), number(report.forced), number(report.bytes_unsent)});
}

PyObject* to_python(const wsecho_missed& missed) noexcept {
    return make(all_missed, {number(missed.epoch), number(missed.newest), number(missed.first),
                             PyBool_FromLong(missed.is_complete)});
}

PyObject* to_python(const wsecho_dialer_event& event) noexcept {
    return make(dialer_events,
                {member(dialer_states, event.state), number(event.index), number(event.connection),
                 text(event.url == nullptr ? "" : event.url), member(dial_failures, event.failure),
                 number(event.http_status), text(event.detail == nullptr ? "" : event.detail),
                 number(event.failed_attempts), PyBool_FromLong(event.has_given_up),
                 number(event.wait_ms)});
}

PyObject* connection_state(int state) noexcept {
    return member(states, state);
}

}  // namespace wsecho::python
