// The parts of weightmark._core, one for each header of the facade that has functions.
//
// Thread-safety: the functions need the GIL.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/string_view.h>
#include <nanobind/stl/vector.h>

#include <string>

#include "python/call.h"

namespace wmk::python {

// `tensors`: rows (name, type, shape, address, bytes) of _memory.py.
wm::Model model_of(const std::string& path, const std::string& base, const std::string& naming,
                   const nb::list& tensors);
// None for an empty path.
std::optional<wm::Model> path_or_none(const std::string& path);

// A list of tuples: what `as_tuple` makes of each.
template <class T, class Made>
nb::list rows(const std::vector<T>& values, const Made& as_tuple) {
  nb::list out;
  for (const T& each : values) out.append(as_tuple(each));
  return out;
}

void add_marks(nb::module_& module);  // detect, embed
void add_arbitrate(nb::module_& module);
void add_compare(nb::module_& module);
void add_inspect(nb::module_& module);
void add_logits(nb::module_& module);
void add_sign(nb::module_& module);
void add_trace(nb::module_& module);

}  // namespace wmk::python
