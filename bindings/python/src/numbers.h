// Python's integers become those of the C interface; what does not fit is an error that names it.
#pragma once

#include <pybind11/pybind11.h>

#include <cstdint>
#include <limits>

namespace wsecho::python {

// false: an exception is set, TypeError or wsecho.InvalidArgumentError. Whatever has __index__ is
// taken, as Python does.
bool read_integer(PyObject* given, const char* name, std::int64_t least, std::uint64_t most,
                  std::uint64_t& bits) noexcept;

template <class Integer>
bool read_number(PyObject* given, const char* name, Integer& to) noexcept {
    using Limits = std::numeric_limits<Integer>;
    std::uint64_t bits = 0;
    if (!read_integer(given, name, static_cast<std::int64_t>(Limits::min()),
                      static_cast<std::uint64_t>(Limits::max()), bits))
        return false;
    to = static_cast<Integer>(bits);
    return true;
}

}  // namespace wsecho::python
