// The wire format of protobuf, read from a file field by field.
//
// Purpose: a checkpoint is one message of many gigabytes, so nothing but small fields is ever in
// memory: contents of tensors are passed over, and their place is kept. Lifetime: refers to the
// file. Thread-safety: none; one caller.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace wmk::checkpoint {

struct WireRange {
  uint64_t begin = 0, end = 0;  // bytes from the start of the file
  uint64_t size() const { return end - begin; }
};

struct WireField {
  uint32_t number = 0;
  bool is_number = false;  // a varint; else bytes
  uint64_t value = 0;
  WireRange bytes;
};

class WireReader {
 public:
  explicit WireReader(const ReadFile& file) : file_(file) {}

  // The field at `rest.begin`, which moves behind it. Error (malformed): it does not end inside
  // `rest`, or is neither a number nor bytes.
  Result<WireField> take_field(WireRange& rest);
  Result<uint64_t> take_number(WireRange& rest);
  // A short text. Error: longer than `bytes_max`, or not UTF-8.
  Result<std::string> text(const WireRange& range, uint64_t bytes_max);

 private:
  Result<uint8_t> byte_at(uint64_t at);

  const ReadFile& file_;
  std::array<std::byte, 1024> window_;
  uint64_t window_begin_ = 0, window_end_ = 0;
};

}  // namespace wmk::checkpoint
