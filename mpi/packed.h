// Values as bytes, for messages between processes of the same program on the same kind of machine.
//
// Purpose: numbers as they lie in memory, vectors after their length, and structures field by
// field: fields(value, visit) calls visit(field) for each, and is found by the structure's
// namespace. Thread-safety: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/result.h"

namespace wmk::mpi {

class Packer {
 public:
  template <class T>
  void operator()(const T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    } else {
      fields(const_cast<T&>(value), *this);
    }
  }
  template <class T>
  void operator()(const std::vector<T>& values) {
    (*this)(uint64_t{values.size()});
    for (const T& value : values) (*this)(value);
  }
  template <class T, size_t N>
  void operator()(const std::array<T, N>& values) {
    for (const T& value : values) (*this)(value);
  }
  template <class T>
  void operator()(const std::optional<T>& value) {
    (*this)(value.has_value());
    if (value) (*this)(*value);
  }

  std::string bytes;
};

class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : left_(bytes) {}

  template <class T>
  void operator()(T& value) {
    if constexpr (std::is_arithmetic_v<T>) {
      is_good_ = is_good_ && left_.size() >= sizeof value;
      if (!is_good_) return;
      std::memcpy(&value, left_.data(), sizeof value);
      left_.remove_prefix(sizeof value);
    } else {
      fields(value, *this);
    }
  }
  template <class T>
  void operator()(std::vector<T>& values) {
    uint64_t count = 0;
    (*this)(count);
    is_good_ = is_good_ && count <= left_.size();  // a value has at least one byte
    values.resize(is_good_ ? count : 0);
    for (T& value : values) (*this)(value);
  }
  template <class T, size_t N>
  void operator()(std::array<T, N>& values) {
    for (T& value : values) (*this)(value);
  }
  template <class T>
  void operator()(std::optional<T>& value) {
    bool is_there = false;
    (*this)(is_there);
    if (!is_there || !is_good_) return;
    (*this)(value.emplace());
  }

  Status end() const {
    return is_good_ && left_.empty() ? Status() : malformed("its results are cut off");
  }

 private:
  std::string_view left_;
  bool is_good_ = true;
};

template <class T>
std::string packed(const T& value) {
  Packer out;
  out(value);
  return std::move(out.bytes);
}

template <class T>
Status unpack(std::string_view bytes, T& value) {
  Unpacker in(bytes);
  in(value);
  return in.end();
}

}  // namespace wmk::mpi
