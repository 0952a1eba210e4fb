// The numbers of a matrix whose inputs and outputs were rotated, turned back.
//
// Purpose: W = L W' R, where L and R are products of matrices that the file holds. Each number
// depends on whole rows and columns of W', so that matrices are turned as a whole; the last ones
// are kept. Lifetime and thread-safety: see NumberMatrix.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <vector>

#include "checkpoint/matrices/number_matrix.h"
#include "checkpoint/transforms/transform_matrix.h"

namespace wmk::checkpoint {

// Whole matrices that were computed last, up to a number of bytes. Thread-safe.
class WholeMatrices {
 public:
  struct Entry {
    const void* key = nullptr;
    uint64_t bytes = 0;
    std::once_flag once;
    Status status;
    std::vector<float> values;
  };
  // The entry of `key`, new and empty if it was not kept.
  std::shared_ptr<Entry> find(const void* key, uint64_t bytes);

 private:
  std::mutex mutex_;
  std::list<std::shared_ptr<Entry>> entries_;  // the last one used comes first
};

// Multiplies the columns (`left`) or the rows of a matrix, as columns, by M or M^T, in blocks of
// M's size.
struct Turn {
  std::shared_ptr<const TransformMatrix> matrix;
  bool transposed = false;
};

struct Turns {
  std::vector<Turn> left, right;  // in the order in which they are applied
  bool empty() const { return left.empty() && right.empty(); }
};

// The size of each matrix divides the extent that it is applied to.
Numbers rotated(Numbers numbers, Turns turns, std::shared_ptr<WholeMatrices> kept);

}  // namespace wmk::checkpoint
