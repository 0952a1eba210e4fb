// The rows of an output head, in blocks of a fixed size.
//
// Purpose: blocks do not depend on threads, so sums that are merged block by block in order are the
// same for any number of them. Lifetime: refers to its checkpoint. Thread-safety: immutable.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "checkpoint/checkpoint.h"
#include "embed/output/output_head.h"

namespace wmk::embed {

class HeadRows {
 public:
  HeadRows(const checkpoint::Checkpoint& checkpoint, const OutputHead& head);

  const checkpoint::Tensor& tensor() const { return *tensor_; }
  uint64_t rows() const { return rows_; }
  size_t width() const { return width_; }
  uint64_t row_bytes() const { return tensor_->bytes / rows_; }

  size_t blocks() const { return (rows_ + block_rows_ - 1) / block_rows_; }
  uint64_t first(size_t block) const { return block * block_rows_; }
  uint64_t count(size_t block) const { return std::min(block_rows_, rows_ - first(block)); }
  uint64_t block_rows() const { return block_rows_; }

  // Rows [first, first + count) as stored.
  Status read_raw(uint64_t first, uint64_t count, Bytes& raw) const;
  // The same as floats, `count` x width. A row that is not finite becomes zero, and `finite`
  // (`count` entries) says so. `raw` is working memory, and holds the rows as stored afterwards.
  Status read(uint64_t first, uint64_t count, Bytes& raw, float* out,
              std::vector<uint8_t>& finite) const;

 private:
  const checkpoint::Checkpoint* checkpoint_;
  const checkpoint::Tensor* tensor_;
  uint64_t rows_, block_rows_;
  size_t width_;
};

}  // namespace wmk::embed
