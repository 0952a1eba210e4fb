// Between the facade's types and those of the modules.
//
// Thread-safety: pure functions.
#pragma once

#include <chrono>
#include <exception>
#include <new>

#include "base/progress.h"
#include "base/result.h"
#include "weightmark/result.h"
#include "weightmark/run.h"

namespace wmk::library {

// Thrown through a computation that Run::progress stopped; it never leaves the library.
struct Cancelled {};

weightmark::Error public_error(const Error& error);

// Calls `work`, which returns a weightmark::Result, and turns what it throws into an Error.
template <class Work>
auto without_exceptions(const Work& work) noexcept -> decltype(work()) {
  using weightmark::ErrorKind;
  try {
    return work();
  } catch (const Cancelled&) {
    return weightmark::Error{ErrorKind::cancelled, "cancelled", ""};
  } catch (const std::bad_alloc&) {
    return weightmark::Error{ErrorKind::io, "out of memory", "use fewer threads"};
  } catch (const std::exception& fault) {
    return weightmark::Error{ErrorKind::internal, fault.what(), ""};
  }
}

// What `work` gives, a wmk::Result<T>, with its `seconds`.
template <class T, class Work>
weightmark::Result<T> timed(const Work& work) noexcept {
  return without_exceptions([&]() -> weightmark::Result<T> {
    const auto started = std::chrono::steady_clock::now();
    Result<T> found = work();
    if (!found) return public_error(found.error());
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started;
    found->seconds = passed.count();
    return *std::move(found);
  });
}

unsigned threads_of(const weightmark::Run& run);

}  // namespace wmk::library
