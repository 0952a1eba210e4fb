// Result<T>: a value, or the error that prevented it.
//
// No function of this library throws. A *no* is a value, never an Error.
// Lifetime: values. Thread-safety: no shared state.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace weightmark {

enum class ErrorKind {
  io,                // files, memory, network
  malformed,         // the content of a file
  unsupported,       // well-formed, but not read here
  invalid_argument,  // of a call
  limit_exceeded,
  crypto,
  cancelled,  // Run::progress asked for it
  internal    // a fault of this library
};
// "invalid_argument". Valid for ever; empty for a number that names none.
[[gnu::visibility("default")]] std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::internal;
  // One sentence without its full stop, and advice or nothing. An option of the program that they
  // name stands for the member of the same name; --force stands for `replace`.
  std::string message, hint;
};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  // Undefined unless there is a value.
  T& operator*() & { return *std::get_if<0>(&state_); }
  const T& operator*() const& { return *std::get_if<0>(&state_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
  T* operator->() { return std::get_if<0>(&state_); }
  const T* operator->() const { return std::get_if<0>(&state_); }
  // Undefined if there is a value.
  const Error& error() const { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

// Of functions that give nothing.
struct Done {};
using Status = Result<Done>;

}  // namespace weightmark
