// One tensor of a checkpoint: name, type, shape and place.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "checkpoint/numbers/dtype.h"
#include "checkpoint/numbers/encoding.h"

namespace wmk::checkpoint {

// Row-major and packed. The reader checked that shape, type and byte range agree and lie inside the
// file. A tensor with an encoding reads as F32 of the same shape: `bytes` is the size of those
// floats, and `offset` is only where its data begin.
struct Tensor {
  std::string name;
  DType dtype = DType::f32;
  std::vector<uint64_t> shape;
  uint32_t file = 0;    // index into Checkpoint::files()
  uint64_t offset = 0;  // bytes from the start of that file
  uint64_t bytes = 0;
  std::shared_ptr<const Encoding> encoding = nullptr;

  uint64_t stored_bytes() const { return encoding ? encoding->stored_bytes() : bytes; }

  uint64_t elements() const {
    uint64_t count = 1;
    for (uint64_t extent : shape) count *= extent;
    return count;
  }
};

// "[8, 16]"
inline std::string shape_text(const std::vector<uint64_t>& shape) {
  std::string out = "[";
  for (size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) out += ", ";
    out += std::to_string(shape[i]);
  }
  return out + "]";
}

}  // namespace wmk::checkpoint
