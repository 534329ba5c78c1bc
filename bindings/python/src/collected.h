// Has Python's collector see through a class that pybind11 wraps: it has
//   int traverse(visitproc visit, void* arg) const;  and  void clear();
#pragma once

#include <pybind11/pybind11.h>

namespace wsecho::python {

template <class Wrapped>
class Collected {
  public:
    static void set_up(PyHeapTypeObject* heap_type) {
        PyTypeObject& type = heap_type->ht_type;
        type.tp_flags |= Py_TPFLAGS_HAVE_GC;
        // Its end may give up the lock: the collector, on another thread, must not come upon it
        // then.
        type.tp_dealloc = [](PyObject* self) {
            PyObject_GC_UnTrack(self);
            PyObject* base = pybind11::detail::get_internals().instance_base;
            reinterpret_cast<PyTypeObject*>(base)->tp_dealloc(self);
        };
        type.tp_traverse = [](PyObject* self, visitproc visit, void* arg) {
            Py_VISIT(Py_TYPE(self));
            const Wrapped* wrapped = constructed(self);
            return wrapped == nullptr ? 0 : wrapped->traverse(visit, arg);
        };
        type.tp_clear = [](PyObject* self) {
            if (Wrapped* wrapped = constructed(self)) wrapped->clear();
            return 0;
        };
    }

  private:
    // nullptr: it is being made, or ended.
    static Wrapped* constructed(PyObject* self) {
        auto* instance = reinterpret_cast<pybind11::detail::instance*>(self);
        const auto value = instance->get_value_and_holder();
        return value.holder_constructed() ? static_cast<Wrapped*>(value.value_ptr()) : nullptr;
    }
};

}  // namespace wsecho::python
