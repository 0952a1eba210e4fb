// Tensors that are not stored row by row: transposes and slices of other tensors.
//
// Purpose: PyTorch saves a view as a storage and strides. This reads all views whose elements do
// not overlap. Values are widened like those of plain tensors. Lifetime: values. Thread-safety:
// immutable.
#pragma once

#include <string>
#include <vector>

#include "base/bytes.h"
#include "checkpoint/numbers/dtype.h"
#include "checkpoint/numbers/encoding.h"

namespace wmk::checkpoint {

// Shape and strides in elements. A factory gives only views that lie in their storage.
struct StridedView {
  std::vector<uint64_t> shape, strides;
  uint64_t offset = 0;  // of the first element

  uint64_t elements() const;
  // Row by row without gaps; extents of 1 may have any stride.
  bool is_packed() const;
  // No two elements overlap (a sufficient test, exact for the results of slicing and transposing).
  bool is_injective() const;
};

// Whether all elements are inside a storage of `count` elements; false on overflow.
bool fits(const StridedView& view, uint64_t count);

class StridedEncoding final : public Encoding {
 public:
  // `view` fits its storage, which begins at byte `begin` of `file`; `type` has_float_value.
  StridedEncoding(uint32_t file, uint64_t begin, DType type, const StridedView& view);

  std::string_view name() const override { return name_; }
  uint64_t stored_bytes() const override;
  Status decode(std::span<const ReadFile> files, const Rectangle& part,
                std::span<float> out) const override;

 private:
  // A part of the tensor that is regular in the storage.
  struct Block {
    uint64_t first, rows, row_stride, columns, column_stride;
  };
  // Runs of `length` elements, `step` apart, and from one run to the next `line_step`.
  struct Lines {
    uint64_t first, length, step, count, line_step;
  };
  Status read_lines(const ReadFile& file, const Lines& lines, std::span<float> to, uint64_t to_step,
                    Bytes& buffer) const;
  Status decode_block(const ReadFile& file, const Block& block, std::span<float> out,
                      Bytes& buffer) const;
  uint64_t place_of_row(uint64_t row) const;

  uint32_t file_;
  uint64_t begin_;
  DType type_;
  StridedView view_;  // leading extents of 1 dropped, neighbours joined where that is possible
  uint64_t elements_;
  std::string name_;
};

}  // namespace wmk::checkpoint
