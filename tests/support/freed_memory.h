// Looks for secrets in memory that is freed.
//
// Purpose: operator delete of the test program passes every block to the FreedMemory that is alive,
// which searches it before it is freed. Not under sanitizers, whose own operators find errors that
// these would hide. Lifetime: at most one at a time. Thread-safety: blocks may be freed by any
// thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace wmk::test {

// The bytes of an array, to search for.
template <class Values>
Bytes raw_bytes(const Values& values, size_t count) {
  const auto bytes = std::as_bytes(std::span(values).first(count));
  return {bytes.begin(), bytes.end()};
}

class FreedMemory {
 public:
  static bool is_watched();  // false under sanitizers

  struct Secret {
    std::string name;
    Bytes bytes;
  };
  explicit FreedMemory(const std::vector<Secret>& secrets);
  FreedMemory(const FreedMemory&) = delete;
  ~FreedMemory();

  size_t blocks() const { return blocks_; }  // freed so far
  // Names of the secrets that were found, in their order, separated by blanks.
  std::string found() const;

  void look_at(const void* memory, size_t bytes);

 private:
  const std::vector<Secret>& secrets_;
  std::vector<std::atomic<size_t>> counts_;
  std::atomic<size_t> blocks_{0};
};

}  // namespace wmk::test
