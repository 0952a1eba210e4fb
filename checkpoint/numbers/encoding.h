// Tensors whose values are not stored as plain packed numbers.
//
// Purpose: gives the values of any rectangle of the tensor as float, for quantised blocks, scaled
// integers, strided views and adapters. The modules above see an F32 tensor (Tensor::encoding). The
// folders gguf, torch, quantised and adapter define the encodings. Lifetime: shared by the tensors
// that use it; owns its description, refers to files by index. Thread-safety: immutable; decode()
// may run in parallel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace wmk::checkpoint {

// A part of a tensor as a matrix: the last extent is the columns, all others together the rows.
struct Rectangle {
  uint64_t first_row = 0;
  uint64_t rows = 0;
  uint64_t first_column = 0;
  uint64_t columns = 0;
};

// The first rectangle of a run of `left` elements of a matrix, from element `first` on: the rest of
// a row, then whole rows, then part of a row.
inline Rectangle start_of_run(uint64_t first, uint64_t columns, uint64_t left) {
  Rectangle out{first / columns, 1, first % columns, columns};
  if (out.first_column == 0 && left >= columns) {
    out.rows = left / columns;
  } else {
    out.columns = std::min(columns - out.first_column, left);
  }
  return out;
}

class Encoding {
 public:
  virtual ~Encoding() = default;

  // "Q4_K", "GPTQ 4 bit"
  virtual std::string_view name() const = 0;
  // Bytes in the files, including scales and other tensors of its group.
  virtual uint64_t stored_bytes() const = 0;
  // Fills `out` (rows x columns, row-major) with the values, bit-equal to the formula of the format
  // in f32 (specs/gguf.md, specs/quantised.md). The rectangle must be inside the tensor.
  virtual Status decode(std::span<const ReadFile> files, const Rectangle& part,
                        std::span<float> out) const = 0;
};

}  // namespace wmk::checkpoint
