// The keyword arguments of what is made with many: each is taken once, and none may be left.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "wsecho/wsecho.h"

namespace wsecho::python {

namespace py = pybind11;

// A field of an options struct of the C interface, and the keyword of the same name.
template <class Options>
struct Field {
    const char* name;
    std::variant<const char * Options::*, std::int32_t Options::*, std::uint32_t Options::*,
                 std::uint64_t Options::*>
        place;
};

class Keywords {
  public:
    // `function` is named in errors: "Server()".
    Keywords(const char* function, const py::kwargs& given);

    void set(const char* name, const py::object& value);  // null: nothing is set
    // Null: it was not given, or as None.
    py::object take(const char* name);
    py::object take_callable(const char* name);
    bool take_flag(const char* name, bool otherwise);
    // Texts live as long as this does.
    template <class Options>
    void fill(Options& options, std::span<const Field<Options>> fields) {
        for (const auto& field : fields)
            if (const py::object value = take(field.name))
                std::visit([&](auto place) { read(field.name, value, options.*place); },
                           field.place);
    }
    // TypeError where something is left.
    void finish() const;

  private:
    void read(const char* name, const py::object& value, const char*& to);
    void read(const char* name, const py::object& value, std::int32_t& to);
    void read(const char* name, const py::object& value, std::uint32_t& to);
    void read(const char* name, const py::object& value, std::uint64_t& to);

    std::string function_;
    py::dict left_;
    std::vector<py::object> texts_;
};

[[noreturn]] void wrong_type(const std::string& name, const std::string& wanted, py::handle value);

// What pybind11 wraps, or a TypeError that names the argument.
template <class Wrapped>
Wrapped& wrapped(py::handle value, const char* name, const char* type) {
    if (!py::isinstance<Wrapped>(value)) wrong_type(name, std::string{"wsecho."} + type, value);
    return value.cast<Wrapped&>();
}

}  // namespace wsecho::python
