#include "connection_calls.h"

#include <array>
#include <cstring>

#include "message.h"
#include "numbers.h"
#include "prepared.h"
#include "records.h"

namespace wsecho::python {

namespace {

ConnectionObject* of(PyObject* object) noexcept {
    return reinterpret_cast<ConnectionObject*>(object);
}

PyObject* none_or_error(int code) noexcept {
    if (code != WSECHO_OK) return raise(code);
    Py_RETURN_NONE;
}

// What is not Python's own error, in a call whose only keywords are these.
struct SendKeywords {
    PyObject* text = nullptr;
    PyObject* key = nullptr;
    PyObject* lifetime_ms = nullptr;

    bool read(PyObject* const* values, PyObject* names) noexcept {
        const Py_ssize_t count = names == nullptr ? 0 : PyTuple_GET_SIZE(names);
        for (Py_ssize_t i = 0; i < count; ++i) {
            PyObject* name = PyTuple_GET_ITEM(names, i);
            PyObject** place = place_of(name);
            if (place == nullptr) {
                PyErr_Format(PyExc_TypeError, "send() got an unexpected keyword argument '%U'",
                             name);
                return false;
            }
            *place = values[i];
        }
        return true;
    }

  private:
    PyObject** place_of(PyObject* name) noexcept {
        if (PyUnicode_CompareWithASCIIString(name, "text") == 0) return &text;
        if (PyUnicode_CompareWithASCIIString(name, "key") == 0) return &key;
        if (PyUnicode_CompareWithASCIIString(name, "lifetime_ms") == 0) return &lifetime_ms;
        return nullptr;
    }
};

PyObject* send_plain(const ConnectionObject* connection, PyObject* message) noexcept {
    if (const wsecho_message* prepared = prepared_message(message))
        return none_or_error(
            wsecho_connection_send_prepared(connection->core->handle, connection->id, prepared));
    GivenMessage given;
    if (!given.read(message)) return nullptr;
    return none_or_error(wsecho_connection_send(connection->core->handle, connection->id,
                                                given.type(), given.data(), given.length()));
}

PyObject* send_with(const ConnectionObject* connection, PyObject* message,
                    const SendKeywords& keywords) noexcept {
    if (prepared_message(message) != nullptr) {
        PyErr_SetString(PyExc_TypeError,
                        "send(): a PreparedMessage has its text, key and lifetime_ms already");
        return nullptr;
    }
    Kind kind{};
    GivenMessage given;
    wsecho_message_terms terms = WSECHO_MESSAGE_TERMS_INIT;
    if (!read_kind(keywords.text, kind) || !given.read(message, kind) ||
        !read_terms(keywords.key, keywords.lifetime_ms, terms))
        return nullptr;
    const bool has_terms = terms.key != 0 || terms.lifetime_ms != 0;
    return none_or_error(has_terms
                             ? wsecho_connection_send_with(connection->core->handle, connection->id,
                                                           given.type(), given.data(),
                                                           given.length(), &terms, nullptr)
                             : wsecho_connection_send(connection->core->handle, connection->id,
                                                      given.type(), given.data(), given.length()));
}

// A method whose one argument is a channel's name.
template <class Call>  // Call: const char* name -> PyObject*
PyObject* with_channel(PyObject* self, PyObject* arguments, PyObject* keywords, const char* format,
                       Call&& call) noexcept {
    static const char* const names[] = {"channel", nullptr};
    const char* name = nullptr;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, format, const_cast<char**>(names),
                                    &name) == 0 ||
        !is_usable(of(self)))
        return nullptr;
    return call(name);
}

}  // namespace

PyObject* send(PyObject* self, PyObject* const* arguments, Py_ssize_t count,
               PyObject* keywords) noexcept {
    const ConnectionObject* connection = of(self);
    if (count != 1) {
        PyErr_Format(PyExc_TypeError, "send() takes one message (%zd given)", count);
        return nullptr;
    }
    if (!is_usable(connection)) return nullptr;
    if (keywords == nullptr) return send_plain(connection, arguments[0]);
    SendKeywords given;
    if (!given.read(arguments + 1, keywords)) return nullptr;
    return send_with(connection, arguments[0], given);
}

