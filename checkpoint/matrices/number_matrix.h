// Matrices of numbers in files, from which quantised tensors are composed.
//
// Purpose: packed codes, scales, zero points and look-up tables all give the floats of a rectangle;
// a format is a small tree of them. Arithmetic is in f32, element by element, so that results do
// not depend on the rectangles. Lifetime: shared and immutable; refer to files by index.
// Thread-safety: read() may run in parallel. Rectangles must be inside the matrix.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "checkpoint/numbers/encoding.h"
#include "checkpoint/tensor.h"

namespace wmk::checkpoint {

class NumberMatrix {
 public:
  NumberMatrix(uint64_t rows, uint64_t columns) : rows_(rows), columns_(columns) {}
  virtual ~NumberMatrix() = default;

  uint64_t rows() const { return rows_; }
  uint64_t columns() const { return columns_; }
  // Fills `out` (row-major, as large as `part`).
  virtual Status read(std::span<const ReadFile> files, const Rectangle& part,
                      std::span<float> out) const = 0;

 private:
  uint64_t rows_;
  uint64_t columns_;
};

using Numbers = std::shared_ptr<const NumberMatrix>;

// The bytes of a tensor as rows of `row_bytes`.
struct ByteRows {
  uint32_t file = 0;
  uint64_t offset = 0;
  uint64_t row_bytes = 0;

  // `count` bytes from `first_byte` of each of `rows` rows, without gaps. Where rows are short,
  // they are read as a whole and the columns are cut out.
  Status read(std::span<const ReadFile> files, uint64_t first_row, uint64_t rows,
              uint64_t first_byte, uint64_t count, Bytes& out) const;
};

// Types that plain_numbers() reads: floats of every kind and integers of 8 to 32 bits.
bool has_number_value(DType type);

// The elements of a tensor in their order, as rows x columns (their product is its elements()).
Numbers plain_numbers(const Tensor& tensor, uint64_t rows, uint64_t columns);

// The same number everywhere.
Numbers constant_numbers(float value);

// A row of given numbers.
Numbers listed_numbers(std::vector<float> values);

// Each number of `codes` (integers from 0) replaced by that element of `table`, a row of numbers. A
// code past the end of the table is an Error.
Numbers looked_up(Numbers codes, Numbers table);

// `slabs` stacked matrices, each of them transposed.
Numbers transposed(Numbers numbers, uint64_t slabs = 1);

// The same numbers, row by row, in rows of another length. Numbers left at the end are dropped.
Numbers reshaped(Numbers numbers, uint64_t rows, uint64_t columns);

// The numbers as the values of a tensor. `stored_bytes`: of all tensors that they are made from.
std::shared_ptr<const Encoding> encoding_of(std::string name, Numbers values,
                                            uint64_t stored_bytes);

}  // namespace wmk::checkpoint
