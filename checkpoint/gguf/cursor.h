// Reads the header of a GGUF file from front to back.
//
// Purpose: all bytes of a GGUF header are read here. Nothing is read, skipped or allocated that is
// longer than the file. Lifetime: refers to the file. Thread-safety: one caller.
#pragma once

#include <string>
#include <string_view>

#include "base/file.h"

namespace wmk::checkpoint {

class GgufCursor {
 public:
  // Longer strings are refused. The longest in real files, chat templates, have some 10 KiB.
  static constexpr uint64_t kStringBytesMax = 64ull << 20;

  explicit GgufCursor(const ReadFile& file) : file_(file) {}

  uint64_t at() const { return window_begin_ + window_at_; }
  uint64_t left() const { return file_.size() - at(); }

  // `what` is named in the error if the file ends inside it.
  template <class T>
  Status take(T& value, std::string_view what) {
    return take_bytes(&value, sizeof value, what);
  }
  // u64 length, then the bytes.
  Status take_string(std::string& text, std::string_view what,
                     uint64_t bytes_max = kStringBytesMax);
  Status skip_string(std::string_view what);
  Status skip(uint64_t bytes, std::string_view what);
  // An Error unless `count` items of at least `each` bytes can follow.
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
