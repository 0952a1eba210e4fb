// The digest of a list of fields.
//
// Purpose: each field comes after its length, so that no two lists give the same bytes. Lifetime:
// owns a copy of the fields. Thread-safety: one caller.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace wmk::crypto {

class FieldDigest {
 public:
  void add(ByteView field);
  void add(std::string_view field) { add(as_bytes(field)); }
  // Eight bytes, little-endian, without a length of their own.
  void add_number(uint64_t number);
  template <class T>
  void add_numbers(const std::vector<T>& numbers) {
    add(std::as_bytes(std::span(numbers)));
  }
  // BLAKE2b-256.
  Bytes finish() const;

 private:
  std::string bytes_;
};

}  // namespace wmk::crypto
