#include "headers.h"

#include "errors.h"

namespace wsecho::python {

namespace {

std::string text_of(py::handle given) {
    if (PyUnicode_Check(given.ptr()) == 0)
        fail(PyExc_TypeError, std::string{"headers must be names and values of type str, not "} +
                                  Py_TYPE(given.ptr())->tp_name);
    auto text = given.cast<std::string>();
    if (text.find('\0') != std::string::npos)
        fail(PyExc_ValueError, "headers: embedded null character");
    return text;
}

}  // namespace

GivenHeaders::GivenHeaders(py::handle given) {
    if (!given || given.is_none()) return;
    const py::object pairs = py::hasattr(given, "items")
                                 ? given.attr("items")()
                                 : py::reinterpret_borrow<py::object>(given);
    for (const py::handle item : py::iter(pairs)) {
        const auto pair = py::reinterpret_steal<py::object>(PySequence_Fast(
            item.ptr(), "headers must be a mapping, or pairs of a name and a value"));
        if (!pair) throw py::error_already_set{};
        if (PySequence_Fast_GET_SIZE(pair.ptr()) != 2)
            fail(PyExc_ValueError, "headers must be a mapping, or pairs of a name and a value");
        texts_.emplace_back(text_of(PySequence_Fast_GET_ITEM(pair.ptr(), 0)),
                            text_of(PySequence_Fast_GET_ITEM(pair.ptr(), 1)));
    }
    for (const auto& [name, value] : texts_)
        headers_.push_back({name.c_str(), value.c_str()});
}

}  // namespace wsecho::python
