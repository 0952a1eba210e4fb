// Calling the facade from Python: errors, progress, signals.
//
// Thread-safety: the functions need the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include <atomic>
#include <chrono>
#include <future>
#include <optional>

#include "weightmark/weightmark.h"

namespace wmk::python {

namespace nb = nanobind;
namespace wm = weightmark;

inline constexpr const char* kKinds[] = {
    "io",     "malformed", "unsupported", "invalid_argument", "limit_exceeded",
    "crypto", "cancelled", "internal"};

// Raises weightmark.Error(message, hint, kind).
[[noreturn]] inline void raise(const wm::Error& error) {
  const nb::object type = nb::module_::import_("weightmark._values").attr("Error");
  const nb::object made = type(error.message, error.hint, kKinds[static_cast<size_t>(error.kind)]);
  PyErr_SetObject(type.ptr(), made.ptr());
  throw nb::python_error();
}

template <class T>
T value(wm::Result<T> result) {
  if (!result) raise(result.error());
  return *std::move(result);
}

// Calls told(stage, done, total, are_bytes). False: it raised, and the exception is in `failure`.
inline bool tell(const nb::object& told, const wm::Progress& progress, nb::object& failure) {
  try {
    told(nb::str(progress.stage.data(), progress.stage.size()), progress.done, progress.total,
         progress.are_bytes);
    return true;
  } catch (const nb::python_error& error) {
    failure = nb::borrow(error.value());
    return false;
  }
}

// Runs `work` in a thread of its own, while this thread, which alone may see signals, waits for it
// without the GIL. Ctrl-C and exceptions of `told` stop the work and are raised here.
template <class Work>
auto without_gil(unsigned threads, const nb::object& told, const Work& work) {
  std::atomic<bool> is_stopped = false;
  nb::object failure;
  wm::Run run{threads, [&](const wm::Progress& progress) {
                if (is_stopped) return false;
                if (told.is_none()) return true;
                const nb::gil_scoped_acquire gil;
                return tell(told, progress, failure);
              }};
  std::optional<decltype(work(run))> result;
  {
    const nb::gil_scoped_release release;
    auto done = std::async(std::launch::async, [&] { result.emplace(work(run)); });
    while (done.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
      const nb::gil_scoped_acquire gil;
      if (!is_stopped && PyErr_CheckSignals() != 0) is_stopped = true;
    }
    done.get();
  }
  if (PyErr_Occurred() != nullptr) throw nb::python_error();
  if (failure.is_valid()) {
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(failure.ptr())), failure.ptr());
    throw nb::python_error();
  }
  return value(*std::move(result));
}

}  // namespace wmk::python
