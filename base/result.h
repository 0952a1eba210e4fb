// Result<T>: a value, or the error that prevented it.
//
// Purpose: errors travel as values. Each level that passes an error on adds one clause in front
// ("model.safetensors: tensor 'x': data ends past the file"). Member names follow std::expected.
// Answers such as "not found" have types of their own and are never an Error.
// Thread-safety: plain values without shared state.
#pragma once

#include <cassert>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace wmk {

enum class ErrorCode {
  io,
  malformed,
  duplicate_key,  // malformed JSON: an object has the same key twice
  unsupported,
  invalid_argument,
  limit_exceeded,
  crypto
};

class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }
  // Advice for the user, or empty.
  const std::string& hint() const { return hint_; }

  // Puts "clause: " in front of the message.
  Error within(std::string_view clause) && {
    message_.insert(0, std::string(clause) + ": ");
    return std::move(*this);
  }
  Error with_hint(std::string hint) && {
    hint_ = std::move(hint);
    return std::move(*this);
  }

 private:
  ErrorCode code_;
  std::string message_;
  std::string hint_;
};

// The most common error: invalid content of a file.
inline Error malformed(std::string message) {
  return Error(ErrorCode::malformed, std::move(message));
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return state_.index() == 0; }
  explicit operator bool() const { return has_value(); }

  T& operator*() & { return *checked(); }
  const T& operator*() const& { return *const_cast<Result*>(this)->checked(); }
  T&& operator*() && { return std::move(*checked()); }
  T* operator->() { return checked(); }
  const T* operator->() const { return const_cast<Result*>(this)->checked(); }

  const Error& error() const& { return std::get<1>(state_); }
  Error error() && { return std::move(std::get<1>(state_)); }

 private:
  T* checked() {
    assert(has_value());
    return std::get_if<0>(&state_);
  }
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::in_place_index<1>, std::move(error)) {}

  bool has_value() const { return error_.index() == 0; }
  explicit operator bool() const { return has_value(); }
  const Error& error() const& { return std::get<1>(error_); }
  Error error() && { return std::move(std::get<1>(error_)); }

 private:
  std::variant<std::monostate, Error> error_;
};

using Status = Result<void>;

}  // namespace wmk
