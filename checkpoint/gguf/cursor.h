// Reads the head of a GGUF file from front to back.
//
// Purpose: the door through which every number of a GGUF header passes: nothing is read, skipped or
// allocated that the file is too short for. Lifetime: refers to the file. Thread-safety: one user.
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"

namespace wmk::checkpoint {

class GgufCursor {
 public:
  // Longer strings are refused: the longest in the wild, chat templates, are some 10 KiB.
  static constexpr uint64_t kStringBytesMax = 64ull << 20;

  explicit GgufCursor(const ReadFile& file) : file_(file) {}

  uint64_t at() const { return window_begin_ + window_at_; }
  uint64_t left() const { return file_.size() - at(); }

  // `what` names the thing in the error of a file that ends inside it.
  template <class T>
  Status take(T& value, std::string_view what) {
    return take_bytes(&value, sizeof value, what);
  }
  // u64 length, then the bytes.
  Status take_string(std::string& text, std::string_view what,
                     uint64_t bytes_max = kStringBytesMax);
  Status skip_string(std::string_view what);
  Status skip(uint64_t bytes, std::string_view what);
  // `count` things of at least `each` bytes can follow.
  Status expect(uint64_t count, uint64_t each, std::string_view what) const;

 private:
  static constexpr uint64_t kWindowBytes = 1 << 20;

  Status take_bytes(void* to, uint64_t bytes, std::string_view what);
  Status take_length(uint64_t& bytes, std::string_view what, uint64_t bytes_max);
  Error ends_inside(std::string_view what) const;

  const ReadFile& file_;
  Bytes window_;
  uint64_t window_begin_ = 0;
  uint64_t window_at_ = 0;
};

}  // namespace wmk::checkpoint
