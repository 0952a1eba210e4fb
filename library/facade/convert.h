// Between the facade's types and those of the modules.
//
// Thread-safety: pure functions.
#pragma once

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

unsigned threads_of(const weightmark::Run& run);

}  // namespace wmk::library