PyObject* close(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept {
    static const char* const names[] = {"code", "reason", nullptr};
    const ConnectionObject* connection = of(self);
    PyObject* code_given = nullptr;
    const char* reason = "";
    Py_ssize_t length = 0;
    std::uint16_t code = 1000;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "|Os#:close", const_cast<char**>(names),
                                    &code_given, &reason, &length) == 0 ||
        (code_given != nullptr && !read_number(code_given, "code", code)) || !is_usable(connection))
        return nullptr;
    const int result = wsecho_connection_close(connection->core->handle, connection->id, code,
                                               reason, static_cast<size_t>(length));
    if (result == WSECHO_ERR_GONE || result == WSECHO_ERR_CLOSING) Py_RETURN_NONE;
    return none_or_error(result);
}

PyObject* ping(PyObject* self, PyObject* /*none*/) noexcept {
    if (!is_usable(of(self))) return nullptr;
    return none_or_error(wsecho_connection_ping(of(self)->core->handle, of(self)->id));
}

PyObject* pause_reading(PyObject* self, PyObject* /*none*/) noexcept {
    if (!is_usable(of(self))) return nullptr;
    return none_or_error(wsecho_connection_pause_reading(of(self)->core->handle, of(self)->id));
}

PyObject* resume_reading(PyObject* self, PyObject* /*none*/) noexcept {
    if (!is_usable(of(self))) return nullptr;
    return none_or_error(wsecho_connection_resume_reading(of(self)->core->handle, of(self)->id));
}

PyObject* subscribe(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept {
    return with_channel(self, arguments, keywords, "s:subscribe", [&](const char* name) {
        return none_or_error(wsecho_subscribe(of(self)->core->handle, of(self)->id, name));
    });
}

PyObject* unsubscribe(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept {
    return with_channel(self, arguments, keywords, "s:unsubscribe", [&](const char* name) {
        return none_or_error(wsecho_unsubscribe(of(self)->core->handle, of(self)->id, name));
    });
}

PyObject* subscribe_after(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept {
    static const char* const names[] = {"channel", "number", "epoch", nullptr};
    const ConnectionObject* connection = of(self);
    const char* name = nullptr;
    PyObject* number_given = nullptr;
    PyObject* epoch_given = nullptr;
    std::uint64_t number = 0;
    std::uint64_t epoch = 0;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "sO|O:subscribe_after",
                                    const_cast<char**>(names), &name, &number_given,
                                    &epoch_given) == 0 ||
        !read_number(number_given, "number", number) ||
        (epoch_given != nullptr && !read_number(epoch_given, "epoch", epoch)) ||
        !is_usable(connection))
        return nullptr;
    wsecho_missed missed{};
    missed.version = WSECHO_MISSED_VERSION;
    missed.size = sizeof missed;
    const int code = wsecho_subscribe_after(connection->core->handle, connection->id, name, epoch,
                                            number, &missed);
    return code == WSECHO_OK ? to_python(missed) : raise(code);
}

PyObject* set_heartbeat(PyObject* self, PyObject* arguments, PyObject* keywords) noexcept {
    static const char* const names[] = {"interval_ms", "max_interval_ms", "timeout_ms", "misses",
                                        nullptr};
    const ConnectionObject* connection = of(self);
    std::array<PyObject*, 4> given{};
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "|$OOOO:set_heartbeat",
                                    const_cast<char**>(names), &given[0], &given[1], &given[2],
                                    &given[3]) == 0)
        return nullptr;
    wsecho_heartbeat heartbeat = WSECHO_HEARTBEAT_INIT;
    const std::array<uint32_t*, 4> places{&heartbeat.interval_ms, &heartbeat.max_interval_ms,
                                          &heartbeat.timeout_ms, &heartbeat.misses};
    bool is_given = false;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (given[i] == nullptr) continue;
        is_given = true;
        if (!read_number(given[i], names[i], *places[i])) return nullptr;
    }
    if (!is_usable(connection)) return nullptr;
    return none_or_error(wsecho_connection_set_heartbeat(connection->core->handle, connection->id,
                                                         is_given ? &heartbeat : nullptr));
}

PyObject* set_backpressure_policy(PyObject* self, PyObject* arguments,
                                  PyObject* keywords) noexcept {
    static const char* const names[] = {"policy", nullptr};
    PyObject* given = nullptr;
    int policy = 0;
    if (PyArg_ParseTupleAndKeywords(arguments, keywords, "O:set_backpressure_policy",
                                    const_cast<char**>(names), &given) == 0 ||
        !read_number(given, "policy", policy) || !is_usable(of(self)))
        return nullptr;
    return none_or_error(
        wsecho_connection_set_backpressure_policy(of(self)->core->handle, of(self)->id, policy));
}

}  // namespace wsecho::python
